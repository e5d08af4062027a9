"""The schemas of the commands' json output, by command."""

from collections.abc import Callable, Mapping

from autostats.archive.definitions import KINDS
from autostats.catalogue import Catalogue
from autostats.configuration.resolve import Origin
from autostats.digest.sections import (
    ARCHIVE_COUNTS,
    ARRIVED,
    NEW,
    NOTICED,
    OUTAGE_COUNTS,
    count_columns,
    range_columns,
)
from autostats.queries.explain import NUMBERS, Behind
from autostats.queries.missing import State
from autostats.render.section import Column, Kind
from autostats.schemas.parts import (
    INSTRUMENT,
    TYPES,
    Schema,
    closed,
    day,
    document,
    first_and_last,
    properties,
    recorded,
    row,
    rows,
    settings,
)
from autostats.schemas.report import NEEDS_ATTENTION, attention_row, report
from autostats.schemas.run import run, run_select
from autostats.sections.archive import file_count_columns, instrument_columns
from autostats.sections.archive_counts import CHANGE_COLUMNS, COUNT_COLUMNS
from autostats.sections.availability import AVAILABILITY, LATELY, OUTAGES, POLLED, STORE
from autostats.sections.explain import rows_columns
from autostats.sections.explain_run import file_columns, job_columns, look_columns
from autostats.sections.explain_run import missing_columns as run_missing_columns
from autostats.sections.freshness_checks import COLUMNS as CHECK_COLUMNS
from autostats.sections.missing import JUMPS, missing_columns
from autostats.sections.runs import RESOLVED, UNRESOLVED
from autostats.sections.statistics import LIST_COLUMNS
from autostats.sections.table_freshness import now_columns, table_columns
from autostats.verification.comparison import DAY_OF

_COUNT = {"type": "integer", "minimum": 0}
_NUMBER = {"type": ["number", "null"]}
_VALUE = {"type": ["number", "string", "boolean", "null"]}


def _text(description: str) -> Schema:
    return {"type": "string", "description": description}


def _missing(catalogue: Catalogue) -> Schema:
    ranges = missing_columns(catalogue, State.ALL)
    span = closed(first_and_last(), description="The days on which they were noticed; null means any day.")
    return document(
        "missing",
        {
            "period": {**span, "type": ["object", "null"]},
            "settings": settings(),
            "missing": rows(
                "Ranges of run numbers.", row(ranges, optional=[column.name for column in ranges])
            ),
            "jumps": rows(
                "With --jumps: gaps too long to be missing runs.",
                row(catalogue.columns("fct_run_number_jumps", *JUMPS)),
            ),
        },
        optional=["jumps"],
    )


def _explain(catalogue: Catalogue) -> Schema:
    def item(behind: Behind) -> Schema:
        return {**row(rows_columns(catalogue, behind), optional=["rank"]), "title": behind.value}

    return document(
        "explain",
        {
            "instrument": INSTRUMENT,
            "day": day("The local date."),
            "column": {"enum": list(NUMBERS), "description": "The number to explain."},
            "value": {**_NUMBER, "description": "The number as recorded: a count, seconds or a share."},
            "definition": _text("What the number means."),
            "recounted": {**_NUMBER, "description": "The number recounted from the rows, in the same unit."},
            "agrees": {"type": "boolean", "description": "Whether the two are the same."},
            "settings": settings(),
            "rows": rows(
                "The jobs or runs behind the number; `rank` only with a percentile.",
                {"anyOf": [item(behind) for behind in Behind]},
            ),
        },
    )


def _explain_run(catalogue: Catalogue) -> Schema:
    load = {
        "load_number": {**_COUNT, "description": "Its number, from 1."},
        "loaded_at": {**TYPES[Kind.TIME], "description": "The moment of its statistics. UTC timestamp."},
    }
    described = closed(load, description="The newest load that found a change; null if there is none.")
    return document(
        "explain-run",
        {
            "instrument": INSTRUMENT,
            "run_number": {"type": "integer", "description": "The run."},
            "load": {**described, "type": ["object", "null"]},
            "settings": settings(),
            "jobs": rows("Its jobs, batches and deleted ones included.", row(job_columns(catalogue))),
            "missing": rows(
                "What makes it a missing run, if anything does.", row(run_missing_columns(catalogue))
            ),
            "files": rows(
                "Its files, as the looks that are kept last saw them; absent where nobody has looked.",
                row(file_columns()),
            ),
            "looks": rows(
                "The looks at the instrument's files that count; absent where nobody has looked.",
                row(look_columns(catalogue)),
            ),
        },
        optional=["files", "looks"],
    )


def _availability(catalogue: Catalogue) -> Schema:
    span = closed(first_and_last(), description="The local days; null with --now.")
    in_period = row(catalogue.columns(POLLED, *AVAILABILITY))
    with_now = row(catalogue.columns("rpt_availability", *LATELY))
    of_store = row(catalogue.columns("rpt_availability", *STORE))
    return document(
        "availability",
        {
            "period": {**span, "type": ["object", "null"]},
            "settings": settings(),
            "availability": rows(
                "One row per instrument: of the period or, with --now, of the last hour, day and week;"
                " with --preset, its columns.",
                {"anyOf": [in_period, with_now, of_store]},
            ),
            "outages": rows(
                "The outages that the period has a part of.", row(catalogue.columns("fct_outages", *OUTAGES))
            ),
        },
        optional=["outages"],
    )


def _freshness(catalogue: Catalogue) -> Schema:
    return document(
        "freshness",
        {
            "period": closed(first_and_last(), description="The local days."),
            "settings": settings(),
            "tables": rows("One row per monitored table and column.", row(table_columns(catalogue))),
        },
    )


def _attention(catalogue: Catalogue) -> Schema:
    return document(
        "attention", {"settings": settings(), "attention": rows(NEEDS_ATTENTION, attention_row(catalogue))}
    )


def _verify(catalogue: Catalogue) -> Schema:
    cell = {
        "instrument": INSTRUMENT,
        "day": day("The local date."),
        "column": _text("The column that differs, and in brackets what else tells its row from others."),
        "statistics": {
            **_VALUE,
            "description": "The value in the statistics, in the column's unit, times in UTC; null if none.",
        },
        "source": {
            **_VALUE,
            "description": "The value counted from the source, in the same unit; null if none.",
        },
        "table": {"enum": list(DAY_OF), "description": "The table whose row differs."},
        "run_number": {
            "type": ["integer", "null"],
            "description": "The row's run number; null in fct_instrument_daily.",
        },
    }
    return document(
        "verify",
        {
            "days": {**_COUNT, "description": "How many days were recounted."},
            "cells": {**_COUNT, "description": "How many rows of the daily record were compared."},
            "rows": {**_COUNT, "description": "How many rows of all tables were compared."},
            "settings": settings(),
            "differences": rows(
                "The cells that differ; if there are none, nothing is printed.", closed(cell)
            ),
        },
    )


def _digest(catalogue: Catalogue) -> Schema:
    counts = count_columns(catalogue, is_polled=True, is_archived=True)
    archive_only, _, _, newly_failing, newly_missing, resolved, found, down, up = (
        column.description for column in counts[1:]
    )
    archived = row(instrument_columns(catalogue))
    outage = row(catalogue.columns("fct_outages", *OUTAGES))

    tables = row(now_columns(catalogue))

    def ranges(description: str, on: Column) -> Schema:
        return rows(description, row(range_columns(catalogue, on)))

    return document(
        "digest",
        {
            "since": {
                **TYPES[Kind.TIME],
                "description": "The start of the time that the digest covers. UTC timestamp.",
            },
            "attention": rows(
                f"{NEEDS_ATTENTION} What was told before is in it too.", attention_row(catalogue, NEW)
            ),
            "is_late": {
                "type": "boolean",
                "description": "Whether the statistics are more than 26 hours old.",
            },
            "recorded": recorded("The days that the statistics hold of these instruments; null if none."),
            "settings": settings(),
            "counts": rows(
                "The number of runs and outages for each instrument that has any.",
                row(counts, optional=[column.name for column in (*ARCHIVE_COUNTS, *OUTAGE_COUNTS)]),
            ),
            "archive_only": ranges(archive_only, NOTICED),
            "behind": rows("Instruments that are behind the archive now and were not before.", archived),
            "caught_up": rows("Instruments that were behind the archive and no longer are.", archived),
            "failing": rows(newly_failing, row(catalogue.columns("fct_unresolved_runs", *UNRESOLVED))),
            "missing": ranges(newly_missing, NOTICED),
            "resolved": rows(resolved, row(catalogue.columns("fct_resolved_runs", *RESOLVED))),
            "found": ranges(found, ARRIVED),
            "stale_tables": rows("Monitored tables that are stale now and were not before.", tables),
            "fresh_tables": rows("Monitored tables that were stale and no longer are.", tables),
            "down": rows(down, outage),
            "up": rows(up, outage),
        },
        optional=["archive_only", "behind", "caught_up", "down", "up"],
    )


def _settings(catalogue: Catalogue) -> Schema:
    item = {
        "setting": _text("Its key in autostats.toml."),
        "value": _text("Its value, with passwords masked; empty if there is none."),
        "origin": {"enum": [str(origin) for origin in Origin], "description": "Where the value comes from."},
        "variable": _text("Its environment variable; empty if there is none."),
    }
    return document(
        "settings",
        {
            "home": _text("The folder of this installation."),
            "file": _text("Its settings file, whether it exists or not."),
            "target": _text("The dbt target that commands use."),
            "settings": rows("Each setting, in the order of the documentation.", closed(item)),
        },
    )


def _cycles(catalogue: Catalogue) -> Schema:
    cell = {
        "cycle": _text("The name of the beam cycle, such as 2019/03."),
        "first_day": day("Its first local date."),
        "last_day": day("Its last local date, included."),
        "days": {"type": "integer", "minimum": 1, "description": "How many days these are."},
        "maintenance_days": _text("Its maintenance days, as ISO dates with spaces between."),
        "source": {
            "enum": ["built-in", "own"],
            "description": "Whether it comes with autostats or is the facility's own.",
        },
    }
    return document(
        "cycles",
        {
            "file": _text("The file that `autostats run` reads them from."),
            "cycles": rows("The beam cycles, oldest first.", closed(cell)),
        },
    )


def _build() -> Schema:
    return _text("The published build that the rows are of; names of later builds sort behind.")


def _stats_list(catalogue: Catalogue) -> Schema:
    return document(
        "stats-list",
        {
            "build": _build(),
            "settings": settings(),
            "statistics": rows("The statistics, and the plug-ins that failed.", row(LIST_COLUMNS)),
        },
    )


def _stats_show(catalogue: Catalogue) -> Schema:
    cells = {"type": "object", "additionalProperties": _VALUE}
    return document(
        "stats-show",
        {
            "ident": _text("The statistic."),
            "build": _build(),
            "total": {**_COUNT, "description": "How many rows there are."},
            "returned": {**_COUNT, "description": "How many of them these are."},
            "recorded": recorded("The days that the statistic holds; null without rows that have a time."),
            "settings": settings(),
            "rows": rows("Its rows, each with its time, dimensions and measures.", cells),
        },
    )


def _doctor(catalogue: Catalogue) -> Schema:
    check = {
        "name": _text("What was checked."),
        "state": {"enum": ["OK", "WARN", "FAIL"], "description": "The result."},
        "detail": _text("What was found."),
        "remedy": _text("How to fix it; empty if there is nothing to fix."),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:autostats:doctor:1",
        "title": "autostats doctor --format json",
        "type": "array",
        "items": closed(check),
    }


def _freshness_check(catalogue: Catalogue) -> Schema:
    cell = properties(CHECK_COLUMNS)
    # By a clock that is ahead of ours, it is below zero.
    del cell["lag_seconds"]["minimum"]
    cell["state"]["enum"] = ["fresh", "warn", "stale", "unknown"]
    return document("freshness-check", {"checks": rows("The tables that were checked.", closed(cell))})


def _archive_report(catalogue: Catalogue) -> Schema:
    counts = row(file_count_columns(catalogue))
    return document(
        "archive-report",
        {
            "settings": settings(),
            "counts": rows("The newest count of each location, file type, instrument and cycle.", counts),
        },
    )


def _archive_count(catalogue: Catalogue) -> Schema:
    cell = properties(COUNT_COLUMNS)
    cell["state"]["enum"] = ["settled", "settling", "empty", "incomplete"]
    counts = rows("One row per location, file type, instrument and cycle.", closed(cell))
    return document("archive-count", {"counts": counts})


def _archive_register(catalogue: Catalogue) -> Schema:
    cell = properties(CHANGE_COLUMNS)
    cell["kind"]["enum"] = list(KINDS)
    cell["state"]["enum"] = ["new", "changed", "unchanged"]
    return document("archive-register", {"entries": rows("The entries of the file.", closed(cell))})


SCHEMAS: Mapping[str, Callable[[Catalogue], Schema]] = {
    "run": run,
    "run-select": run_select,
    "report": report,
    "attention": _attention,
    "missing": _missing,
    "explain": _explain,
    "explain-run": _explain_run,
    "availability": _availability,
    "freshness-check": _freshness_check,
    "freshness": _freshness,
    "archive-register": _archive_register,
    "archive-count": _archive_count,
    "archive-report": _archive_report,
    "verify": _verify,
    "digest": _digest,
    "cycles": _cycles,
    "settings": _settings,
    "stats-list": _stats_list,
    "stats-show": _stats_show,
    "doctor": _doctor,
}
