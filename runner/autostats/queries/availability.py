"""The availability of instruments: for how long they were up and down, and when they were out of order."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.queries.series import Timeline, begins
from autostats.warehouse import Warehouse

# They add up to the days, the running one up to the moment of the statistics.
STATES = ("up_seconds", "down_seconds", "unknown_seconds", "unscheduled_seconds")

_BY_NAME = "order by instrument collate noaccent.nocase, instrument"
_TOTALS = """
select instrument, sum(scheduled_seconds) as scheduled_seconds, sum(up_seconds) as up_seconds,
    sum(down_seconds) as down_seconds, sum(unknown_seconds) as unknown_seconds,
    cast(sum(failures) as bigint) as failures, max(longest_down_seconds) as longest_down_seconds
from fct_availability_daily
where {chosen}
group by instrument
order by instrument collate noaccent.nocase, instrument
"""
# Groups by the first calendar day of a bucket, even if the period cuts the bucket.
_BUCKETS = """
select instrument, cast(date_trunc('{by}', day) as date) as begins, {sums}
from fct_availability_daily
where {chosen}
group by instrument, begins
order by instrument collate noaccent.nocase, instrument, begins
"""
_OUTAGES = """
select instrument, started_at, ended_at, down_seconds, reason
from fct_outages
where started_at < ? and coalesce(ended_at, ?) > ? and {chosen}
order by instrument collate noaccent.nocase, instrument, started_at
"""


def totals_and_outages(scope: Scope) -> tuple[list[Row], list[Row]]:
    """Return one row per instrument with polls, and one per outage that the period has a part of.

    The first have the seconds of the period, and what follows from them: `availability` is the part of the
    known time that it was up (0 to 1; None when none is known), `mtbf_seconds` up time / (outages + 1), and
    `mttr_seconds` down time / outages, as light sources publish them (Luedeke et al., PRAB 19, 082802).
    """
    chosen, parameters = scope.condition()
    rows = scope.warehouse.rows(_TOTALS.format(chosen=chosen), parameters)
    found = outages(scope) if rows else []
    counts = Counter(row["instrument"] for row in found)
    return [{**row, **_derived(row, counts[row["instrument"]])} for row in rows], found


def _derived(row: Row, count: int) -> Row:
    known = share_up([row])
    return {
        "outages": count,
        "availability": known,
        "mtbf_seconds": row["up_seconds"] / (count + 1) if known is not None else None,
        "mttr_seconds": row["down_seconds"] / count if count else None,
    }


def share_up(rows: Sequence[Row]) -> float | None:
    """Return the part of the known time of all `rows` that is up (0 to 1), None when none is known."""
    up, down = (sum(row[name] for row in rows) for name in ("up_seconds", "down_seconds"))
    return up / (up + down) if up + down else None


def state_series(scope: Scope, line: Timeline) -> list[Row]:
    """Return the seconds in each of `STATES` by instrument and bucket, from that of its first poll on."""
    chosen, parameters = scope.during(line.period).condition()
    sums = ", ".join(f"sum({state}) as {state}" for state in STATES)
    buckets = {begins(bucket.first, line.by): bucket for bucket in line.buckets}
    return [
        {
            "instrument": row["instrument"],
            "label": buckets[row["begins"]].label,
            "first_day": buckets[row["begins"]].first,
            "last_day": buckets[row["begins"]].last,
            **{state: row[state] for state in STATES},
        }
        for row in scope.warehouse.rows(
            _BUCKETS.format(by=line.by.value, sums=sums, chosen=chosen), parameters
        )
    ]


def outages(scope: Scope) -> list[Row]:
    """Return the outages that the period has a part of: when they began and ended, and why."""
    first = scope.settings.midnight(scope.period.first)
    end = scope.settings.midnight(scope.period.last + timedelta(days=1))
    chosen, names = scope.among()
    return scope.warehouse.rows(_OUTAGES.format(chosen=chosen), [end, scope.settings.as_of, first, *names])


def lately(scope: Scope) -> list[Row]:
    """Return the last hour, day and week of each instrument, up to the moment of the statistics."""
    chosen, names = scope.among()
    return scope.warehouse.rows(
        f"select * from rpt_availability where {chosen} {_BY_NAME}",
        names,
    )


def states_now(scope: Scope) -> list[Row]:
    """Return what each instrument is at the moment of the statistics, None if it was never scheduled."""
    chosen, names = scope.among()
    return scope.warehouse.rows(
        f"select instrument, state from rpt_availability where {chosen} {_BY_NAME}",
        names,
    )


def polled_instruments(warehouse: Warehouse) -> list[str]:
    """Return the instruments that were ever polled, in order."""
    return [
        row["instrument"] for row in warehouse.rows(f"select instrument from rpt_availability {_BY_NAME}")
    ]
