"""The tables of files in the archive."""

from collections.abc import Sequence
from dataclasses import replace

from autostats.catalogue import Catalogue
from autostats.queries.archive import archived_instruments
from autostats.queries.scope import Scope
from autostats.render.section import Column, Kind, Row, Section
from autostats.text import counted, first_few, printable

_COUNTS = "fct_file_counts"
_NO_COUNTS = "There are none: `autostats archive count` counts files, and the next run takes the counts."
_NAMES_IN_A_SENTENCE = 5
_WHERE = ("experiment", "location", "file_type", "instrument", "cycle")
COUNTS = (
    *_WHERE,
    *(
        "files",
        "expected",
        "shortfall",
        "bytes",
        "newest_modified_at",
        "state",
        "looks_unmounted",
        "ended_at",
    ),
)
ARCHIVE_ONLY = Column(
    "archive_only_runs",
    Kind.BAD_COUNT,
    "Files without\na job",
    "{} run(s) with a file and no job",
    "Runs that have a file in the archive and no job, whenever noticed.",
    short_heading="No job",
)
_TAIL = Column(
    "tail_runs",
    Kind.COUNT,
    "Above the\nlast run",
    "{} run(s) above the database's last one",
    "Runs above the last one in the database that the archive has or announces.",
    short_heading="Above",
)
_LOOKED = Column(
    "looked_at",
    Kind.TIME,
    "Looked",
    "looked at {}",
    "When the newest complete look at its files was done. UTC timestamp.",
)


def instrument_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of what the archive says of each instrument."""
    of_database = ("instrument", "last_run_number", "archive_last_run_number", "is_behind")
    return (
        *catalogue.columns("dim_instruments", *of_database),
        *(ARCHIVE_ONLY, _TAIL),
        catalogue.column(_COUNTS, "looks_unmounted"),
        _LOOKED,
    )


def _names(rows: Sequence[Row], number: str = "") -> str:
    """Return the instruments of rows, each with a number of it."""
    names = [printable(row["instrument"]) + (f" {row[number]:,}" if number else "") for row in rows]
    return first_few(names, _NAMES_IN_A_SENTENCE, "instrument")


def archive_lead(rows: Sequence[Row]) -> str:
    """Return what people must hear of first: runs that have a file and no job, and who is behind."""
    without_job = [row for row in rows if row["archive_only_runs"]]
    behind = [row for row in rows if row["is_behind"]]
    total = sum(row["archive_only_runs"] for row in without_job)
    verb = "has" if total == 1 else "have"
    sentences = [
        f"{counted(total, 'run')} {verb} a file and no job: {_names(without_job, 'archive_only_runs')}."
        if without_job
        else "",
        f"Behind the archive: {_names(behind)}." if behind else "",
    ]
    return " ".join(filter(None, sentences))


def _unmounted(rows: Sequence[Row]) -> list[str]:
    """Return one line on the instruments whose files seem to be gone."""
    gone = [row for row in rows if row["looks_unmounted"]]
    return [f"Looks unmounted, so that the newest look proves nothing: {_names(gone)}."] if gone else []


def archive_sections(scope: Scope) -> list[Section]:
    """Return what the archive says of each instrument; nothing where nobody counts its files."""
    rows = archived_instruments(scope)
    if not rows:
        return []
    brief = ("instrument", "archive_only_runs", "is_behind", "last_run_number", "archive_last_run_number")
    return [
        Section(
            name="archive",
            title="Files in the archive",
            columns=instrument_columns(scope.warehouse.catalogue),
            rows=rows,
            layouts=[
                (*brief, "tail_runs", "looks_unmounted", "looked_at"),
                (*brief, "tail_runs", "looked_at"),
                brief,
                brief[:3],
            ],
            notes=_unmounted(rows),
        )
    ]


def file_count_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of counts of files."""
    return catalogue.columns(_COUNTS, *COUNTS)


def counts_section(catalogue: Catalogue, rows: Sequence[Row], *, is_chosen: bool) -> Section:
    """Return the table of counts, which does not show names that no row has.

    `is_chosen`: there may be others.
    """
    names = [name for name in _WHERE if name == "location" or any(row[name] for row in rows)]
    expected = ["expected", "shortfall"] if any(row["expected"] is not None for row in rows) else []
    brief = [*names, "files", *expected]
    return Section(
        name="counts",
        title="Files in the archive",
        columns=file_count_columns(catalogue),
        rows=rows,
        layouts=[
            [*brief, "bytes", "newest_modified_at", "state", "looks_unmounted", "ended_at"],
            [*brief, "bytes", "newest_modified_at", "state"],
            [*brief, "newest_modified_at", "state"],
            [*brief, "state"],
            brief,
        ],
        empty="None of the counts is one of these." if is_chosen else _NO_COUNTS,
    )


def with_shortfalls(section: Section, limit: int | None) -> Section:
    """Return the first rows of a table of counts with a line for each of them that lacks files."""
    rows = section.rows[:limit]
    more = len(section.rows) - len(rows)
    lines = [line for row in rows if (line := shortfall_line(row))]
    return replace(section, rows=rows, notes=[*([f"{counted(more, 'more row')}."] if more else []), *lines])


def shortfall_line(row: Row) -> str:
    """Return the line that says what a cycle lacks; nothing if it lacks nothing, or is no moment."""
    if not row["shortfall"] or row["cycle_at"] is None:
        return ""
    name = printable(row["experiment"] or row["location"])
    return f"{name} count {row['files']}/{row['expected']} {row['cycle_at']:%m-%d-%Y %H}"
