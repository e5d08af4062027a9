"""What is told to be typed installs this autostats, from where it came, and never PyPI's of that name."""

import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from autostats import installation
from autostats.installation import adapter_line, install_line, upgrade_advice

ROOT = Path(__file__).parents[1]
PIP = f"{shlex.quote(sys.executable)} -m pip install"
FOLDER: dict[str, Any] = {"url": "file:///srv/check%20outs/autostats", "dir_info": {}}
CHECKOUT: dict[str, Any] = {**FOLDER, "dir_info": {"editable": True}}
WHEEL: dict[str, Any] = {"url": "file:///srv/autoreduction_stats-0.1.0-py3-none-any.whl", "archive_info": {}}
GIT: dict[str, Any] = {
    "url": "https://git.example/stats.git",
    "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "0" * 40},
}
METADATA = """Metadata-Version: 2.4
Name: autoreduction-stats
Version: 0.1.0
Provides-Extra: charts
Provides-Extra: mysql
Provides-Extra: notify
Requires-Dist: duckdb
Requires-Dist: pytest; extra == "charts"
Requires-Dist: dbt-nothing; extra == "mysql"
Requires-Dist: rich-nothing; extra == "notify"
"""
Install = Callable[[dict[str, Any] | None], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Make Python find the distribution as an installer leaves it, with PEP 610's `direct_url.json`."""

    def installed(direct_url: dict[str, Any] | None) -> None:
        folder = tmp_path / "site" / "autoreduction_stats-0.1.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(METADATA)
        if direct_url is not None:
            (folder / "direct_url.json").write_text(json.dumps(direct_url))
        monkeypatch.syspath_prepend(str(folder.parent))

    return installed


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "prefix"
    folder.mkdir()
    monkeypatch.setattr(sys, "prefix", str(folder))
    return folder


@pytest.mark.parametrize(
    ("direct_url", "words"),
    [
        (CHECKOUT, "-e '/srv/check outs/autostats[charts]'"),
        (FOLDER, "'/srv/check outs/autostats[charts]'"),
        (WHEEL, "'/srv/autoreduction_stats-0.1.0-py3-none-any.whl[charts]'"),
        (GIT, "'autoreduction-stats[charts] @ git+https://git.example/stats.git@v1'"),
        ({"url": WHEEL["url"].replace("file://", "https://example"), "archive_info": {}}, None),
        (None, "'autoreduction-stats[charts]'"),
    ],
)
def test_an_extra_comes_from_where_the_rest_came_from(
    direct_url: dict[str, Any] | None, words: str | None, install: Install
) -> None:
    install(direct_url)
    if words is None:
        assert direct_url is not None
        words = f"'autoreduction-stats[charts] @ {direct_url['url']}'"
    assert install_line("charts") == f"{PIP} {words}"


def test_without_an_extra_nothing_is_in_brackets(install: Install) -> None:
    install(CHECKOUT)
    assert install_line() == f"{PIP} -e '/srv/check outs/autostats'"


def test_mysql_gets_an_environment_of_its_own(install: Install) -> None:
    install(WHEEL)
    assert install_line("mysql") == (
        f"{shlex.quote(sys.executable)} -m venv autostats-mysql && autostats-mysql/bin/python -m pip install "
        "'/srv/autoreduction_stats-0.1.0-py3-none-any.whl[mysql]'"
    )


@pytest.mark.parametrize(
    ("file", "again", "newer"),
    [
        ("pipx_metadata.json", "pipx install --force", "pipx upgrade autoreduction-stats"),
        ("uv-receipt.toml", "uv tool install --force", "uv tool upgrade autoreduction-stats"),
    ],
)
def test_a_tool_that_rebuilds_its_environment_keeps_the_extras(
    file: str, again: str, newer: str, install: Install, prefix: Path
) -> None:
    """Of the fixture's extras only `charts` has all its packages here."""
    install(None)
    (prefix / file).touch()
    assert install_line("notify") == f"{again} 'autoreduction-stats[charts,notify]'"
    assert install_line() == f"{again} 'autoreduction-stats[charts]'"
    assert upgrade_advice() == f"Upgrade this one: `{newer}`."


def test_an_environment_without_pip_is_one_of_uv(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install(None)
    monkeypatch.setattr(installation, "find_spec", lambda name: None)
    assert install_line("charts") == (
        f"uv pip install --python {shlex.quote(sys.executable)} 'autoreduction-stats[charts]'"
    )


@pytest.mark.parametrize(
    ("direct_url", "sentence"),
    [
        (None, f"Upgrade this one: `{PIP} --upgrade autoreduction-stats`."),
        (
            CHECKOUT,
            f"Bring /srv/check outs/autostats up to date, then: `{PIP} -e '/srv/check outs/autostats'`.",
        ),
        (
            WHEEL,
            "Install a newer wheel than /srv/autoreduction_stats-0.1.0-py3-none-any.whl, as in "
            f"`{PIP} /srv/autoreduction_stats-0.1.0-py3-none-any.whl`.",
        ),
    ],
)
def test_a_newer_version_comes_from_there_too(
    direct_url: dict[str, Any] | None, sentence: str, install: Install
) -> None:
    install(direct_url)
    assert upgrade_advice() == sentence


def test_an_adapter_that_is_no_extra_is_a_package_of_its_own(install: Install) -> None:
    install(CHECKOUT)
    assert adapter_line("oracle") == f"{PIP} dbt-oracle"
    assert "autostats-mysql/bin/python -m pip install -e" in adapter_line("mysql")


def test_this_checkout_says_how_it_was_installed_itself() -> None:
    assert install_line("charts") == f"{PIP} -e {shlex.quote(f'{ROOT}[charts]')}"


def test_no_page_and_no_source_names_the_package_of_somebody_else() -> None:
    wrong = re.compile(
        r"\b(?:pip3?|pipx|tool) install(?: -\S+)* ['\"]?autostats(?![\w.-]*/)|(?<![\w/])autostats\[[a-z{]"
    )
    texts = [
        file
        for part in (
            "*",
            ".ci/*",
            "docs/**/*",
            "runner/**/*",
            "models/**/*",
            "macros/**/*",
            "tests/**/*",
            "bench/**/*",
        )
        for file in ROOT.glob(part)
        if file.suffix in {".md", ".py", ".toml", ".yml", ".sql", ".json", ".lock", ".html", ""}
        and file.is_file()
    ]
    assert len(texts) > 300
    found = {
        str(file.relative_to(ROOT)): match[0]
        for file in texts
        if (match := wrong.search(" ".join(file.read_text(encoding="utf-8").split())))
    }
    assert found == {}


def test_the_pages_name_the_wheel_of_this_version() -> None:
    from autostats import __version__

    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")]
    assert set(re.findall(r"autoreduction_stats-([\d.]+)-py3", "".join(pages))) == {__version__}
