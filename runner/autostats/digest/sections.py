"""The news as tables and for programs."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from autostats.catalogue import Catalogue
from autostats.digest.message import counts, listed, since, table_counts, warning
from autostats.digest.news import News, by_instrument
from autostats.links import Links
from autostats.name_order import name_key
from autostats.period import Period
from autostats.queries.rows import Row
from autostats.queries.settings import Settings
from autostats.render.section import Column, Document, Kind, Section
from autostats.sections.archive import instrument_columns
from autostats.sections.attention import attention_table
from autostats.sections.availability import OUTAGES
from autostats.sections.runs import RESOLVED, UNRESOLVED
from autostats.sections.table_freshness import now_columns
from autostats.text import printable

_MOST_ROWS = 10
_COUNTS = (
    "instrument",
    Column(
        "newly_failing",
        Kind.BAD_COUNT,
        "Newly failing",
        description="Runs that fail now and did not before.",
        short_heading="Newly\nfailing",
    ),
    Column(
        "newly_missing",
        Kind.BAD_COUNT,
        "Newly missing",
        description="Runs that are missing now and were not before.",
        short_heading="Newly\nmissing",
    ),
    Column("resolved", Kind.COUNT, "Resolved", description="Runs that had failed and now passed."),
    Column(
        "no_longer_missing",
        Kind.COUNT,
        "No longer missing",
        description="Runs that were missing and no longer are.",
        short_heading="No longer\nmissing",
    ),
)
ARCHIVE_COUNTS = (
    Column(
        "archive_only",
        Kind.BAD_COUNT,
        "In the archive,\nno job",
        description="Missing runs that have a file now and had none before. Only where files are counted.",
        short_heading="File,\nno job",
    ),
    Column(
        "newly_behind",
        Kind.BAD_COUNT,
        "Newly behind\nthe archive",
        description="1 if it is behind the archive now and was not before. Only where files are counted.",
        short_heading="Newly\nbehind",
    ),
    Column(
        "caught_up",
        Kind.COUNT,
        "No longer behind\nthe archive",
        description="1 if it was behind the archive and no longer is. Only where files are counted.",
        short_heading="Caught\nup",
    ),
)
OUTAGE_COUNTS = (
    Column(
        "newly_down",
        Kind.BAD_COUNT,
        "Newly down",
        description="Outages that go on now and did not before. Only where instruments are polled.",
        short_heading="Newly\ndown",
    ),
    Column(
        "up_again",
        Kind.COUNT,
        "Up again",
        description="Outages that have ended. Only where instruments are polled.",
        short_heading="Up\nagain",
    ),
)
NOTICED = Column("day", Kind.DAY, "Noticed", description="The local date on which this was noticed.")
ARRIVED = Column(
    "day",
    Kind.DAY,
    "Arrived",
    description="The local date on which they arrived; NULL if it is not known.",
    is_nullable=True,
)

NEW = Column("is_new", Kind.FLAG, "New", "new: {}", "Whether no digest has told it yet.")


def count_columns(catalogue: Catalogue, *, is_polled: bool, is_archived: bool) -> tuple[Column, ...]:
    """Return the columns of the counts."""
    name, *others = _COUNTS
    return catalogue.columns(
        "rpt_missing_runs",
        name,
        *(ARCHIVE_COUNTS if is_archived else ()),
        *others,
        *(OUTAGE_COUNTS if is_polled else ()),
    )


def range_columns(catalogue: Catalogue, day: Column) -> tuple[Column, ...]:
    """Return the columns of ranges of runs; `day` says what happened on their day."""
    return catalogue.columns(
        "rpt_missing_runs", "instrument", "first_run_number", "last_run_number", "runs", day
    )


def _capped(rows: Sequence[Row], command: str, *, whole: bool) -> tuple[Sequence[Row], list[str]]:
    """Return the first rows of each instrument, and where to find the others; all rows if `whole`."""
    if whole:
        return rows, []
    shown: list[Row] = []
    notes = []
    for instrument, own in by_instrument(rows).items():
        shown += own[:_MOST_ROWS]
        if len(own) > _MOST_ROWS:
            notes.append(
                f"{len(own) - _MOST_ROWS} more of {printable(instrument)}: `autostats {command}` lists them."
            )
    return shown, notes


def _counts_section(catalogue: Catalogue, news: News) -> Section:
    archived = {
        "archive_only": news.archive_only,
        "newly_behind": news.behind,
        "caught_up": news.caught_up,
    }
    kinds = {
        **(archived if news.is_archived else {}),
        "newly_failing": news.failing,
        "newly_missing": news.missing,
        "resolved": news.resolved,
        "no_longer_missing": news.found,
        **({"newly_down": news.down, "up_again": news.up} if news.is_polled else {}),
    }
    names = sorted({row["instrument"] for rows in kinds.values() for row in rows}, key=name_key)
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
        columns=count_columns(catalogue, is_polled=news.is_polled, is_archived=news.is_archived),
        rows=rows,
        layouts=[("instrument", *kinds)],
        empty="Nothing new.",
    )


def _failing_section(catalogue: Catalogue, news: News, *, whole: bool) -> Section:
    rows, notes = _capped(news.failing, "report --unresolved", whole=whole)
    return Section(
        name="failing",
        title="Newly failing",
        columns=catalogue.columns("fct_unresolved_runs", *UNRESOLVED),
        rows=rows,
        layouts=[
            ("instrument", "run_number", "failed_since", "last_failed_at", "attempts", "last_started_by"),
            ("instrument", "run_number", "failed_since", "attempts"),
        ],
        notes=notes,
        count=len(news.failing),
    )


def _resolved_section(catalogue: Catalogue, news: News, *, whole: bool) -> Section:
    rows, notes = _capped(news.resolved, "report --resolved", whole=whole)
    layout = ("instrument", "run_number", "resolved_at", "hours_to_resolve", "attempts", "resolved_by")
    return Section(
        name="resolved",
        title="Resolved",
        columns=catalogue.columns("fct_resolved_runs", *RESOLVED),
        rows=rows,
        layouts=[(*layout, "is_still_passing"), layout[:-1]],
        notes=notes,
        count=len(news.resolved),
    )


def _ranges_section(
    catalogue: Catalogue,
    name: str,
    title: str,
    day: Column,
    rows: Sequence[Row],
    command: str,
    *,
    whole: bool,
) -> Section:
    shown, notes = _capped(rows, command, whole=whole)
    return Section(
        name=name,
        title=title,
        columns=range_columns(catalogue, day),
        rows=shown,
        layouts=[("instrument", "first_run_number", "last_run_number", "runs", "day")],
        notes=notes,
        count=sum(row["runs"] for row in rows),
    )


def _tables_section(
    catalogue: Catalogue, name: str, title: str, rows: Sequence[Row], *, whole: bool
) -> Section:
    shown = rows if whole else rows[:_MOST_ROWS]
    more = len(rows) - len(shown)
    return Section(
        name=name,
        title=title,
        columns=now_columns(catalogue),
        rows=shown,
        layouts=[
            ("table", "column", "since", "lag_seconds", "last_update"),
            ("table", "since", "lag_seconds"),
        ],
        notes=[f"{more} more: `autostats freshness report` lists them."] if more else [],
        count=len(rows),
    )


def _archive_sections(catalogue: Catalogue, news: News, *, whole: bool) -> list[Section]:
    """Return what the archive says that the database does not; nothing where nobody counts files."""
    if not news.is_archived:
        return []
    columns = instrument_columns(catalogue)
    layout = ("instrument", "last_run_number", "archive_last_run_number", "tail_runs", "looked_at")
    return [
        _ranges_section(
            catalogue,
            "archive_only",
            "In the archive without a job",
            NOTICED,
            news.archive_only,
            "missing --kind archive_only",
            whole=whole,
        ),
        *(
            Section(name, title, columns, rows, [layout], count=len(rows))
            for name, title, rows in (
                ("behind", "Newly behind the archive", news.behind),
                ("caught_up", "No longer behind the archive", news.caught_up),
            )
        ),
    ]


def _outage_sections(catalogue: Catalogue, news: News, *, whole: bool) -> list[Section]:
    """Return the outages that go on and those that have ended; nothing where nobody polls."""
    if not news.is_polled:
        return []
    sections = []
    for name, title, rows, ended in (
        ("down", "Newly down", news.down, ()),
        ("up", "Up again", news.up, ("ended_at",)),
    ):
        shown, notes = _capped(rows, "availability report", whole=whole)
        sections.append(
            Section(
                name=name,
                title=title,
                columns=catalogue.columns("fct_outages", *OUTAGES),
                rows=shown,
                layouts=[("instrument", "started_at", *ended, "down_seconds", "reason")],
                notes=notes,
                count=len(rows),
            )
        )
    return sections


def news_document(
    catalogue: Catalogue,
    news: News,
    settings: Settings,
    of_whom: str,
    caption: str,
    links: Links,
    recorded: tuple[date, date] | None,
    *,
    whole: bool,
) -> Document:
    """Return the news: non-empty tables with their first rows or, if `whole`, all tables and rows."""
    missing = partial(_ranges_section, catalogue, "missing", "Newly missing", NOTICED)
    found = partial(_ranges_section, catalogue, "found", "No longer missing", ARRIVED)
    sections = [
        *_archive_sections(catalogue, news, whole=whole),
        _failing_section(catalogue, news, whole=whole),
        missing(news.missing, "missing", whole=whole),
        _resolved_section(catalogue, news, whole=whole),
        found(news.found, "missing --state arrived", whole=whole),
        _tables_section(catalogue, "stale_tables", "Newly stale tables", news.stale, whole=whole),
        _tables_section(
            catalogue, "fresh_tables", "Tables that are fresh again", news.fresh_again, whole=whole
        ),
        *_outage_sections(catalogue, news, whole=whole),
    ]
    changed = listed([*counts(news), *table_counts(news)]) or "no run changed"
    return Document(
        schema="autostats/digest/1",
        title=f"News{of_whom} since {since(news, settings)}: {changed}",
        facts={
            "since": f"{news.since.isoformat()}Z",
            "is_late": settings.is_late,
            "recorded": Period.facts_of(recorded),
            "settings": settings.facts,
        },
        sections=[_counts_section(catalogue, news), *(part for part in sections if whole or part.rows)],
        timezone=settings.facility_timezone,
        captions=[caption],
        lead=warning(news, settings),
        links=links,
        attention=attention_table(catalogue, news.attention, NEW) if whole or news.attention else None,
    )
