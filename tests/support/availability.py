"""What instruments' availability is, second by second: slow, plain, and with a clock of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from support.clocks import DAY, SECOND, Clock
from support.dbt_project import statistics


@dataclass(frozen=True)
class Poll:
    """A poll at a whole, even second, so that the middle between two is one as well. UTC."""

    at: datetime
    state: str
    reason: str | None = None


@dataclass(frozen=True)
class Hours:
    """A span of operating hours; the days are dates, `until` not included."""

    weekday: int
    start: time
    end: time
    first: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Reading:
    """How polls are read: the vars of the project."""

    fill: str = "previous"
    no_data: str = "unknown"
    first_state: str | None = None
    max_gap: int | None = None
    short_uptime: int = 3600

    @property
    def variables(self) -> dict[str, object]:
        """The vars by their names."""
        return {
            "availability_fill": self.fill,
            "availability_no_data": self.no_data,
            "availability_first_state": self.first_state,
            "availability_max_gap": self.max_gap,
            "short_uptime": self.short_uptime,
        }


@dataclass
class Instrument:
    """An instrument, second by second from `base`, UTC, to `as_of`, and what follows from that."""

    name: str
    zone: str
    polls: Sequence[Poll]
    hours: Sequence[Hours]
    as_of: datetime
    reading: Reading
    states: list[str] = field(init=False)
    days: list[date | None] = field(init=False)

    def __post_init__(self) -> None:
        self.polls = sorted((p for p in self.polls if p.at <= self.as_of), key=lambda poll: poll.at)
        clock = Clock(self.zone)
        self.first_day = clock.at(self.polls[0].at).date()
        self.last_day = clock.at(self.as_of).date()
        self.base = datetime.combine(self.first_day, time()) - 3 * DAY
        self.length = int((self.as_of - self.base) / SECOND)
        self.windows = self._windows()
        self.days = [None] * self.length
        for day, start, end in self.windows:
            self.days[start:end] = [day] * (end - start)
        self.states = self._states()

    def second(self, moment: datetime) -> int:
        """The number of a moment's second, within bounds."""
        return min(max(int((moment - self.base) / SECOND), 0), self.length)

    def _windows(self) -> list[tuple[date, int, int]]:
        """Each day's windows, as numbers of seconds; touching ones are one."""
        clock = Clock(self.zone)
        found = []
        count = (self.last_day - self.first_day).days
        days = [self.first_day + number * DAY for number in range(-1, count + 1)]
        bounds = {day: self.second(clock.midnight(day)) for day in [*days, days[-1] + DAY]}
        open_seconds = bytearray(self.length)
        for day in days:
            for start, end in self._spans(day):
                opens, closes = self.second(clock.first_at(start)), self.second(clock.first_at(end))
                open_seconds[opens:closes] = b"1" * max(closes - opens, 0)
        for day in days[1:]:
            first: int | None = None
            for second in range(bounds[day], bounds[day + DAY]):
                if open_seconds[second] and first is None:
                    first = second
                if not open_seconds[second] and first is not None:
                    found.append((day, first, second))
                    first = None
            if first is not None:
                found.append((day, first, bounds[day + DAY]))
        return found

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, time())
        if not self.hours:
            return [(midnight, midnight + DAY)]
        spans = []
        for hours in self.hours:
            if hours.weekday != day.weekday():
                continue
            if (hours.first and day < hours.first) or (hours.until and day >= hours.until):
                continue
            later = DAY if hours.end <= hours.start else timedelta()
            spans.append((datetime.combine(day, hours.start), datetime.combine(day, hours.end) + later))
        return spans

    def _states(self) -> list[str]:
        if self.reading.first_state is None:
            return self._read(list(self.polls), 0, self.length, None)
        states = ["unknown"] * self.length
        for _, start, end in self.windows:
            inside = [poll for poll in self.polls if start <= self.second(poll.at) < end]
            if inside:
                states[start:end] = self._read(inside, start, end, self.reading.first_state)
            else:
                states[start:end] = [self.reading.no_data] * (end - start)
        return states

    def _read(self, polls: list[Poll], start: int, end: int, before: str | None) -> list[str]:
        """The state in each second from `start` to `end`, of which `polls` tell."""
        gap = self.reading.max_gap
        at = [(self.second(poll.at), poll.state) for poll in polls]
        states = []
        index = -1
        for second in range(start, end):
            while index + 1 < len(at) and at[index + 1][0] <= second:
                index += 1
            last = at[index] if index >= 0 else None
            following = at[index + 1] if index + 1 < len(at) else None
            speaker = self._speaker(second, last, following)
            if speaker is not None and gap is not None:
                ahead = speaker[0] - second
                if ahead > gap or -ahead >= gap:
                    speaker = None if last is None else (second, "unknown")
            if speaker is None:
                states.append(before if before is not None else self.reading.no_data)
            else:
                states.append(speaker[1])
        return states

    def _speaker(
        self, second: int, last: tuple[int, str] | None, following: tuple[int, str] | None
    ) -> tuple[int, str] | None:
        match self.reading.fill:
            case "previous":
                return last
            case "next":
                return following or last
        if last is None or following is None:
            return last
        return last if second < (last[0] + following[0]) / 2 else following

    def daily(self) -> list[dict[str, Any]]:
        """The rows of fct_availability_daily, without the key."""
        rows = []
        day = self.first_day
        starts = self._failures()
        while day <= self.last_day:
            seconds = [self.states[i] for i in range(self.length) if self.days[i] == day]
            start, end = (self.second(Clock(self.zone).midnight(each)) for each in (day, day + DAY))
            rows.append(
                {
                    "instrument": self.name,
                    "day": day,
                    "scheduled_seconds": len(seconds),
                    "unscheduled_seconds": end - start - len(seconds),
                    "up_seconds": seconds.count("up"),
                    "down_seconds": seconds.count("down"),
                    "unknown_seconds": seconds.count("unknown"),
                    "failures": sum(1 for start in starts if self.days[start] == day),
                    "longest_down_seconds": max((end - start for start, end in self._downs(day)), default=0),
                }
            )
            day += DAY
        return rows

    def _failures(self) -> list[int]:
        """The seconds at which it goes down, as seen within the windows alone."""
        found = []
        before = "up"
        for second in range(self.length):
            if self.days[second] is None:
                continue
            if self.states[second] == "down" != before:
                found.append(second)
            before = self.states[second]
        return found

    def _downs(self, day: date | None = None) -> list[tuple[int, int]]:
        """Uninterrupted seconds of down within windows; of one day, or of all."""
        found: list[tuple[int, int]] = []
        for second in range(self.length):
            of_day = self.days[second] is not None and day in (None, self.days[second])
            if not of_day or self.states[second] != "down":
                continue
            if found and found[-1][1] == second:
                found[-1] = (found[-1][0], second + 1)
            else:
                found.append((second, second + 1))
        return found

    def outages(self) -> list[dict[str, Any]]:
        """The rows of fct_outages, without reasons."""
        merged: list[list[tuple[int, int]]] = []
        failures = set(self._failures())
        for down in self._downs():
            if merged:
                between = range(merged[-1][-1][1], down[0])
                up = sum(1 for i in between if self.days[i] is not None and self.states[i] == "up")
                if down[0] not in failures or up < self.reading.short_uptime:
                    merged[-1].append(down)
                    continue
            merged.append([down])
        scheduled = [i for i in range(self.length) if self.days[i] is not None]
        rows = []
        for downs in merged:
            ended = downs[-1][1]
            is_last = ended == scheduled[-1] + 1
            rows.append(
                {
                    "instrument": self.name,
                    "started_at": self.base + downs[0][0] * SECOND,
                    "ended_at": None if is_last and self.states[-1] == "down" else self.base + ended * SECOND,
                    "down_seconds": sum(end - start for start, end in downs),
                }
            )
        return rows

    def lately(self) -> dict[str, Any]:
        """The row of rpt_availability."""
        row: dict[str, Any] = {"instrument": self.name, "state": self.state_now()}
        hour = range(self.length - 3600, self.length)
        days = {
            "hour": [i for i in hour if self.days[i] is not None],
            "day": [i for i in range(self.length) if self.days[i] == self.last_day - DAY],
            "week": [
                i
                for i in range(self.length)
                if (day := self.days[i]) is not None and self.last_day - 7 * DAY <= day < self.last_day
            ],
        }
        for window, seconds in days.items():
            counts = {
                state: sum(1 for i in seconds if self.states[i] == state)
                for state in ("up", "down", "unknown")
            }
            unit = 60 if window == "hour" else 3600
            row[f"uptime_last_{window}"] = counts["up"] / unit
            row[f"downtime_last_{window}"] = counts["down"] / unit
            row[f"unknown_last_{window}"] = counts["unknown"] / unit
            known = counts["up"] + counts["down"]
            row[f"availability_last_{window}"] = 100 * counts["up"] / known if known else None
        return row

    def state_now(self) -> str | None:
        """What it is when it is scheduled; down only if it still is."""
        scheduled = [state for day, state in zip(self.days, self.states, strict=True) if day is not None]
        return self.states[-1] if scheduled[-1:] == ["down"] else next(iter(scheduled[-1:]), None)

    def intervals(self) -> list[dict[str, Any]]:
        """The rows of fct_instrument_states, without reasons."""
        rows: list[dict[str, Any]] = []
        failures = set(self._failures())
        for second, day in enumerate(self.days):
            moment = self.base + second * SECOND
            if day is None:
                continue
            state = self.states[second]
            last = rows[-1] if rows else {}
            if (last.get("ends_at"), last.get("day"), last.get("state")) == (moment, day, state):
                last["ends_at"] = moment + SECOND
                last["seconds"] += 1
                continue
            rows.append(
                {
                    "instrument": self.name,
                    "day": day,
                    "state": state,
                    "seconds": 1,
                    "is_failure": second in failures,
                    "starts_at": moment,
                    "ends_at": moment + SECOND,
                }
            )
        return rows


def availability_marts(instruments: Sequence[Instrument]) -> dict[str, list[dict[str, Any]]]:
    """Every mart of availability."""
    daily = [row for instrument in instruments for row in instrument.daily()]
    return {
        "fct_instrument_states": [row for each in instruments for row in each.intervals()],
        "fct_availability_daily": [
            {"availability_day_key": f"{row['instrument']}|{row['day']}", **row} for row in daily
        ],
        "fct_outages": [row for each in instruments for row in each.outages()],
        "rpt_availability": [each.lately() for each in instruments],
    }


NEVER_POLLED = availability_marts([])


def renamed(marts: dict[str, list[dict[str, Any]]], names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The same of several instruments, each with the rows of the one in `marts`."""
    return {
        table: [
            {**row, "instrument": name}
            | ({"availability_day_key": f"{name}|{row['day']}"} if "availability_day_key" in row else {})
            for name in names
            for row in rows
        ]
        for table, rows in marts.items()
    }


def insert_polls(home: Path, instruments: Sequence[Instrument]) -> None:
    """Put instruments' polls and zones into statistics that dbt has built, as if they had been imported.

    Their operating hours become the seed's; dbt's `seed` takes them away again.
    """
    add_polls(home, {each.name: each.polls for each in instruments}, load=1)
    for each in instruments:
        add_calendar(home, each.name, each.zone, each.hours)


def add_polls(home: Path, polls: Mapping[str, Sequence[Poll]], load: int) -> None:
    """Put polls of instruments into statistics that dbt has built, as one load."""
    rows = [
        [name, each.state, each.reason, each.at, load, load]
        for name, of_it in polls.items()
        for each in of_it
    ]
    with statistics(home) as connection:
        if rows:
            connection.executemany("insert into int_polls by position values (?, ?, ?, ?, ?, ?)", rows)


def add_calendar(home: Path, instrument: str, zone: str, hours: Sequence[Hours]) -> None:
    """Put an instrument's time zone and operating hours into statistics that dbt has built."""
    spans = [[instrument, h.weekday, h.start.isoformat(), h.end.isoformat(), h.first, h.until] for h in hours]
    with statistics(home) as connection:
        connection.execute("insert into instrument_time_zones values (?, ?)", [instrument, zone])
        if spans:
            connection.executemany("insert into operating_hours values (?, ?, ?, ?, ?, ?)", spans)
