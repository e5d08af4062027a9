"""How the summary of a run folds days and runs."""

from datetime import date

from autostats.render.counting import ranges
from autostats.run.summary import days_text, runs_text
from autostats.text import counted


def test_counts() -> None:
    assert [counted(number, "run") for number in (0, 1, 2000)] == ["0 runs", "1 run", "2,000 runs"]


def test_ranges() -> None:
    assert ranges([7, 3, 1, 2, 2]) == [(1, 3), (7, 7)]
    assert ranges([]) == []


def test_runs() -> None:
    runs = [("WISH", 7), ("GEM", 13), ("GEM", 12), ("GEM", 20)]
    assert runs_text(runs) == "GEM 12-13, GEM 20, WISH 7"
    assert runs_text(runs, most=1) == "GEM 12-13 and 2 more"
    assert runs_text([("a\x1b[31m\nb", 1)]) == "a\\x1b[31m\\x0ab 1"


def test_days() -> None:
    days = [date(2020, 2, 29), date(2020, 3, 1), date(2020, 3, 5)]
    assert days_text(days) == "2020-02-29 to 2020-03-01, 2020-03-05"
    assert days_text([date(2020, 1, day) for day in (1, 3, 5, 7)]) == "4 days from 2020-01-01 to 2020-01-07"
