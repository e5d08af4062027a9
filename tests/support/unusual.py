"""Which lags are unusual, said again in plain Python, with time-zone code of its own."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from pathlib import Path
from statistics import median_low
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
Pause = tuple[date, date]


class Look(NamedTuple):
    """A check of a table; `last_update` is None if it failed or found no rows. Moments are UTC."""

    table_key: str
    checked_at: datetime
    last_update: datetime | None
    interval_seconds: int


@dataclass(frozen=True)
class Verdict:
    """The row of int_unusual_tables; the first two are seconds."""

    usual_lag: float | None
    unusual_above: float | None
    is_unusual: bool


def pauses_of(seed: Path) -> list[Pause]:
    """Return the first and last day of each pause of the beam."""
    with seed.open(encoding="utf-8", newline="") as file:
        cycles = sorted(csv.DictReader(file), key=lambda row: row["first_day"])
    found = []
    for number, row in enumerate(cycles):
        following = cycles[number + 1]["first_day"] if number + 1 < len(cycles) else None
        end = date.fromisoformat(following) + DAY if following else date.max
        found.append((date.fromisoformat(row["last_day"]), end))
        for text in row["maintenance_days"].split():
            found.append((date.fromisoformat(text), date.fromisoformat(text) + DAY))
    return found


def verdict(
    looks: Sequence[Look], as_of: datetime, pauses: Sequence[Pause], zone: str = "Europe/London"
) -> Verdict | None:
    """Judge one table's newest check; None if it did not find a last update."""
    known = [look for look in looks if as_of - 92 * DAY <= look.checked_at <= as_of]
    judged = max(known, key=lambda look: look.checked_at)
    if judged.last_update is None:
        return None

    def local(moment: datetime) -> datetime:
        return moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None)

    def hour(look: Look) -> datetime:
        return local(look.checked_at).replace(minute=0, second=0, microsecond=0)

    peaks: dict[datetime, float] = {}
    first_days: dict[datetime, date] = {}
    hours: dict[datetime, set[datetime]] = {}
    for look in known:
        update = look.last_update
        if update is not None:
            lag = (look.checked_at - update).total_seconds()
            peaks[update] = max(peaks.get(update, lag), lag)
            day = hour(look).date()
            first_days[update] = min(first_days.get(update, day), day)
            hours.setdefault(hour(look), set()).add(update)
    days = {moment.date() for moment in hours}

    def is_pause(day: date) -> bool:
        return any(first <= day <= last for first, last in pauses)

    def rests(day: date) -> bool:
        before = [other for other in days if day - 91 * DAY <= other < day]
        paused = sum(1 for other in before if is_pause(other))
        news = [first for first in first_days.values() if day - 91 * DAY <= first < day]
        in_pause = sum(1 for first in news if is_pause(first))
        with_beam, beam_days = len(news) - in_pause, len(before) - paused
        return is_pause(day) and with_beam >= 20 and with_beam * paused >= 4 * in_pause * beam_days

    lags = []
    reach = max(2, ceil(judged.interval_seconds / 3600))
    now = hour(judged)
    if not rests(now.date()):
        for week in range(1, 14):
            near = [now - week * 7 * DAY + timedelta(hours=n) for n in range(-reach, reach + 1)]
            taught = [
                peaks[update]
                for moment in near
                if moment in hours and not rests(moment.date())
                for update in hours[moment]
                if update != judged.last_update
            ]
            lags += [max(taught)] if taught else []
    if len(lags) < 4:
        return Verdict(None, None, False)
    middle = median_low(lags[:5])
    spread = median_low(abs(lag - middle) for lag in lags[:5])
    earlier = sorted(update for update in peaks if update < judged.last_update)[-2:]
    usual = max(middle, min(peaks[update] for update in earlier) if len(earlier) == 2 else 0)
    above = usual + max(10 * spread, usual / 4, judged.interval_seconds + 7200)
    return Verdict(usual, above, (judged.checked_at - judged.last_update).total_seconds() > above)


def random_looks(chance: random.Random, name: str, as_of: datetime, pauses: Sequence[Pause]) -> list[Look]:
    """A table's checks up to a while after `as_of`: of any habit, with failures, outages and steps back."""
    interval = chance.choice([3600, 7200, 10_000, 21_600, 86_400])
    every = timedelta(seconds=interval * chance.choice([1, 2, 4, 8, 40]))
    with_beam_only, weekdays_only = chance.random() < 0.4, chance.random() < 0.3
    stalls = as_of - chance.choice([0.2, 1, 5]) * DAY if chance.random() < 0.5 else datetime.max
    moment = as_of - chance.choice([20, 31, 60, 95, 120]) * DAY
    until = as_of + chance.choice([-0.2, 0.1, 2]) * DAY
    update = moment - chance.random() * every
    looks = []
    while moment < until:
        moment += timedelta(seconds=interval + chance.randrange(30), microseconds=chance.randrange(10**6))
        day = moment.date()
        rests = (with_beam_only and any(first <= day <= last for first, last in pauses)) or (
            weekdays_only and day.weekday() > 4
        )
        if moment - update > every * chance.uniform(0.9, 1.1) and not rests and moment < stalls:
            update = moment - timedelta(seconds=chance.randrange(interval))
            if chance.random() < 0.02:
                update -= chance.choice([1, 3]) * DAY
        found = None if chance.random() < 0.03 else update.replace(microsecond=0)
        looks.append(Look(name, moment, found, interval))
    return looks
