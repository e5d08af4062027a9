"""The schemas of what a run prints."""

from autostats.catalogue import Catalogue
from autostats.render.section import Kind
from autostats.run.summary_json import MOST_DAYS
from autostats.schemas.parts import INSTRUMENT, TYPES, Schema, closed, document, rows
from autostats.schemas.report import NEEDS_ATTENTION, attention_row

_COUNT = TYPES[Kind.COUNT]
_RUN = {"instrument": INSTRUMENT, "run_number": {**TYPES[Kind.RUN], "description": "The run."}}


def _count(description: str) -> Schema:
    return {**_COUNT, "description": description}


def _seconds(description: str) -> Schema:
    return {**TYPES[Kind.SECONDS], "description": description}


def _runs(what: str, **more: Schema) -> Schema:
    """Return the schema of runs: how many are new, which, and `more` numbers of them."""
    return closed(
        {
            **more,
            "new": _count("How many of them are new since the run before."),
            "runs": rows("The new ones, by instrument and run number.", closed(_RUN)),
        },
        description=f"The runs that {what}. In the first load, all of them are new.",
    )


def run(catalogue: Catalogue) -> Schema:
    """Return the schema of the summary of a run."""
    changed_days = {
        "anyOf": [{"type": "array", "items": TYPES[Kind.DAY]}, {**_COUNT, "minimum": MOST_DAYS + 1}]
    }
    problem = {
        "count": _count("How many there are now."),
        "change": {
            "type": ["integer", "null"],
            "description": "How many more than before this run; null in the first load.",
        },
    }
    return document(
        "run",
        {
            "source": {"type": "string", "description": "The source, without its password."},
            "first_load": {"type": "boolean", "description": "Whether there were no statistics before."},
            "full_refresh": {
                "type": "boolean",
                "description": "Whether all statistics were rebuilt from the whole source; in a first load,"
                " whether --full-refresh asked for that.",
            },
            "jobs_new": _count("How many jobs were new; in a first load or full refresh, all that exist."),
            "jobs_changed": _count("How many jobs had changed."),
            "jobs_vanished": _count(
                "How many jobs were no longer in the source; in a full refresh, those that vanished earlier"
                " are counted again."
            ),
            "days": {
                "type": "object",
                "description": "The local dates that changed, by instrument; only their number if there are"
                f" more than {MOST_DAYS}.",
                "additionalProperties": changed_days,
            },
            "resolved": _runs("had failed and then passed"),
            "failing": _runs("failed and have not passed since", total=_count("How many there are in all.")),
            "missing": _runs(
                "are missing",
                total=_count("How many there are in all."),
                no_longer=_count("How many were missing before this run and no longer are."),
            ),
            "attention": rows(NEEDS_ATTENTION, attention_row(catalogue)),
            "problems": {
                "type": "object",
                "description": "The values that a rule for odd data was needed for, by the name of the rule.",
                "additionalProperties": closed(problem),
            },
            "seconds": _seconds("How long the run took, in seconds."),
            "dbt_seconds": _seconds("How long dbt took of that, in seconds."),
            "load_number": _count("The number of the newest load that found a change, from 1."),
            "as_of": {**TYPES[Kind.TIME], "description": "The moment of the statistics. UTC timestamp."},
        },
    )


def run_select(catalogue: Catalogue) -> Schema:
    """Return the schema of what a run with `--select` prints."""
    return document(
        "run-select",
        {
            "models": _count("How many models were built."),
            "seconds": _seconds("How long that took, in seconds."),
        },
    )
