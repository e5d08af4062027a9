"""Beam cycles and weekends behind the charts along time."""

from __future__ import annotations

from datetime import date

from autostats.charts.shades import CYCLE, WEEKEND, shaded
from autostats.period import Period
from autostats.queries.buckets import Bucket, By
from autostats.queries.series import timeline

CYCLES = [
    Bucket("2019/03", date(2019, 9, 10), date(2019, 10, 18)),
    Bucket("2019/04", date(2020, 2, 11), date(2020, 3, 20)),
]


def test_days() -> None:
    line = timeline(Period(date(2020, 2, 8), date(2020, 2, 12)), By.DAY)
    assert shaded(line, CYCLES) == {
        CYCLE: ["2020-02-11", "2020-02-12"],
        WEEKEND: ["2020-02-08", "2020-02-09"],
    }
    assert shaded(timeline(Period(date(2020, 2, 10), date(2020, 2, 10)), By.DAY), CYCLES) == {}


def test_weeks_and_months_belong_to_what_has_half_of_their_days() -> None:
    weeks = timeline(Period(date(2020, 2, 3), date(2020, 2, 23)), By.WEEK)
    assert shaded(weeks, CYCLES) == {CYCLE: ["2020-W07", "2020-W08"]}
    months = timeline(Period(date(2020, 1, 1), date(2020, 3, 31)), By.MONTH)
    assert shaded(months, CYCLES) == {CYCLE: ["2020-02", "2020-03"]}
