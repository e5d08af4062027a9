"""The schema of `autostats report --format json`."""

from collections.abc import Iterable

from autostats.catalogue import Catalogue
from autostats.queries.attention import Subject
from autostats.queries.buckets import By
from autostats.queries.missing import State
from autostats.render.section import Column
from autostats.schemas.parts import Schema, closed, document, first_and_last, recorded, row, rows, settings
from autostats.schemas.parts import properties as described
from autostats.sections.archive import instrument_columns
from autostats.sections.attention import ATTENTION
from autostats.sections.availability import AVAILABILITY, OUTAGES, POLLED
from autostats.sections.breakdown import DAYS, HOURS, buckets
from autostats.sections.comparison import comparison_columns
from autostats.sections.counted import COUNTED, DAILY
from autostats.sections.missing import missing_columns
from autostats.sections.pending import pending_columns
from autostats.sections.problem_jobs import problem_job_columns
from autostats.sections.runs import RESOLVED, UNRESOLVED
from autostats.sections.summary import SUMMARY
from autostats.sections.table_freshness import now_columns

NEEDS_ATTENTION = "What needs somebody now, the worst first."
_PERIOD = {"$ref": "#/$defs/period"}


def _with(shared: str, columns: Iterable[Column], known: Schema) -> Schema:
    """Return a row with the definition `shared`, whose properties are `known`, plus the other columns."""
    own = {name: each for name, each in described(columns, "span").items() if name not in known}
    return {"$ref": f"#/$defs/{shared}", "properties": own, "unevaluatedProperties": False}


def attention_row(catalogue: Catalogue, *own: Column) -> Schema:
    """Return the schema of a row of what needs attention."""
    found = row(catalogue.columns("fct_attention", *ATTENTION, *own))
    found["properties"]["subject"]["enum"] = list(Subject)
    return found


def report(catalogue: Catalogue) -> Schema:
    """Return the schema of the report."""
    counted = described(catalogue.columns(DAILY, *COUNTED), "span")
    columns = comparison_columns(catalogue)
    compared = {name: each for name, each in described(columns, "span").items() if name != "instrument"}

    def counts(wanted: Iterable[str | Column]) -> Schema:
        return _with("counted", catalogue.columns(DAILY, *wanted), counted)

    breakdowns = {
        f"{by.value}s": rows(f"With --by {by.value}: a row per instrument and {by.value}.", counts(wanted))
        for by in By
        for wanted in [{By.HOUR: HOURS, By.DAY: DAYS}.get(by) or buckets(by)]
    }
    optional = {
        "total": {
            **counts([each for each in SUMMARY if each != "instrument"]),
            "description": "All of them together, recounted; absent if there is no record.",
        },
        "comparison_total": {
            **_with("compared", (), compared),
            "description": "With --compare: all instruments together; absent if there is no record.",
        },
        "comparison": rows("With --compare: a row per instrument.", _with("compared", columns, compared)),
        "attention": rows(
            f"{NEEDS_ATTENTION} Absent if the period ends before the last day that is complete.",
            attention_row(catalogue),
        ),
        **breakdowns,
        "archive": rows(
            "A row per instrument whose files are counted, as of now; absent where there is none.",
            row(instrument_columns(catalogue)),
        ),
        "resolved": rows(
            "With --resolved: the runs that had failed and then passed in the period.",
            row(catalogue.columns("fct_resolved_runs", *RESOLVED)),
        ),
        "unresolved": rows(
            "With --unresolved: the runs that failed in the period and have not passed since.",
            row(catalogue.columns("fct_unresolved_runs", *UNRESOLVED)),
        ),
        "missing": rows(
            "With --missing: ranges of runs noticed missing in the period.",
            row(missing_columns(catalogue, State.OPEN)),
        ),
        "pending": rows(
            "With --pending: the jobs of the period that are waiting or being processed.",
            row(pending_columns(catalogue)),
        ),
        "problems": rows(
            "With --problems: each problem of each job of the period, and of jobs without a day.",
            row(problem_job_columns(catalogue)),
        ),
        "tables": rows(
            "The monitored tables that are not fresh; absent if there are none, or with instruments.",
            row(now_columns(catalogue)),
        ),
        "availability": rows(
            "A row per instrument with polls, for the period; absent where no instrument has any.",
            row(catalogue.columns(POLLED, *AVAILABILITY)),
        ),
        "outages": rows(
            "With --all: the outages that the period has a part of; absent where availability is.",
            row(catalogue.columns("fct_outages", *OUTAGES)),
        ),
        "compared": closed(
            {
                "now": {**_PERIOD, "description": "Of this period."},
                "then": {**_PERIOD, "description": "Of the other."},
            },
            description="With --compare: the days that are compared.",
        ),
    }
    days = {"type": "integer", "minimum": 1, "description": "The number of days."}
    return document(
        "report",
        {
            "period": {**_PERIOD, "description": "The days that are counted."},
            "recorded": recorded("The days that the statistics hold of these instruments; null if none."),
            "settings": settings(),
            "summary": rows("A row per instrument, of the whole period.", counts(SUMMARY)),
            **optional,
        },
        optional=optional,
        period=closed({**first_and_last(), "days": days}),
        counted={"type": "object", "properties": counted},
        compared={"type": "object", "properties": compared},
    )
