"""`/`: what needs attention first, the figures of the report, and filters in the address."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from autostats.brand import Brand
from autostats.home import Home
from autostats.logo import checked_logo
from autostats.serve.pages import Pages
from autostats.text import printable
from support.asking import Asked, asked
from support.exposures import exposed, tables_read
from support.homes import STRANGE_NAMES
from support.installed import Autostats
from support.logos import PNG
from support.page import Element, read_page, table
from support.published import jobs_by_day, odd_values, publish

NOW = datetime(2020, 2, 13, 8)
DAYS = "from=2020-02-06&to=2020-02-12"
EMPTY = '<svg role="img" aria-label="nothing"></svg>'
Asking = Callable[..., Asked]
BUILD = "20200213T001530123456Z"


@pytest.fixture(autouse=True)
def _no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("page.gather", "charts.statistic"):
        monkeypatch.setattr(f"autostats.{module}.as_svg", lambda chart, look: EMPTY)


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """Return what starts the application on the statistics of a home."""
    with ExitStack() as stack:

        def ask(marts: Path | None, now: datetime = NOW) -> Asked:
            home = Home(tmp_path_factory.mktemp("served"))
            build = publish(
                home.root, [jobs_by_day(), odd_values()], build=BUILD, failed={"mine": "Binder Error: no <b>"}
            )
            if marts is not None:
                shutil.copy(marts / "autostats.duckdb", home.published / f"{build}.marts.duckdb")
            return stack.enter_context(asked(home.root, now))

        yield ask


@pytest.fixture(scope="module")
def busy(asking: Asking, busy_home: Path) -> Asked:
    return asking(busy_home)


@pytest.fixture(scope="module")
def bare(asking: Asking) -> Asked:
    """The application on a build without figures."""
    return asking(None)


@pytest.fixture(scope="module")
def strange(asking: Asking, strange_home: Path) -> Asked:
    return asking(strange_home)


def page_of(answer: httpx.Response, status: int = 200) -> Element:
    assert answer.status_code == status, answer.text[:2000]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return read_page(answer.text)


def ids(page: Element) -> list[str | None]:
    return [section.attributes["id"] for section in page.all("section")]


def test_what_needs_attention_comes_first(busy: Asked) -> None:
    page = page_of(busy.get(f"/?{DAYS}"))
    assert ids(page) == [
        *("attention", "headline", "instruments", "charts", "missing", "freshness", "tables"),
        *("availability", "statistics", "reading"),
    ]
    first = page.by_id("attention").all("li")[0]
    assert first.attributes["class"] == "high"
    assert "since" in first.text
    headings = [element.tag for element in page.all("h1", "h2", "h3")]
    assert headings[:2] == ["h1", "h2"]


def test_figures_are_those_of_the_report(busy: Asked, busy_home: Path, autostats: Autostats) -> None:
    page = page_of(busy.get(f"/?{DAYS}&instrument=wish&instrument=GEM"))
    words = ("--from", "2020-02-06", "--to", "2020-02-12", "--format", "html")
    report = read_page(autostats("report", "WISH", "GEM", *words, "--home", busy_home).out)
    for name in ("summary", "missing"):
        assert table(page, name) == table(report, name)
    assert page.by_id("headline").text == report.by_id("headline").text
    checked = [box.attributes["value"] for box in page.all("input") if "checked" in box.attributes]
    assert checked == ["GEM", "WISH"]
    fields = {each.attributes["name"]: each.attributes["value"] for each in page.all("input")}
    assert (fields["from"], fields["to"]) == ("2020-02-06", "2020-02-12")


def test_a_good_day_is_one_quiet_sentence(asking: Asking, wish_home: Path) -> None:
    page = page_of(asking(wish_home).get(f"/?{DAYS}"))
    attention = page.by_id("attention")
    assert (attention.all("li"), attention.all("p")[0].text) == ([], "Nothing needs attention.")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("last=4x", "last '4x' is not a span of days."),
        ("last=4w&from=2020-02-01", "last and from both set the start of the period."),
        ("from=2020-02-09&to=2020-02-03", "from 2020-02-09 is after to 2020-02-03."),
        ("from=2031-01-01", "from 2031-01-01 is in the future."),
        ("to=1", "to '1' is not a day."),
        ("cycle=1", "There is no beam cycle '1'."),
        ("instrument=WISHH", "There is no instrument 'WISHH'. Did you mean WISH?"),
        ("instrument=%3Cscript%3E", "There is no instrument '<script>'."),
        ("instrument=%00", "A parameter holds a null character."),
        ("lst=4w", "There is no parameter 'lst' here. Did you mean last?"),
        ("last=4w&last=1y", "last is given 2 times."),
        ("page=1", "There is no parameter 'page' here."),
    ],
)
def test_nonsense_is_explained_on_the_page(busy: Asked, query: str, said: str) -> None:
    answer = busy.get(f"/?{query}")
    page = page_of(answer, 400)
    (alert,) = [element for element in page.all("p") if element.attributes.get("role") == "alert"]
    assert alert.text.startswith(said)
    assert "--" not in alert.text
    assert answer.headers["cache-control"] == "no-store"
    assert ids(page) == ["statistics"]


def test_an_empty_field_of_the_form_says_nothing(busy: Asked) -> None:
    assert busy.get("/?last=&from=&to=&cycle=&instrument=").headers["etag"] == busy.get("/").headers["etag"]


def test_strange_names_do_no_harm(strange: Asked) -> None:
    day = {"from": "2020-02-11", "to": "2020-02-11"}
    whole = strange.get(f"/?{urlencode(day)}")
    assert "<img src=x" not in whole.text
    assert "\x1b" not in whole.text
    boxes = [box for box in page_of(whole).all("input") if box.attributes.get("type") == "checkbox"]
    assert len(boxes) == len(STRANGE_NAMES)
    # What the form sends means the instrument, and so does the name as it is.
    sent = [box.attributes["value"] or "" for box in boxes]
    for name in (*sent[1::2], "a\x1b[31m\nb"):
        answer = strange.get(f"/?{urlencode(day | {'instrument': name})}")
        assert [row[0] for row in table(page_of(answer), "summary")[1:]] == [printable(name)]


def test_its_exposure_names_the_tables_that_it_reads(busy: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    read = tables_read(monkeypatch)
    for query in ("last=4d", "last=4d&instrument=WISH", "cycle=2019/04"):
        page_of(busy.get(f"/?{query}"))
    assert read() == exposed()["dashboard"]


def test_a_tag_saves_the_page(busy: Asked) -> None:
    first = busy.get(f"/?{DAYS}")
    tag = first.headers["etag"]
    assert (first.headers["vary"], first.headers["cache-control"]) == ("Accept", "public, no-cache")
    assert f'data-tag="{tag}"'.replace('"', "") in first.text.replace("&#34;", "").replace('"', "")
    again = busy.get(f"/?{DAYS}", if_none_match=tag)
    assert (again.status_code, again.content) == (304, b"")
    head = busy.head(f"/?{DAYS}")
    assert (head.status_code, head.headers["etag"], head.content) == (200, tag, b"")
    assert busy.get(f"/?{DAYS}&instrument=WISH").headers["etag"] != tag
    assert busy.get(f"/?{DAYS}").content == first.content


def test_a_page_is_another_on_the_next_day(asking: Asking, busy_home: Path) -> None:
    tags = {asking(busy_home, NOW.replace(day=day)).get("/").headers["etag"] for day in (13, 14)}
    assert len(tags) == 2


def test_late_statistics_say_so(asking: Asking, busy_home: Path) -> None:
    page = page_of(asking(busy_home, NOW.replace(day=20)).get("/"))
    assert "has autostats run stopped?" in page.by_id("top").text


def test_it_works_without_charts(busy: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autostats.page.dashboard_content.can_draw", lambda: False)
    page = page_of(busy.get("/?last=5d"))
    charts = page.by_id("charts")
    assert [
        element for element in charts.all("svg") if element.attributes.get("aria-label") == "nothing"
    ] == []
    assert table(page, "jobs-numbers")


def test_a_build_without_figures_lists_its_statistics(bare: Asked) -> None:
    answer = bare.get("/")
    page = page_of(answer, 503)
    assert answer.headers["retry-after"] == "60"
    listed = table(page, "statistics")
    assert [row[0] for row in listed[1:]] == ["jobs-1d", "mine", "odd-1h"]
    assert "Failed: Binder Error: no <b>" in listed[2][1]
    links = [link.attributes["href"] for link in page.by_id("statistics").all("a")]
    assert "/api/jobs-1d?format=html" in links
    assert not [link for link in links if link and "mine" in link]


def test_a_page_that_takes_too_long_is_cut(busy: Asked) -> None:
    state = busy.state
    state.pages.close()
    state.pages = Pages(limit=0.01)
    answer = busy.get("/?last=3d")
    page_of(answer, 504)
    assert answer.headers["retry-after"] == "60"
    state.pages.close()
    state.pages = Pages()
    assert busy.get("/?last=3d").status_code == 200


def test_the_script_is_ours_and_alone(busy: Asked) -> None:
    page = page_of(busy.get("/"))
    assert [script.attributes for script in page.all("script")] == [
        {"src": "/static/dashboard.js", "defer": None}
    ]
    answer = busy.get("/static/dashboard.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    known = busy.get("/static/dashboard.js", if_none_match=answer.headers["etag"])
    assert known.status_code == 304
    assert busy.get("/static/../pyproject.toml").status_code == 404
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self' 'sha256-" in policy
    for element in page.all("a", "link", "form", "script", "img"):
        for name in ("href", "src", "action"):
            address = element.attributes.get(name) or "/"
            assert address.startswith(("/", "#", "data:")), address


def test_the_page_of_a_statistic_has_filters(bare: Asked) -> None:
    words = "format=html&start=2020-02-10&stop=&instrument=WISH&rows_per_page=2"
    answer = bare.get(f"/api/jobs-1d?{words}")
    page = page_of(answer)
    assert table(page, "rows")[1][:2] == ["2020-02-12", "WISH"]
    fields = {element.attributes["name"]: element.attributes.get("value") for element in page.all("input")}
    assert (fields["format"], fields["start"], fields["stop"]) == ("html", "2020-02-10", "")
    boxes = [box for box in page.all("input") if box.attributes["name"] == "instrument"]
    assert [(box.attributes["value"], "checked" in box.attributes) for box in boxes] == [
        ("GEM", False),
        ("MARI", False),
        ("WISH", True),
    ]
    links = {link.text: link.attributes["href"] for link in page.all("a")}
    assert links["All statistics"] == "/"
    assert EMPTY[:20] in answer.text
    following = bare.get(links["Next page"] or "")
    assert EMPTY[:20] not in following.text
    assert "Previous page" in following.text
    csv = bare.get(links["CSV"] or "")
    assert len(csv.text.splitlines()) == 4


def test_odd_values_can_be_chosen(bare: Asked) -> None:
    page = page_of(bare.get("/api/odd-1h?format=html"))
    values = [box.attributes["value"] for box in page.all("input") if box.attributes["name"] == "name"]
    assert len(values) == 4
    for value in values:
        found = bare.get(f"/api/odd-1h?{urlencode({'format': 'html', 'name': value or ''})}")
        assert len(table(page_of(found), "rows")) == (3 if value == "" else 2), value


def test_pages_begin_with_the_facility(asking: Asking, busy_home: Path) -> None:
    own = asking(busy_home)
    addresses = (f"/?{DAYS}", "/api/jobs-1d?format=html", "/?from=never")
    before = [own.get(address) for address in addresses]
    own.state.brand = Brand("A <Source>", checked_logo(PNG))
    for address, without in zip(addresses, before, strict=True):
        answer = own.get(address, if_none_match=without.headers.get("etag", ""))
        page = page_of(answer, without.status_code)
        (logo,) = page.all("img")
        assert logo.attributes["alt"] == page.all("header")[0].all("p")[0].text == "A <Source>"
        assert page.all("title")[0].text.startswith("A <Source>: ")
        assert read_page(without.text).all("img") == []
