"""Two hundred monitored tables over 26 weeks, and the outages planted in them, for `bench.alarm_quality`.

Everything follows from a seed. Nothing here refers to the rule that is to find the outages.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

HOUR, DAY, WEEK = 3600, 86_400, 604_800
WEEKS = 26
LONDON, UTC = ZoneInfo("Europe/London"), ZoneInfo("UTC")
# Monday; London's clocks change on 26 October and on 29 March.
FIRST_DAY = date(2025, 10, 6)
DAYS = WEEKS * 7
HOLIDAYS = {date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1)}


@dataclass(frozen=True)
class Outage:
    """An outage: its kind, and its times in seconds of the epoch."""

    kind: str
    due: float
    """When the first update that failed would have been there."""
    recovered: float
    """When the next update was there."""


@dataclass(frozen=True)
class Check:
    """A look at a table, in whole seconds of the epoch; `last_update` is None if the look failed."""

    checked_at: int
    last_update: int | None
    interval: int


@dataclass
class Table:
    """A table: its updates as (when it was there, the time it shows), and who looks at it when."""

    name: str
    kind: str
    cadence: float
    """How many seconds usually lie between two updates, up to the change if there is one."""
    interval: int
    updates: list[tuple[float, float]]
    watched_from: float
    change: float = float("inf")
    new_cadence: float = 0.0
    new_interval: int = 0
    outages: list[Outage] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def cadence_at(self, moment: float) -> float:
        """Return how many seconds usually lie between two updates at that time."""
        return self.cadence if moment < self.change else self.new_cadence


@dataclass(frozen=True)
class Cycle:
    """A beam cycle by its first and last day, and its maintenance day."""

    first_day: date
    last_day: date
    maintenance_day: date


def epoch(day: date, hours: float = 0.0, zone: ZoneInfo = UTC) -> float:
    """Return the second of the epoch at which a clock shows that many hours past midnight."""
    clock = datetime(day.year, day.month, day.day) + timedelta(hours=hours)
    return clock.replace(tzinfo=zone).timestamp()


START, END = epoch(FIRST_DAY), epoch(FIRST_DAY + timedelta(days=DAYS))


def days_from(days_before: int) -> list[date]:
    """Return the days of the study, and as many before it."""
    return [FIRST_DAY + timedelta(days=number) for number in range(-days_before, DAYS + 1)]


class World:
    """The tables of one seed, with the facility's beam cycles."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.cycles = self._cycles()
        self.silences = self._silences()
        self.tables: list[Table] = []
        makers: list[tuple[Callable[[], Table], int]] = [
            (self._regular, 60),
            (self._nightly, 50),
            (self._weekday_nights, 18),
            (self._office_hours, 12),
            (self._monthly, 20),
            (self._changing, 20),
            (self._beam, 20),
        ]
        for maker, count in makers:
            for _ in range(count):
                table = maker()
                self._break(table)
                table.checks = list(self._looks(table))
                self.tables.append(table)

    # How often, and how regularly

    def _takes(self, median: float, spread: float) -> float:
        """How long a load takes: log-normal."""
        return median * self.chance.lognormvariate(0.0, spread)

    def _table(self, kind: str, cadence: float, interval: float, updates: list[tuple[float, float]]) -> Table:
        # A tenth of the tables are watched later than the others.
        late = self.chance.random() < 0.1
        watched_from = START + (self.chance.uniform(3, 12) * WEEK if late else self.chance.uniform(0, DAY))
        name = f"{kind.replace(' ', '_')}_{len(self.tables):03}"
        return Table(name, kind, cadence, round(interval), sorted(updates), watched_from)

    def _steady(self, cadence: float, start: float, end: float) -> list[tuple[float, float]]:
        """Updates all day long; one in 500 is late by up to four fifths of the time between two."""
        chance = self.chance
        usual, spread = cadence * chance.uniform(0.03, 0.2), chance.uniform(0.2, 0.5)
        shows_start = chance.random() < 0.5
        phase = chance.uniform(0, cadence)
        found = []
        for number in range(int((end - start) / cadence) + 1):
            moment = start + phase + number * cadence
            there = moment + self._takes(usual, spread)
            if chance.random() < 0.002:
                there += cadence * chance.uniform(0.2, 0.8)
            found.append((there, moment if shows_start else there - 1))
        return found

    def _daily(
        self, days: list[date], hour: float, takes: tuple[float, float], zone: ZoneInfo, shows: str
    ) -> list[tuple[float, float]]:
        """An update on each of these days; one in a hundred takes one to six hours longer."""
        found = []
        for day in days:
            begun = epoch(day, hour, zone)
            there = begun + self._takes(*takes)
            if self.chance.random() < 0.01:
                there += self.chance.uniform(1, 6) * HOUR
            shown = {"end": there - 1, "start": begun, "day": epoch(day, 0, zone)}[shows]
            found.append((there, shown))
        return found

    def _habit(self) -> tuple[float, tuple[float, float], ZoneInfo, str]:
        """When a nightly load begins, how long it takes, by which clock it is started, what it shows."""
        chance = self.chance
        return (
            chance.uniform(0, 6),
            (chance.uniform(600, 7200), chance.uniform(0.2, 0.6)),
            LONDON if chance.random() < 0.8 else UTC,
            chance.choice(["end", "end", "start", "day"]),
        )

    def _nights_interval(self) -> float:
        return HOUR * self.chance.choice([0.5, 1, 1, 1, 2, 6, 12])

    def _regular(self) -> Table:
        cadence = self.chance.choices([900, 1800, 3600, 7200, 21_600], [5, 10, 30, 10, 5])[0]
        updates = self._steady(cadence, START - DAY, END)
        return self._table("hourly", cadence, cadence / self.chance.choice([2, 2, 3]), updates)

    def _nightly(self) -> Table:
        return self._table("nightly", DAY, self._nights_interval(), self._daily(days_from(3), *self._habit()))

    def _weekday_nights(self) -> Table:
        days = [day for day in days_from(7) if day.weekday() < 5]
        return self._table("weekdays", DAY, self._nights_interval(), self._daily(days, *self._habit()))

    def _office_hours(self) -> Table:
        """Every hour of the working day; half of these tables rest on public holidays as well."""
        rests = self.chance.random() < 0.5
        first, last = self.chance.choice([7, 8, 9]), self.chance.choice([17, 18, 20])
        usual, spread = self.chance.uniform(120, 900), self.chance.uniform(0.2, 0.5)
        updates = []
        for day in days_from(7):
            if day.weekday() < 5 and not (rests and day in HOLIDAYS):
                for hour in range(first, last + 1):
                    there = epoch(day, hour, LONDON) + self._takes(usual, spread)
                    updates.append((there, there - 1))
        return self._table("office hours", HOUR, self.chance.choice([900, 1800]), updates)

    def _monthly(self) -> Table:
        """On the first of the month, or on its first or third working day."""
        place = self.chance.choice(["first", "working 1", "working 3"])
        months: dict[tuple[int, int], list[date]] = {}
        for day in days_from(75):
            months.setdefault((day.year, day.month), []).append(day)
        chosen = []
        for days in months.values():
            working = [day for day in days if day.weekday() < 5 and day not in HOLIDAYS]
            if days[0].day == 1:
                picked = {"first": days[:1], "working 1": working[:1], "working 3": working[2:3]}[place]
                chosen.extend(picked)
        hour, takes, _, shows = self._habit()
        updates = self._daily(chosen, hour + 2, (takes[0] * 2, takes[1]), LONDON, shows)
        return self._table("monthly", 30.4 * DAY, HOUR * self.chance.choice([6, 12, 24]), updates)

    def _changing(self) -> Table:
        """A table whose schedule changes for good in the middle of the study."""
        chance = self.chance
        change = FIRST_DAY + timedelta(days=chance.randrange(8 * 7, 18 * 7))
        moment = epoch(change)
        how = chance.choice(["slower", "slower", "faster", "moved", "fewer days"])
        hour, takes, zone, shows = self._habit()
        before = [day for day in days_from(7) if day < change]
        after = [day for day in days_from(7) if day >= change]
        if how == "slower":
            cadence = HOUR * chance.choice([3, 6])
            updates = [*self._steady(HOUR, START - DAY, moment), *self._steady(cadence, moment, END)]
            return self._with_change(self._table("changing", HOUR, 1800, updates), moment, cadence)
        nights = self._daily(before, hour, takes, zone, shows)
        if how == "faster":
            table = self._table("changing", DAY, HOUR, [*nights, *self._steady(HOUR, moment, END)])
            return self._with_change(table, moment, HOUR, 1800)
        if how == "moved":
            nights += self._daily(after, hour + chance.uniform(3, 8), takes, zone, shows)
        else:
            nights += self._daily([day for day in after if day.weekday() < 5], hour, takes, zone, shows)
        return self._with_change(self._table("changing", DAY, self._nights_interval(), nights), moment, DAY)

    def _with_change(self, table: Table, moment: float, cadence: float, interval: int = 0) -> Table:
        """Let it be broken soon after the change."""
        table.change, table.new_cadence, table.new_interval = moment, cadence, interval or table.interval
        soon = moment + self.chance.uniform(3, 20) * DAY
        length = self._stall(cadence) if cadence < DAY else cadence * self.chance.uniform(2, 4)
        self._plant(table, "after a change", soon, length)
        return table

    def _stall(self, cadence: float) -> float:
        """For how many seconds a table that is updated through the day stalls."""
        return max(self.chance.uniform(3, 12) * HOUR, 1.5 * cadence)

    def _beam(self) -> Table:
        """Runs of an instrument: irregular, none without beam; a third of the tables see a few even then."""
        chance = self.chance
        usual, spread = chance.uniform(600, 3600), chance.uniform(0.3, 0.6)
        strays = chance.random() < 0.3
        updates = []
        for cycle in self.cycles:
            late = chance.choice([0, 0, 0, 1, 2])
            moment = epoch(cycle.first_day, chance.uniform(8, 20), LONDON) + late * DAY
            end = epoch(cycle.last_day, chance.uniform(6, 17), LONDON)
            while moment < end:
                if datetime.fromtimestamp(moment, LONDON).date() != cycle.maintenance_day:
                    updates.append((moment + 60, moment))
                moment += self._takes(usual, spread)
        moment = START
        while strays and moment < END:
            moment += chance.expovariate(1 / (3 * DAY))
            day = datetime.fromtimestamp(moment, LONDON).date()
            if not any(cycle.first_day <= day <= cycle.last_day for cycle in self.cycles):
                updates.append((moment + 60, moment))
        return self._table("beam", usual, max(300.0, usual / 2), updates)

    def _cycles(self) -> list[Cycle]:
        """Four to six weeks of beam, and about as much without."""
        bounds = [(-20, 24), (58, 100), (131, 175)]
        shift = self.chance.randrange(-6, 7)
        found = []
        for first, last in bounds:
            days = [FIRST_DAY + timedelta(days=number + shift) for number in (first, last)]
            found.append(Cycle(days[0], days[1], days[0] + timedelta(days=self.chance.randrange(14, 28))))
        return found

    # What goes wrong

    def _break(self, table: Table) -> None:
        """Plant outages of the kinds that such a table has."""
        chance = self.chance
        ready = table.watched_from + 4 * WEEK
        if chance.random() < 0.1:
            early = table.watched_from + chance.uniform(1, 3) * WEEK
            self._plant(table, "in the first weeks", early, max(1.5 * table.cadence, 3 * HOUR))
        if table.kind == "monthly":
            if chance.random() < 0.7:
                self._plant(table, "month missed", chance.uniform(ready, END), 0)
            return
        for _ in range(2 if table.cadence < DAY else chance.choice([1, 1, 2])):
            moment = chance.uniform(ready, END)
            if table.cadence_at(moment) < DAY:
                self._plant(table, "stalled for hours", moment, self._stall(table.cadence_at(moment)))
            else:
                self._plant(table, "failed once", moment, 0)
        if chance.random() < 0.3:
            self._plant(table, "stopped for days", chance.uniform(ready, END), chance.uniform(1, 5) * DAY)
        if table.kind in ("hourly", "nightly", "weekdays") and chance.random() < 0.15:
            monday = FIRST_DAY + timedelta(days=7 * chance.randrange(5, WEEKS))
            friday = epoch(monday - timedelta(days=3), chance.uniform(0, 20), LONDON)
            self._plant(table, "over a weekend", friday, epoch(monday, chance.uniform(8, 12)) - friday)

    def _plant(self, table: Table, kind: str, moment: float, length: float) -> None:
        """Let the first update after `moment` fail, and all others for `length` seconds after it.

        After an outage that is given a length, somebody starts the load again, and it catches up; an update
        that fails once (0) is made up for by the next one. Outages keep a distance of three days.
        """
        times = [there for there, _ in table.updates]
        first = bisect_left(times, moment)
        if not 0 < first < len(times) - 1:
            return
        due = times[first]
        after = bisect_right(times, due + length)
        recovered = due + length if length else times[after] if after < len(times) else END
        if due >= END or any(
            o.due - 3 * DAY < recovered and due < o.recovered + 3 * DAY for o in table.outages
        ):
            return
        if table.kind == "beam" and not any(
            epoch(c.first_day) <= due and recovered <= epoch(c.last_day) for c in self.cycles
        ):
            return
        made_up = [(recovered, recovered - 1)] if length and recovered < END else []
        table.updates[first:after] = made_up
        table.outages.append(Outage(kind, due, min(recovered, END)))

    def four_weeks(self, table: Table) -> float:
        """Return when a table has been watched for four weeks; of an instrument's table, with beam."""
        if table.kind != "beam":
            return table.watched_from + 4 * WEEK
        first = datetime.fromtimestamp(table.watched_from, UTC).date()
        days = (first + timedelta(days=number) for number in range(2 * DAYS))
        with_beam = [d for d in days if any(c.first_day <= d <= c.last_day for c in self.cycles)]
        return epoch(with_beam[28]) if len(with_beam) > 28 else END

    # Who looks

    def _silences(self) -> list[tuple[float, float]]:
        """When the collector itself did not run."""
        starts = [self.chance.uniform(START, END) for _ in range(3)]
        return [(start, start + self.chance.uniform(1, 12) * HOUR) for start in starts]

    def _looks(self, table: Table) -> Iterator[Check]:
        """A check each interval, some seconds late; one in 200 fails."""
        times = [there for there, _ in table.updates]
        shown: list[float] = []
        for _, update in table.updates:
            shown.append(max(update, shown[-1]) if shown else update)
        moment, interval = table.watched_from, table.interval
        while moment < END:
            if moment >= table.change:
                interval = table.new_interval
            at = moment + self.chance.uniform(0, 30)
            known = bisect_right(times, at) - 1
            if not any(start <= at < end for start, end in self.silences):
                fails = self.chance.random() < 0.005 or known < 0
                yield Check(int(at), None if fails else int(shown[known]), interval)
            moment += interval
