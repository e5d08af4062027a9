"""`rpt_instrument_silence`, recounted from the definitions over the rows of other marts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from autostats.verification.recount import Row
from autostats.verification.settings import Settings


def silence(marts: Mapping[str, Sequence[Row]], settings: Settings) -> list[Row]:
    """Return a row per instrument in `dim_instruments`, except `unknown`."""
    today = settings.local_day(settings.as_of)
    year = (today - timedelta(days=365), today)
    is_known = any(cycle.first_day <= year[1] and cycle.last_day >= year[0] for cycle in settings.cycles)
    rows = []
    for instrument in marts["dim_instruments"]:
        name = instrument["instrument"]
        if name == "unknown":
            continue
        created = [
            job["created_at"]
            for job in marts["fct_jobs"]
            if job["instrument"] == name and not job["is_deleted"] and job["created_at"] is not None
        ]
        newest = max((moment for moment in created if moment <= settings.as_of), default=None)
        days = [
            row
            for row in marts["fct_instrument_daily"]
            if row["instrument"] == name and year[0] <= row["day"] <= year[1]
        ]
        silent, longest = _silent_days(sorted(days, key=_day), is_known)
        rows.append(
            {
                "instrument": name,
                "last_created_at": newest,
                "age_hours": None if newest is None else (settings.as_of - newest) / timedelta(hours=1),
                "silent_days": silent,
                "longest_before": longest,
                "is_active": instrument["is_active"],
                "is_paused": instrument["is_paused"],
                "is_unusual": instrument["is_active"]
                and not instrument["is_paused"]
                and silent is not None
                and silent >= 2
                and silent > (longest or 0),
            }
        )
    return rows


def _day(row: Row) -> date:
    day: date = row["day"]
    return day


def _silent_days(days: Sequence[Row], is_cycle_known: bool) -> tuple[int | None, int | None]:
    """Return the expected days since the last one with a job, and the longest such series before, or None."""
    silences: list[int] = []
    current, has_jobs = 0, False
    for row in days:
        if row["jobs_total"]:
            if has_jobs or row is not days[0]:
                silences.append(current)
            current, has_jobs = 0, True
        elif row["is_complete"] and not row["is_maintenance_day"]:
            current += row["cycle"] is not None or not is_cycle_known
    return (current, max(silences, default=None)) if has_jobs else (None, None)
