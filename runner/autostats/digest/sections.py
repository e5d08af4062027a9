"""The news as tables and for programs."""

from collections.abc import Sequence

from autostats.digest.message import counts, listed, since, warning
from autostats.digest.news import News, by_instrument
from autostats.render.section import Column, Document, Kind, Section
from autostats.render.text import plain
from autostats.sections.runs import RESOLVED_COLUMNS, UNRESOLVED_COLUMNS
from autostats.statistics.rows import Row
from autostats.statistics.settings import Settings

_MOST_ROWS = 10
_INSTRUMENT = Column("instrument", Kind.TEXT, "Instrument")
_COUNT_COLUMNS = (
    _INSTRUMENT,
    Column("newly_failing", Kind.BAD_COUNT, "Newly failing"),
    Column("newly_missing", Kind.BAD_COUNT, "Newly missing"),
    Column("resolved", Kind.COUNT, "Resolved"),
    Column("no_longer_missing", Kind.COUNT, "No longer missing"),
)


def range_columns(day: str) -> tuple[Column, ...]:
    """Return the columns of ranges of runs; `day` is what happened on their day."""
    return (
        _INSTRUMENT,
        Column("first_run_number", Kind.NUMBER, "First run"),
        Column("last_run_number", Kind.NUMBER, "Last run"),
        Column("runs", Kind.COUNT, "Runs"),
        Column("day", Kind.DAY, day),
    )


def _capped(rows: Sequence[Row], command: str, *, whole: bool) -> tuple[Sequence[Row], list[str]]:
    """Return the first rows of each instrument, and where to find the others; all of them when `whole`."""
    if whole:
        return rows, []
    shown: list[Row] = []
    notes = []
    for instrument, own in by_instrument(rows).items():
        shown += own[:_MOST_ROWS]
        if len(own) > _MOST_ROWS:
            notes.append(
                f"{len(own) - _MOST_ROWS} more of {plain(instrument)}: `autostats {command}` lists them."
            )
    return shown, notes


def _counts_section(news: News) -> Section:
    kinds = {
        "newly_failing": news.failing,
        "newly_missing": news.missing,
        "resolved": news.resolved,
        "no_longer_missing": news.found,
    }
    names = sorted({row["instrument"] for rows in kinds.values() for row in rows})
    rows = [
        {
            "instrument": name,
            **{
                kind: sum(row.get("runs", 1) for row in rows if row["instrument"] == name)
                for kind, rows in kinds.items()
            },
        }
        for name in names
    ]
    return Section(
        name="counts",
        title="Runs",
        columns=_COUNT_COLUMNS,
        rows=rows,
        layouts=[("instrument", *kinds)],
        empty="Nothing new.",
    )


def _failing_section(news: News, *, whole: bool) -> Section:
    rows, notes = _capped(news.failing, "report --unresolved", whole=whole)
    return Section(
        name="failing",
        title="Newly failing",
        columns=UNRESOLVED_COLUMNS,
        rows=rows,
        layouts=[
            ("instrument", "run_number", "failed_since", "last_failed_at", "attempts", "last_started_by"),
            ("instrument", "run_number", "failed_since", "attempts"),
        ],
        short_headings={"attempts": "Tries", "last_started_by": "By"},
        notes=notes,
    )


def _resolved_section(news: News, *, whole: bool) -> Section:
    rows, notes = _capped(news.resolved, "report --resolved", whole=whole)
    layout = ("instrument", "run_number", "resolved_at", "hours_to_resolve", "attempts", "resolved_by")
    return Section(
        name="resolved",
        title="Resolved",
        columns=RESOLVED_COLUMNS,
        rows=rows,
        layouts=[(*layout, "is_still_passing"), layout[:-1]],
        short_headings={"attempts": "Tries"},
        notes=notes,
    )


def _ranges_section(
    name: str, title: str, day: str, rows: Sequence[Row], command: str, *, whole: bool
) -> Section:
    shown, notes = _capped(rows, command, whole=whole)
    return Section(
        name=name,
        title=title,
        columns=range_columns(day),
        rows=shown,
        layouts=[("instrument", "first_run_number", "last_run_number", "runs", "day")],
        notes=notes,
    )


def news_document(news: News, settings: Settings, of_whom: str, caption: str, *, whole: bool) -> Document:
    """Return the news; the tables of what there is, with their first rows, or all of them `whole`."""
    sections = [
        _failing_section(news, whole=whole),
        _ranges_section("missing", "Newly missing", "Noticed", news.missing, "missing", whole=whole),
        _resolved_section(news, whole=whole),
        _ranges_section(
            "found", "No longer missing", "Arrived", news.found, "missing --state arrived", whole=whole
        ),
    ]
    changed = listed(counts(news)) or "no run changed"
    return Document(
        schema="autostats/digest/1",
        title=f"News{of_whom} since {since(news, settings)}: {changed}",
        facts={
            "since": f"{news.since.isoformat()}Z",
            "is_late": settings.is_late,
            "settings": settings.facts,
        },
        sections=[_counts_section(news), *(part for part in sections if whole or part.rows)],
        timezone=settings.facility_timezone,
        captions=[caption],
        lead=warning(news, settings),
    )
