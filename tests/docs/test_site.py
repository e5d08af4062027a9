"""`autostats docs`: one file, clicked through in a browser, with nothing in it of the machine it is from."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import chromium, opened
from support.engines import mysql_python
from support.installed import bare_environment, hear_ctrl_c, run_command
from support.page_checks import SCHEMES

pytestmark = pytest.mark.slow

SECRET = "hunter2-in-no-page"


@pytest.fixture(scope="module")
def source_url(facility: Path) -> dict[str, str]:
    return {"AUTOSTATS_SOURCE_URL": f"sqlite:///{facility / 'source.sqlite'}"}


@pytest.fixture(scope="module")
def site(facility: Path, source_url: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("site") / "site.html"
    told = source_url | {"DBT_ENV_SECRET_AUTOSTATS_PASSWORD": SECRET, "DBT_ENV_CUSTOM_ENV_X": SECRET}
    ran = run_command(("docs", "--home", facility, "--output", file), facility / "nobody", told)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{file}\n"
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    return file


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def open_folders(page: Page, *names: str) -> None:
    for name in names:
        page.locator("a.menu-tree:visible", has_text=re.compile(rf"^\s*{name}\s*$")).click()


def test_nothing_of_the_machine_is_in_it(site: Path, facility: Path) -> None:
    text = site.read_text(encoding="utf-8")
    assert "The daily record of data reduction" in text
    place = facility.parent
    secrets = (str(place), place.name, str(Path.cwd()), str(Path.home()) + "/", "sqlite:", SECRET)
    # Not an assertion each: pytest would compare megabytes.
    assert not [secret for secret in secrets if secret in text]


def test_it_can_be_clicked_through(site: Path, browser: Browser) -> None:
    with opened(browser, site, 1400, 1000) as seen:
        page = seen.page
        expect(page.get_by_role("heading", name="The daily record of data reduction")).to_be_visible()
        expect(page.locator("pre code", has_text="from fct_instrument_daily")).to_be_visible()
        open_folders(page, "autostats", "models", "marts", "instruments")
        page.locator("a[data-nav-unique-id$='.fct_instrument_daily']:visible").click()
        expect(page.get_by_text("One row per instrument and local day").first).to_be_visible()
        row = page.locator("tr", has_text="exe_time_sum").first
        expect(row).to_contain_text("seconds")
        expect(page.get_by_text("public", exact=True).first).to_be_visible()
        assert (seen.requests, seen.complaints) == ([], [])


def test_the_lineage_goes_from_the_source_to_the_commands(site: Path, browser: Browser) -> None:
    with opened(browser, site, 1400, 1000) as seen:
        page = seen.page
        page.locator(".launcher-btn a").first.click()
        page.wait_for_function("document.querySelector('#graph-viz canvas, #graph-viz-wrapper canvas')")
        page.wait_for_timeout(1500)
        places = page.evaluate(
            """() => {
                const service = angular.element(document.body).injector().get("graph");
                const nodes = service.graph.elements.filter(e => e.group === "nodes").map(e => e.data.id);
                const edges = service.graph.elements.filter(e => e.group === "edges")
                    .map(e => [e.data.source, e.data.target]);
                return {direction: service.graph.layout.rankDir, nodes, edges};
            }"""
        )
        assert places["direction"] == "LR"
        kinds = {name.split(".")[0] for name in places["nodes"]}
        assert {"source", "seed", "model", "exposure"} <= kinds
        assert "unit_test" not in kinds
        assert len(places["edges"]) > 30
        assert (seen.requests, seen.complaints) == ([], [])


def test_every_page_can_be_opened(site: Path, browser: Browser) -> None:
    with opened(browser, site, 1400, 1000) as seen:
        page = seen.page
        pages = page.evaluate(
            """() => new Promise(done => angular.element(document.body).injector().get("project").ready(
                project => done(
                    Object.values(project.nodes).concat(Object.values(project.macros))
                        .filter(node => ["model", "seed", "source", "exposure", "macro"]
                            .includes(node.resource_type))
                        .map(node => [node.resource_type, node.unique_id, node.label || node.name])
                )
            ))"""
        )
        assert len({kind for kind, _, _ in pages}) == 5
        for kind, unique_id, name in pages:
            page.evaluate("address => { window.location.hash = address }", f"#!/{kind}/{unique_id}")
            expect(page.locator("h1:visible").first).to_contain_text(name)
        assert (seen.requests, seen.complaints) == ([], [])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_fits_a_phone_and_has_dark_colours(site: Path, browser: Browser, scheme: Any) -> None:
    table = "#!/model/model.autostats.fct_instrument_daily"
    with opened(browser, site, 390, 844, scheme, fragment=table) as seen:
        page = seen.page
        expect(page.locator("h1:visible").first).to_contain_text("fct_instrument_daily")
        widths = page.evaluate(
            """() => [".app", ".app-menu", ".app-content", "#search", "h1", ".panel"].map(
                name => [...document.querySelectorAll(name)].find(each => each.checkVisibility())
                    .getBoundingClientRect().right
            )"""
        )
        assert max(widths) <= 390
        menu, content = (page.locator(name).bounding_box() for name in (".app-menu", ".app-content"))
        assert menu is not None
        assert content is not None
        assert menu["y"] + menu["height"] <= content["y"] + 1
        assert content["height"] > 400
        expect(page.locator("a[data-nav-unique-id$='.fct_instrument_daily']:visible")).to_be_in_viewport()
        filtered = page.evaluate("getComputedStyle(document.documentElement).filter")
        assert ("invert" in filtered) == (scheme == "dark")
        assert (seen.requests, seen.complaints) == ([], [])


def test_it_names_the_facility_and_the_owner(
    facility: Path, source_url: dict[str, str], tmp_path: Path, browser: Browser
) -> None:
    file = tmp_path / "site.html"
    told = {"AUTOSTATS_FACILITY_NAME": "A <Source>", "AUTOSTATS_OWNER": "Reduction <reduction@a.example>"}
    ran = run_command(("docs", "--home", facility, "--output", file), tmp_path / "nobody", source_url | told)
    assert (ran.code, ran.err) == (0, "")
    with opened(browser, file, 1400, 1000) as seen:
        expect(seen.page.get_by_text("A <Source>", exact=True)).to_be_visible()
        expect(seen.page).to_have_title("A <Source>: autostats")
    for address in ("model/model.autostats.fct_jobs", "exposure/exposure.autostats.autostats_report"):
        with opened(browser, file, 1400, 1000, fragment=f"#!/{address}") as seen:
            expect(seen.page.get_by_text("reduction@a.example").first).to_be_visible()
            assert (seen.requests, seen.complaints) == ([], [])


def test_dbt_1_7_makes_one_too(
    facility: Path, source_url: dict[str, str], tmp_path: Path, browser: Browser
) -> None:
    file = tmp_path / "site.html"
    subprocess.run(
        [mysql_python(), "-m", "autostats", "docs", "--home", facility, "--output", file],
        env=bare_environment(tmp_path) | source_url,
        capture_output=True,
        check=True,
    )
    with opened(browser, file, 1400, 1000) as seen:
        page = seen.page
        expect(page.get_by_role("heading", name="The daily record of data reduction")).to_be_visible()
        open_folders(page, "autostats", "models", "marts", "jobs")
        page.locator("a[data-nav-unique-id$='.fct_jobs']:visible").click()
        expect(page.locator("tr", has_text="exe_time").first).to_contain_text("seconds")
        page.locator(".launcher-btn a").first.click()
        page.wait_for_timeout(1500)
        assert (seen.requests, seen.complaints) == ([], [])


def test_it_is_served_to_this_machine_alone(
    facility: Path, source_url: dict[str, str], tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "autostats", "docs", "--serve", "--port", str(port), "--home", str(facility)],
        env=bare_environment(tmp_path) | source_url,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )
    try:
        assert server.stderr is not None
        assert f"http://127.0.0.1:{port}" in server.stderr.readline()
        with urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert "The daily record of data reduction" in answer.read().decode()
        for path in ("/autostats.duckdb", "/../autostats.duckdb", "/logs/"):
            with pytest.raises(HTTPError, match="404"):
                urlopen(f"http://127.0.0.1:{port}{path}")
        taken = run_command(("docs", "--serve", "--port", port, "--home", facility), tmp_path, source_url)
        assert (taken.code, taken.out) == (2, "")
        assert "--port" in taken.err
    finally:
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=20)
    assert (server.returncode, err) == (0, "")
    assert out == f"{facility / 'autostats-docs.html'}\n"


def test_it_waits_for_nobody_for_ever(facility: Path, source_url: dict[str, str], tmp_path: Path) -> None:
    from autostats.home import Home
    from autostats.run import lock

    file = tmp_path / "site.html"
    with lock.hold(Home(facility), 0):
        started = time.monotonic()
        ran = run_command(("docs", "--home", facility, "--wait", "0", "--output", file), tmp_path, source_url)
    assert ran.code == 5, ran.err
    assert time.monotonic() - started < 30
    assert not file.exists()


def test_without_statistics_or_source_it_says_so(facility: Path, tmp_path: Path) -> None:
    ran = run_command(("docs", "--home", tmp_path / "none"), tmp_path, {})
    assert ran.code == 2
    assert "autostats run" in ran.err
    assert not (tmp_path / "none").exists()
    gone = {"AUTOSTATS_SOURCE_URL": f"sqlite:///{tmp_path}/gone.sqlite"}
    ran = run_command(("docs", "--home", facility, "--output", tmp_path / "x.html"), tmp_path, gone)
    assert ran.code == 6, ran.err
    assert not (tmp_path / "x.html").exists()
