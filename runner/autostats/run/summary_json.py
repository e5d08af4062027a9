"""The summary of a run as one JSON object, for programs."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from autostats.render.as_json import json_text
from autostats.render.machine import machine_value
from autostats.run.summary import Summary

# Of an instrument with more days, only their number is told: a first load may have thousands.
MOST_DAYS = 366


def as_json(summary: Summary) -> str:
    """Return the summary as indented ASCII JSON."""
    return json_text(
        {
            "schema": "autostats/run/1",
            "source": summary.source,
            "first_load": summary.is_first_load,
            "full_refresh": summary.full_refresh,
            "jobs_new": summary.jobs_new,
            "jobs_changed": summary.jobs_changed,
            "jobs_vanished": summary.jobs_vanished,
            "days": {instrument: _days(days) for instrument, days in summary.days.items()},
            "resolved": _runs(summary.newly_resolved),
            "failing": {"total": summary.failing, **_runs(summary.newly_failing)},
            "missing": {
                "total": summary.missing,
                "no_longer": len(summary.no_longer_missing),
                **_runs(summary.newly_missing),
            },
            "attention": [
                {name: machine_value(value) for name, value in row.items()} for row in summary.attention
            ],
            "problems": {
                name: {"count": problem.count, "change": problem.change}
                for name, problem in summary.problems.items()
            },
            "seconds": round(summary.seconds, 3),
            "dbt_seconds": round(summary.dbt_seconds, 3),
            "load_number": summary.load_number,
            "as_of": machine_value(summary.as_of),
        }
    )


def selected_as_json(models: int, seconds: float) -> str:
    """Return what `--select` built, how many models in how many seconds, as indented ASCII JSON."""
    return json_text({"schema": "autostats/run-select/1", "models": models, "seconds": round(seconds, 3)})


def _days(days: Sequence[date]) -> list[str] | int:
    return [day.isoformat() for day in days] if len(days) <= MOST_DAYS else len(days)


def _runs(runs: Iterable[tuple[str, int]]) -> dict[str, Any]:
    listed = [{"instrument": instrument, "run_number": run} for instrument, run in sorted(runs)]
    return {"new": len(listed), "runs": listed}
