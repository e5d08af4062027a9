"""Eighteen months of jobs of twenty instruments, and the trouble planted in them, for `bench.attention`.

Instruments have up to 250 jobs a day with beam, other weekdays, growth or decline, a few days that are much
busier and on which jobs wait for long, and experiments of a few days that take longer or fail more often.
Between cycles there are few jobs or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy
import pandas

FIRST_DAY = datetime(2023, 1, 2)
DAYS = 548
# Nothing is planted, and nobody asked, before.
TAUGHT_DAYS = 84
INSTRUMENTS = 20
DAY = 86400.0
KINDS = ("failure_rate", "execution_time", "pending", "silent")


@dataclass(frozen=True)
class Trouble:
    """What was planted: on which days from the first day on, both included."""

    instrument: str
    kind: str
    first: int
    last: int


class World:
    """The facility of one seed."""

    def __init__(self, seed: int) -> None:
        self._chance = numpy.random.default_rng(seed)
        self.names = [f"I{number:02d}" for number in range(INSTRUMENTS)]
        self.cycles, self.maintenance_days = self._calendar()
        self.is_beam = numpy.zeros(DAYS, dtype=bool)
        for first, last in self.cycles:
            self.is_beam[first : last + 1] = True
        self.is_beam[self.maintenance_days] = False
        self.troubles = [trouble for name in self.names for trouble in self._plant(name)]

    def _calendar(self) -> tuple[list[tuple[int, int]], list[int]]:
        cycles, day = [], int(self._chance.integers(0, 10))
        while day < DAYS:
            last = min(day + int(self._chance.integers(34, 50)), DAYS - 1)
            cycles.append((day, last))
            day = last + int(self._chance.integers(14, 40))
        return cycles, [first + 14 for first, last in cycles if first + 14 <= last]

    def _plant(self, name: str) -> list[Trouble]:
        """Two of each kind on days with beam, at least twelve days apart."""
        found: list[Trouble] = []
        lengths = {"failure_rate": (1, 4), "execution_time": (1, 4), "pending": (1, 4), "silent": (4, 9)}
        for kind in [kind for kind in KINDS for _ in range(2)]:
            for _ in range(200):
                first = int(self._chance.integers(TAUGHT_DAYS, DAYS - 12))
                last = first + int(self._chance.integers(*lengths[kind]))
                is_free = all(last + 12 < other.first or first > other.last + 12 for other in found)
                if is_free and self.is_beam[first : last + 1].all():
                    found.append(Trouble(name, kind, first, last))
                    break
        return found

    @cached_property
    def jobs(self) -> pandas.DataFrame:
        """All jobs: instrument, created, started, ended (s from the first day), has_failed."""
        made = pandas.concat([self._jobs_of(name) for name in self.names], ignore_index=True)
        return made.sort_values("created", ignore_index=True)

    def _jobs_of(self, name: str) -> pandas.DataFrame:
        chance = self._chance
        days = numpy.arange(DAYS)
        rate = numpy.exp(chance.uniform(numpy.log(8), numpy.log(250)))
        weekend = chance.choice([1.0, 0.8, 0.3])
        rate = rate * numpy.where(days % 7 >= 5, weekend, 1.0) * numpy.exp(chance.normal(0, 0.4) * days / 365)
        rate = rate * numpy.where(self.is_beam, 1.0, chance.choice([0.0, 0.02, 0.15]))
        is_busy = chance.random(DAYS) < 0.01
        rate = rate * chance.gamma(8, 1 / 8, DAYS) * numpy.where(is_busy, 4.0, 1.0)
        # An experiment of some days.
        experiment = numpy.cumsum(chance.random(DAYS) < 0.3)
        longer = numpy.exp(chance.normal(0, chance.uniform(0.05, 0.25), DAYS))[experiment]
        failing = chance.gamma(4, 1 / 4, DAYS)[experiment] * chance.uniform(0.005, 0.05)
        factor = numpy.ones(DAYS)
        stuck = []
        for trouble in [each for each in self.troubles if each.instrument == name]:
            there = slice(trouble.first, trouble.last + 1)
            if trouble.kind == "silent":
                rate[there] = 0
            elif trouble.kind == "failure_rate":
                failing[there] = chance.uniform(0.35, 0.95)
            elif trouble.kind == "execution_time":
                factor[there] = chance.uniform(2.5, 6)
            else:
                stuck.append(trouble)
        day = numpy.repeat(days, chance.poisson(rate))
        created = (day + chance.random(day.size)) * DAY
        wait = numpy.exp(chance.normal(numpy.log(5), 0.8, day.size)) * numpy.where(is_busy[day], 200, 1)
        usual = numpy.exp(chance.uniform(numpy.log(20), numpy.log(1500)))
        took = (
            usual
            * longer[day]
            * factor[day]
            * numpy.exp(chance.normal(0, chance.uniform(0.3, 0.9), day.size))
        )
        frame = pandas.DataFrame(
            {
                "instrument": name,
                "created": created,
                "started": created + wait,
                "ended": created + wait + took,
                "has_failed": chance.random(day.size) < numpy.minimum(failing[day], 1),
            }
        )
        return pandas.concat([frame, *(self._stuck(each) for each in stuck)], ignore_index=True)

    def _stuck(self, trouble: Trouble) -> pandas.DataFrame:
        """Some jobs, queued or processing until the trouble ends."""
        number = int(self._chance.integers(1, 6))
        created = trouble.first * DAY + self._chance.uniform(0.3, 0.9, number) * DAY
        ended = (trouble.last + 1.5) * DAY
        waits = self._chance.random() < 0.5
        return pandas.DataFrame(
            {
                "instrument": trouble.instrument,
                "created": created,
                "started": ended - 60 if waits else created + 5,
                "ended": ended,
                "has_failed": True,
            }
        )


def moment(seconds: float) -> datetime:
    """Return a moment of a world."""
    return FIRST_DAY + timedelta(seconds=seconds)
