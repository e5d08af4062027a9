"""The numbers of each chart against a count of the jobs in plain Python, and the pictures made from them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from xml.etree import ElementTree

import pytest
from autostats.charts import DARK, LIGHT, PAGE, Chart, ChartName, Look, as_png, as_svg, read_chart
from autostats.charts.heat import heat_classes, heat_place
from autostats.charts.palette import COLOURS, PROPERTIES
from autostats.charts.scales import bar_rows, round_numbers
from autostats.charts.strips import strips
from autostats.charts.terminal import Screen, as_text
from autostats.charts.ticks import ticks
from autostats.dbt_setup.setup import Setup
from autostats.home import Home
from autostats.period import Period
from autostats.queries.buckets import By
from autostats.queries.scope import Scope
from autostats.queries.settings import read_settings
from autostats.text import printable
from autostats.verification.job import Job, SourceJob
from autostats.verification.settings import Settings
from autostats.warehouse import connect
from support.browser import chromium, opened
from support.homes import STRANGE_NAMES, busy_deleted
from support.marts import job as made_job
from support.marts import write_marts

SVG = "{http://www.w3.org/2000/svg}"
ALL = Period(date(2020, 1, 24), date(2020, 2, 12))
SETTINGS = Settings(as_of=datetime(2020, 2, 12, 23, 30))
CHOICES = [None, ["GEM"], ["WISH", "Pearl"]]
# How many points are most, and what a point of 20 days is then.
STEPS = [(120, By.DAY), (8, By.WEEK), (1, By.MONTH)]

Read = Callable[..., Chart]


def reader(folder: Path) -> Read:
    def read(
        name: ChartName, period: Period = ALL, instruments: list[str] | None = None, most: int = 120
    ) -> Chart:
        with connect(Setup(Home(folder))) as warehouse:
            return read_chart(Scope(warehouse, read_settings(warehouse), period, instruments), name, most)

    return read


@pytest.fixture
def read(busy_home: Path) -> Read:
    return reader(busy_home)


@pytest.fixture
def counted(busy_made: Sequence[SourceJob]) -> list[Job]:
    """The jobs that count."""
    gone = busy_deleted(busy_made)
    return [Job(made, SETTINGS) for made in busy_made if made.job_id not in gone]


def of(jobs: Sequence[Job], instruments: Sequence[str] | None) -> list[Job]:
    return [job for job in jobs if instruments is None or job.instrument in instruments]


def bucket(day: date, by: By) -> str:
    if by is By.WEEK:
        return f"{day.isocalendar().year}-W{day.isocalendar().week:02d}"
    return f"{day:%Y-%m}" if by is By.MONTH else day.isoformat()


def nearest_rank(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return next(value for place, value in enumerate(ordered, start=1) if place >= share * len(ordered))


@pytest.mark.parametrize(("most", "by"), STEPS)
@pytest.mark.parametrize("instruments", CHOICES)
def test_jobs_and_starters_are_those_of_the_days(
    read: Read, counted: list[Job], instruments: list[str] | None, most: int, by: By
) -> None:
    outcomes = {
        "completed": "jobs_passed",
        "error": "jobs_failed",
        "skipped": "jobs_skipped",
        "queued": "jobs_pending",
        "processing": "jobs_pending",
        "other": "jobs_other",
    }
    jobs = of(counted, instruments)
    for name, column_of in (
        (ChartName.JOBS, lambda job: outcomes[job.status]),
        (ChartName.STARTERS, lambda job: f"started_by_{job.starter}"),
    ):
        chart = read(name, ALL, instruments, most)
        assert chart.by is by
        expected = Counter((bucket(job.day, by), column_of(job)) for job in jobs)
        found = Counter(
            {
                (row["label"], column): value
                for row in chart.rows
                for column, value in row.items()
                if column.startswith(("jobs_", "started_")) and value
            }
        )
        assert found == expected
        assert f"{len(jobs)} jobs" in chart.description
        assert len({row["label"] for row in chart.rows}) == len(chart.rows)
        assert chart.rows[-1]["last_day"] == ALL.last


@pytest.mark.parametrize(("most", "by"), STEPS)
@pytest.mark.parametrize("instruments", CHOICES)
def test_pass_rates_and_execution_times_are_recounted(
    read: Read, counted: list[Job], instruments: list[str] | None, most: int, by: By
) -> None:
    jobs = of(counted, instruments)
    rates = read(ChartName.PASS_RATE, ALL, instruments, most)
    times = read(ChartName.EXE_TIME, ALL, instruments, most)
    for rate, time in zip(rates.rows, times.rows, strict=True):
        within = [job for job in jobs if bucket(job.day, by) == rate["label"] == time["label"]]
        ended = [job.status for job in within if job.status in ("completed", "error")]
        seconds = [job.exe_time for job in within if job.exe_time is not None]
        assert rate["pass_rate"] == (ended.count("completed") / len(ended) if ended else None)
        assert time["exe_time_count"] == len(seconds)
        for column, share in (("median_exe_time", 0.5), ("p95_exe_time", 0.95)):
            expected = nearest_rank(seconds, share) if seconds else None
            assert time[column] == (pytest.approx(expected) if expected is not None else None)


@pytest.mark.parametrize("instruments", CHOICES)
def test_the_calendar_tells_zero_from_no_record(
    read: Read, counted: list[Job], instruments: list[str] | None
) -> None:
    chart = read(ChartName.FAILURES, Period(date(2019, 12, 1), date(2020, 3, 1)), instruments)
    jobs = of(counted, instruments)
    failed = Counter(job.day for job in jobs if job.status == "error")
    first = min(job.day for job in jobs)
    days = [first + timedelta(days=offset) for offset in range((ALL.last - first).days + 1)]
    assert [(row["first_day"], row["jobs_failed"]) for row in chart.rows] == [
        (day, failed[day]) for day in days
    ]
    cell = r'<path d="[^"]*" fill="#[0-9a-f]{6}" stroke="#[0-9a-f]{6}" stroke-width="0.5"'
    assert len(re.findall(cell, as_svg(chart, LIGHT))) == len(days)


def test_a_day_without_a_measurement_is_a_gap(tmp_path: Path) -> None:
    noons = [datetime(2020, 2, day, 12) for day in (8, 9, 11)]
    jobs = [
        made_job(place, place, "c", noon, noon, noon + timedelta(minutes=place))
        for place, noon in enumerate(noons, start=1)
    ]
    write_marts(tmp_path / "autostats.duckdb", jobs, SETTINGS.as_of)
    read = reader(tmp_path)
    rates, times = read(ChartName.PASS_RATE), read(ChartName.EXE_TIME)
    assert [row["pass_rate"] for row in rates.rows] == [1, 1, None, 1, None]
    assert [row["p95_exe_time"] for row in times.rows] == [60, 120, None, 180, None]
    assert [row["jobs_passed"] for row in read(ChartName.JOBS).rows] == [1, 1, 0, 1, 0]
    for chart, lines in ((rates, 1), (times, 2)):
        drawn = re.findall(
            r'<path d="(M[^"]*)" stroke="#[0-9a-f]{6}"[^>]*stroke-width="2.25"', as_svg(chart, LIGHT)
        )
        assert len(drawn) == lines
        # One stroke from the first to the second day, and the fourth day on its own.
        assert all((path.count("M"), path.count("L")) == (2, 1) for path in drawn), drawn
        assert "9 Feb" in as_text(chart, Screen(60, unicode=False, colour=False))


def expected_numbers(jobs: Sequence[Job], period: Period) -> dict[tuple[str, int], str]:
    """Return what has become of each run number of the period, from the definitions."""
    arrivals: dict[tuple[str, int], datetime] = {}
    for job in jobs:
        for number in job.numbers:
            key = (job.instrument, number)
            arrivals[key] = min(arrivals.get(key, job.created), job.created)
    found = {}
    for instrument in {instrument for instrument, _ in arrivals}:
        numbers = sorted(number for name, number in arrivals if name == instrument)
        for number, after in zip(numbers, [*numbers[1:], None], strict=True):
            day = SETTINGS.local_day(arrivals[instrument, number])
            if period.first <= day <= period.last:
                found.setdefault((instrument, number), "seen")
            if after is None or after - number - 1 > 100:
                continue
            noticed = SETTINGS.local_day(arrivals[instrument, after])
            if not period.first <= noticed <= period.last:
                continue
            if day > noticed:
                found[instrument, number] = "arrived"
            for hole in range(number + 1, after):
                ignored = instrument == "GEM" and 2000 <= hole <= 2030
                found[instrument, hole] = "ignored" if ignored else "open"
    return found


@pytest.mark.parametrize("period", [ALL, Period(date(2020, 2, 3), date(2020, 2, 5))])
def test_run_numbers_are_seen_late_ignored_or_missing(read: Read, counted: list[Job], period: Period) -> None:
    chart = read(ChartName.MISSING, period)
    found = {
        (row["instrument"], number): row["state"]
        for row in chart.rows
        for number in range(row["first_run_number"], row["last_run_number"] + 1)
    }
    assert found == expected_numbers(counted, period)
    assert len(found) == sum(row["runs"] for row in chart.rows)
    states = Counter(found.values())
    assert f"{states['open']} still missing" in chart.description
    if period == ALL:
        assert states["ignored"], "the fixture ignores some"


def test_what_is_missing_stands_out_however_long_the_strip(read: Read) -> None:
    chart = read(ChartName.MISSING)
    for width in (10, 50, 700):
        for strip in strips(chart.rows, width):
            assert len(strip.columns) == width
            assert ("open" in strip.columns) == (strip.missing > 0)
    narrow = [
        {"instrument": "X", "state": state, "first_run_number": first, "last_run_number": last, "runs": runs}
        for state, first, last, runs in (
            ("seen", 1, 500_000, 500_000),
            ("open", 500_001, 500_001, 1),
            ("seen", 500_002, 900_000, 399_999),
        )
    ]
    [strip] = strips(narrow, 100)
    assert strip.columns.count("open") == 1
    assert strip.columns.index("open") == 55


def test_a_break_in_a_strip_is_a_jump() -> None:
    rows = [
        {
            "instrument": "X",
            "state": "seen",
            "first_run_number": first,
            "last_run_number": first + 9,
            "runs": 10,
        }
        for first in (1, 5001)
    ]
    long = [rows[0], {**rows[1], "last_run_number": 9000, "runs": 4000}]
    for ranges in (long, [{**long[1], "first_run_number": -5000, "last_run_number": 0}, rows[1]]):
        [strip] = strips(ranges, 100)
        assert None in strip.columns
        assert None not in (strip.columns[0], strip.columns[-1])
    [strip] = strips(rows, 21)
    assert strip.columns == ["seen"] * 10 + [None] + ["seen"] * 10
    assert (strip.first, strip.last, strip.missing) == (1, 5010, 0)


def test_points_are_days_then_weeks_then_months(read: Read) -> None:
    assert "per day" in read(ChartName.JOBS).title
    week = read(ChartName.JOBS, most=8)
    assert "per week" in week.title
    assert week.notes[-1] == "The first or last week is cut to the period."
    assert "per month" in read(ChartName.PASS_RATE, most=1).title


def test_nothing_to_draw_is_a_sentence(read: Read, wish_home: Path) -> None:
    chart = read(ChartName.JOBS, Period(date(2018, 1, 1), date(2018, 1, 31)))
    assert (chart.rows, chart.description) == (
        (),
        "No statistics for 2018-01-01 to 2018-01-31 (31 days): they go from 2020-01-24 to 2020-02-12.",
    )
    loq = reader(wish_home)(ChartName.MISSING, ALL, ["LOQ"])
    assert loq.description == "The statistics have no jobs of these instruments yet."
    for look in (LIGHT, PAGE):
        assert "No statistics for" in " ".join(ElementTree.fromstring(as_svg(chart, look)).itertext())


@pytest.mark.parametrize("look", [LIGHT, DARK, PAGE], ids=["light", "dark", "page"])
@pytest.mark.parametrize("name", ChartName)
def test_svg_stands_alone_and_says_what_it_shows(read: Read, name: ChartName, look: Look) -> None:
    chart = read(name)
    svg = as_svg(chart, look)
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    named = {part.get("id"): part.text for part in root if part.tag in (f"{SVG}title", f"{SVG}desc")}
    assert named[root.get("aria-labelledby")] == f"{chart.title}: {chart.scope}"
    assert named[root.get("aria-describedby")] == chart.description
    assert float((root.get("viewBox") or "").split()[2]) <= look.width * 1.15
    assert (root.get("width") is not None) == look.framed
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "").replace(
        "http://www.w3.org/1999/xlink", ""
    )
    text = " ".join(root.itertext())
    assert text.count(chart.title) == (2 if look.framed else 1), "a page has headings of its own"


def test_a_page_gives_the_colours(read: Read) -> None:
    for name in ChartName:
        svg = as_svg(read(name), PAGE)
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb", svg)
        used = set(re.findall(r"var\((--[a-z0-9-]+)\)", svg))
        assert used
        assert used <= set(PROPERTIES)


@pytest.mark.slow
def test_ids_of_a_page_are_unique(read: Read) -> None:
    charts = [read(name, ALL, instruments) for name in ChartName for instruments in CHOICES[:2]]
    ids = [found for chart in charts for found in re.findall(r'\bid="([^"]+)"', as_svg(chart, PAGE))]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 2 * len(charts)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_png_has_the_pixels_that_are_asked_for(read: Read, look: Look) -> None:
    sizes = []
    for scale in (1, 2):
        png = as_png(read(ChartName.JOBS), look, scale)
        assert png[:8] == b"\x89PNG\r\n\x1a\n"
        sizes.append((int.from_bytes(png[16:20]), int.from_bytes(png[20:24])))
    assert 700 < sizes[0][0] < 900
    assert sizes[1] == (2 * sizes[0][0], 2 * sizes[0][1])


@pytest.mark.slow
@pytest.mark.parametrize("name", [ChartName.JOBS, ChartName.MISSING, ChartName.AVAILABILITY])
def test_names_are_data(strange_home: Path, name: ChartName) -> None:
    period = Period(date(2020, 2, 11), date(2020, 2, 12))
    together = reader(strange_home)(name, period)
    for instrument in STRANGE_NAMES:
        alone = reader(strange_home)(name, period, [instrument])
        root = ElementTree.fromstring(as_svg(alone, LIGHT))
        assert printable(instrument) in "".join(root.itertext())
        assert printable(instrument) in "".join(
            as_text(alone, Screen(120, unicode=True, colour=False)).split("\n")
        )
    if name is not ChartName.JOBS:
        for look in (LIGHT, PAGE):
            texts = {text.text for text in ElementTree.fromstring(as_svg(together, look)).iter(f"{SVG}text")}
            assert texts >= {printable(known) for known in STRANGE_NAMES if len(known) < 15}
    as_png(together, DARK)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_marks_and_texts_can_be_told_from_what_is_behind_and_beside(scheme: int) -> None:
    colours = {name: pair[scheme] for name, pair in COLOURS.items()}
    for mark in ("blue", "orange", "grey", "green", "purple", "slate", "axis"):
        assert contrast(colours[mark], colours["paper"]) >= 3, mark
    for text in ("ink", "muted", "orange"):
        assert contrast(colours[text], colours["paper"]) >= 4.5, text
    for place in range(5):
        text = colours["ink" if place < 3 else "paper"]
        assert contrast(text, colours[f"heat-{place}"]) >= 4.5, place
    # Without colour: neighbours in a stack, lines, and the steps of the ramp differ in lightness.
    for stack in (("blue", "orange", "grey", "green", "purple"), ("blue", "green", "purple", "slate")):
        for below, above in pairwise(stack):
            assert contrast(colours[below], colours[above]) >= 1.5, (below, above)
    ramp = [luminance(colours[f"heat-{place}"]) for place in range(5)]
    assert ramp in (sorted(ramp), sorted(ramp, reverse=True))


def test_classes_of_counts() -> None:
    assert heat_classes(0) == []
    assert heat_classes(1) == [(1, 1)]
    assert heat_classes(3) == [(1, 1), (2, 2), (3, 3)]
    assert heat_classes(32) == [(1, 8), (9, 16), (17, 24), (25, 32)]
    for highest in range(1, 200):
        classes = heat_classes(highest)
        assert [heat_place(count, classes) for count in (0, 1, highest)] == [0, 1, len(classes)]
        assert all(low <= high for low, high in classes)
        assert [low for low, _ in classes[1:]] == [high + 1 for _, high in classes[:-1]]


def test_rows_of_a_bar() -> None:
    assert bar_rows([600, 10, 0, 1], 50) == [10, 1, 0, 1]
    assert bar_rows([1, 0], 50) == [1, 0]
    assert bar_rows([0, 0], 50) == [0, 0]
    assert bar_rows([700, 0], 50) == [14, 0]
    assert bar_rows([98, 1, 1], 10) == [8, 1, 1]
    assert bar_rows([1, 1, 1, 1, 1], 2) == [1, 1, 0, 0, 0], "there is no room for all"
    for parts in product((0, 1, 7, 40, 333), repeat=4):
        for per_row in (1, 3, 20, 100):
            rows = bar_rows(parts, per_row)
            assert sum(rows) == (max(1, round(sum(parts) / per_row)) if any(parts) else 0)
            shown = [number for part, number in zip(parts, rows, strict=True) if part]
            assert all(shown) or sum(rows) < len(shown)
            assert all(part or not number for part, number in zip(parts, rows, strict=True))
            ranked = [number for _, number in sorted(zip(parts, rows, strict=True))]
            assert all(after >= before - 1 for before, after in pairwise(ranked)), (
                "larger parts have more rows"
            )


def test_labels_of_an_axis() -> None:
    def labels(first: date, days: int, most: int) -> list[str]:
        rows = [
            {"label": str(day), "first_day": day, "last_day": day}
            for day in (first + timedelta(days=offset) for offset in range(days))
        ]
        return list(ticks(rows, By.DAY, most).values())

    assert labels(date(2020, 2, 28), 3, 5) == ["28 Feb", "29 Feb", "1 Mar"]
    assert labels(date(2020, 2, 1), 9, 5) == ["1 Feb", "3 Feb", "5 Feb", "7 Feb", "9 Feb"]
    assert labels(date(2020, 2, 1), 20, 5) == ["3 Feb", "10 Feb", "17 Feb"]
    assert labels(date(2019, 10, 5), 120, 5) == ["Nov 2019", "Dec 2019", "Jan 2020", "Feb 2020"]
    for days in range(1, 121):
        for most in (1, 5, 12):
            assert len(labels(date(2020, 1, 15), days, most)) <= most
    assert round_numbers(684, 1) == [0, 200, 400, 600]
    assert round_numbers(1, 1) == [0, 1]
    assert round_numbers(0.3, 0.01) == pytest.approx([0, 0.1, 0.2, 0.3])


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_each_within_its_frame(read: Read, tmp_path: Path, scheme: str) -> None:
    with chromium() as browser:
        for name in ChartName:
            alone = tmp_path / f"{name}.svg"
            alone.write_text(as_svg(read(name), DARK if scheme == "dark" else LIGHT), "utf-8")
            with opened(browser, alone, scheme=scheme) as seen:
                assert (seen.requests, seen.complaints) == ([], [])
                assert beyond(seen.page) == []
        light, dark = (
            "".join(f"{key}:{pair[place]};" for key, pair in PROPERTIES.items()) for place in (0, 1)
        )
        page = tmp_path / "page.html"
        page.write_text(
            f"<!doctype html><title>x</title><style>:root{{{light}}}"
            f"@media(prefers-color-scheme:dark){{:root{{{dark}}}}}body{{margin:0}}svg{{width:100%}}</style>"
            + "".join(as_svg(read(name), PAGE) for name in ChartName),
            "utf-8",
        )
        with opened(browser, page, 360, scheme=scheme) as seen:
            assert (seen.requests, seen.complaints) == ([], [])
            assert seen.page.evaluate("document.documentElement.scrollWidth") == 360
            assert beyond(seen.page) == []
            orange = seen.page.evaluate(
                "[...document.querySelectorAll('svg path')].map(mark => getComputedStyle(mark).fill)"
            )
            red, green, blue = (int(COLOURS["orange"][scheme == "dark"][at : at + 2], 16) for at in (1, 3, 5))
            assert f"rgb({red}, {green}, {blue})" in orange


def beyond(page: object) -> list[str]:
    """Return the texts that reach out of their picture."""
    found: list[str] = page.evaluate(  # type: ignore[attr-defined]
        """[...document.querySelectorAll('svg text')].filter(text => {
            const inner = text.getBoundingClientRect();
            const outer = text.ownerSVGElement.getBoundingClientRect();
            return inner.width > 0 && (inner.left < outer.left - 1 || inner.right > outer.right + 1
                || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1);
        }).map(text => text.textContent)"""
    )
    return found
