"""The availability of instruments: for how long they were up and down, and when they were out of order."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.warehouse import Warehouse

_TOTALS = """
select instrument, sum(scheduled_seconds) as scheduled_seconds, sum(up_seconds) as up_seconds,
    sum(down_seconds) as down_seconds, sum(unknown_seconds) as unknown_seconds,
    cast(sum(failures) as bigint) as failures, max(longest_down_seconds) as longest_down_seconds
from fct_availability_daily
where {chosen}
group by instrument
order by instrument
"""
_OUTAGES = """
select instrument, started_at, ended_at, down_seconds, reason
from fct_outages
where started_at < ? and coalesce(ended_at, ?) > ? and {chosen}
order by instrument, started_at
"""


def totals(scope: Scope, found: Sequence[Row]) -> list[Row]:
    """Return one row per instrument with polls: seconds of the period, and what follows from them.

    `found` are the period's `outages`.

    `availability` is the part of the known time that it was up (0 to 1; None when none is known).
    `mtbf_seconds` is up time / (outages + 1), and `mttr_seconds` down time / outages, as light sources
    publish them (Luedeke et al., PRAB 19, 082802).
    """
    chosen, parameters = scope.condition()
    counts = Counter(row["instrument"] for row in found)
    rows = scope.warehouse.rows(_TOTALS.format(chosen=chosen), parameters)
    return [{**row, **_derived(row, counts[row["instrument"]])} for row in rows]


def _derived(row: Row, count: int) -> Row:
    known = row["up_seconds"] + row["down_seconds"]
    return {
        "outages": count,
        "availability": row["up_seconds"] / known if known else None,
        "mtbf_seconds": row["up_seconds"] / (count + 1) if known else None,
        "mttr_seconds": row["down_seconds"] / count if count else None,
    }


def outages(scope: Scope) -> list[Row]:
    """Return the outages that the period has a part of: when they began and ended, and why."""
    first = scope.settings.midnight(scope.period.first)
    end = scope.settings.midnight(scope.period.last + timedelta(days=1))
    chosen, names = scope.among()
    return scope.warehouse.rows(_OUTAGES.format(chosen=chosen), [end, scope.settings.as_of, first, *names])


def lately(scope: Scope) -> list[Row]:
    """Return the last hour, day and week of each instrument, up to the moment of the statistics."""
    chosen, names = scope.among()
    return scope.warehouse.rows(f"select * from rpt_availability where {chosen} order by instrument", names)


def polled_instruments(warehouse: Warehouse) -> list[str]:
    """Return the instruments that were ever polled, in order."""
    return [row["instrument"] for row in warehouse.rows("select instrument from rpt_availability order by 1")]
