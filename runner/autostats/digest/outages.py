"""News of availability: which instruments went down, and which are up again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autostats.name_order import name_key
from autostats.period import Period
from autostats.queries.availability import outages, polled_instruments
from autostats.queries.rows import Row
from autostats.queries.scope import Scope


@dataclass(frozen=True)
class KnownOutages:
    """The outages that a destination was told of: those that went on, and those that had ended.

    `ended` is None where nobody polled: then all that had ended by the moment that was told is history.
    """

    down: frozenset[tuple[str, datetime]] = frozenset()
    ended: frozenset[tuple[str, datetime, datetime]] | None = None


NONE_KNOWN = KnownOutages()


def read_outages(scope: Scope) -> list[Row] | None:
    """Return the outages since the first day of the period; None if no instrument was ever polled."""
    if not polled_instruments(scope.warehouse):
        return None
    last = scope.settings.local(scope.settings.as_of).date()
    return outages(scope.during(Period(min(scope.period.first, last), last)))


def known_outages(
    found: Sequence[Row] | None, since: datetime, until: datetime | None = None
) -> KnownOutages:
    """Return the knowledge of somebody who was told of all until a moment (None: of all there are).

    Outages that had ended before `since` are forgotten. Both times are UTC.
    """
    if found is None:
        return NONE_KNOWN
    begun = [row for row in found if until is None or row["started_at"] < until]

    def is_over(row: Row) -> bool:
        return row["ended_at"] is not None and (until is None or row["ended_at"] < until)

    return KnownOutages(
        down=frozenset((row["instrument"], row["started_at"]) for row in begun if not is_over(row)),
        ended=frozenset(
            (row["instrument"], row["started_at"], row["ended_at"])
            for row in begun
            if is_over(row) and row["ended_at"] >= since
        ),
    )


def changed_outages(
    found: Sequence[Row] | None, told: KnownOutages, as_of: datetime, since: datetime
) -> tuple[list[Row], list[Row]]:
    """Return the outages that go on, and those that have ended, of which `told` knows nothing.

    `as_of` is the moment of the statistics that were told; what had ended before `since` is history (UTC).
    The end of an outage is told once, even if other settings or operating hours move it later. An instrument
    that was told to be down, and never was, comes back after no time.
    """
    if found is None:
        return [], []
    known_down = dict(told.down)
    going_on = [row for row in found if row["ended_at"] is None]
    ended = [row for row in found if row["ended_at"] is not None and row["ended_at"] >= since]

    def ends_a_known_one(row: Row) -> bool:
        return row["instrument"] in known_down and row["ended_at"] > known_down[row["instrument"]]

    def is_unknown(row: Row) -> bool:
        return told.ended is not None and not any(
            row["instrument"] == name and row["started_at"] < until and start < row["ended_at"]
            for name, start, until in told.ended
        )

    up = [row for row in ended if row["ended_at"] > as_of or ends_a_known_one(row) or is_unknown(row)]
    known_to_go_on = known_down.keys() - {row["instrument"] for row in up if ends_a_known_one(row)}
    down = [row for row in going_on if row["instrument"] not in known_to_go_on]
    really_down = {row["instrument"] for row in (*up, *going_on)}
    up += [_never(name, began) for name, began in known_down.items() if name not in really_down]
    return down, sorted(up, key=lambda row: (name_key(row["instrument"]), row["ended_at"]))


def _never(instrument: str, began: datetime) -> dict[str, Any]:
    """Return the outage of an instrument that was not down after all."""
    return {
        "instrument": instrument,
        "started_at": began,
        "ended_at": began,
        "down_seconds": 0.0,
        "reason": None,
    }
