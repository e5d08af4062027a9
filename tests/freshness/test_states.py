"""Checks, troubles and clocks of any kind: the models find, run by run, what a count of each second finds."""

import os
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.clocks import DAY, SECOND
from support.dbt_project import DbtProject, select
from support.extent import some
from support.sources import genuine_era_c
from support.table_freshness import Check, Monitored, Watched, freshness_marts, look, write_looks

pytestmark = pytest.mark.slow

MODELS = (
    *("beam_cycles", "int_maintenance_days"),
    *("stg_observations__table_checks", "int_table_checks", "fct_table_checks", "int_unusual_tables"),
)
MARTS = ("fct_table_freshness_daily", "fct_table_freshness")
# Around these moments, on the facility's clock: half an hour forward and back, a midnight that is skipped,
# one that comes twice, a day that never was, an hour forward and back, and the end of a year.
CASES = [
    ("Australia/Lord_Howe", datetime(2019, 10, 5, 15, 30)),
    ("Australia/Lord_Howe", datetime(2020, 4, 4, 15)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3)),
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10)),
    ("Europe/London", datetime(2020, 3, 29, 1)),
    ("Europe/London", datetime(2020, 10, 25, 1)),
    ("Asia/Kathmandu", datetime(2019, 12, 31, 18, 15)),
]
TABLES = [Monitored("db.samples"), Monitored("db.samples", column="seen_at"), Monitored("db.runs", "DAQ")]
TABLES += [Monitored(f"lims.t{number}", 'ÖL "x"', "ts", "file.sqlite", "sqlite") for number in range(3)]


class Night:
    """A home whose collector looks, and whose statistics are run as of any moment."""

    def __init__(self, project: DbtProject, home: Path, zone: str) -> None:
        self.project, self.home, self.zone = project, home / "home", zone
        self.source = genuine_era_c(home / "source.sqlite")
        self.looks: list[tuple[str, dict[Monitored, Sequence[Check]]]] = []

    def watch(
        self, looks: Sequence[tuple[str, dict[Monitored, Sequence[Check]]]], completed: Sequence[int] = ()
    ) -> None:
        """Let the collector write looks, and complete earlier ones, by their numbers from 1."""
        self.looks += looks
        for number in completed:
            self.looks[number - 1] = ("complete", self.looks[number - 1][1])
        environment = {**os.environ, "AUTOSTATS_HOME": str(self.home)}
        write_looks([look(checks, state) for state, checks in looks], environment, completed=completed)

    def run(self, as_of: datetime, *flags: str) -> None:
        """Run the models as of a moment, and compare every cell."""
        variables = {"as_of": str(as_of), "facility_timezone": self.zone}
        names = [*MODELS, *MARTS]
        self.project.invoke(
            "build",
            *("--select", *names, "--exclude-resource-type", "unit_test", *flags),
            home=self.home,
            source=self.source,
            variables=variables,
        )
        watched = [Watched(each, self._checks(each), as_of, self.zone) for each in TABLES]
        expected = freshness_marts(watched)
        for table in MARTS:
            assert _rows(self.home, table) == _sorted(expected[table]), table

    def _checks(self, monitored: Monitored) -> list[Check]:
        return [
            check
            for state, checks in self.looks
            if state == "complete"
            for check in checks.get(monitored, ())
        ]


def _rows(home: Path, table: str) -> list[dict[str, Any]]:
    return _sorted(select(home, f"from {table}"))


def _sorted(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [{name: value for name, value in row.items() if name != "load_number"} for row in rows]
    return sorted(kept, key=lambda row: (row["table_key"], str(row.get("day"))))


@pytest.mark.parametrize(("zone", "moment"), some(CASES, 2), ids=lambda value: str(value).replace("/", " "))
def test_any_checks_and_clocks(project: DbtProject, tmp_path: Path, zone: str, moment: datetime) -> None:
    chance = random.Random(f"{zone} {moment}")
    night = Night(project, tmp_path, zone)
    habits = {table: _habit(chance) for table in TABLES}
    as_of = moment - timedelta(seconds=chance.randrange(60_000, 90_000))
    for _ in range(4):
        before, as_of = as_of, as_of + timedelta(seconds=chance.randrange(70_000))
        looks = [_look(chance, habits, before, as_of) for _ in range(3)]
        late = [n for n, (state, _) in enumerate(night.looks, start=1) if state == "incomplete"]
        night.watch(looks, [n for n in late if chance.random() < 0.7])
        night.run(as_of)
        # A run in the past, and the next one as if it had not been.
        if chance.random() < 0.5:
            night.run(before + timedelta(seconds=chance.randrange(-40_000, 40_000)))
    night.run(as_of)
    night.run(as_of, "--full-refresh")


def _habit(chance: random.Random) -> dict[str, int]:
    interval = chance.choice([60, 600, 900, 3600, 14_400])
    warn = chance.choice([1, 2, 3, 5]) * interval
    return {"interval": interval, "warn": warn, "error": chance.choice([warn // 2, warn, 2 * warn])}


def _look(
    chance: random.Random, habits: dict[Monitored, dict[str, int]], first: datetime, last: datetime
) -> tuple[str, dict[Monitored, Sequence[Check]]]:
    """A look at some tables: on the dot and off it, in vain, empty, of the future, and some after `last`."""
    span = int((last - first) / SECOND) + 4000
    checks: dict[Monitored, Sequence[Check]] = {}
    for table in chance.sample(TABLES, chance.randrange(len(TABLES) + 1)):
        if chance.random() < 0.1:
            habits[table] = _habit(chance)
        habit = habits[table]
        moments = {
            first + timedelta(seconds=chance.randrange(-9000, span)) for _ in range(chance.randrange(9))
        }
        moments |= {first.replace(minute=0, second=0) + chance.randrange(24) * timedelta(hours=1)}
        checks[table] = [_check(chance, at, habit) for at in sorted(moments)]
    return chance.choice(["complete", "complete", "complete", "incomplete", "failed"]), checks


def _check(chance: random.Random, at: datetime, habit: dict[str, int]) -> Check:
    trouble = chance.random()
    if trouble < 0.1:
        return Check(at, None, **habit, status="no rows")
    if trouble < 0.2:
        return Check(at, None, **habit, status='connection refused: "é"')
    lag = chance.choice([0, habit["warn"], habit["error"], chance.randrange(-4000, 3 * habit["error"] + 1)])
    return Check(at, at - timedelta(seconds=lag), **habit)


def test_a_table_that_nobody_checks_any_more_is_unknown(project: DbtProject, tmp_path: Path) -> None:
    night = Night(project, tmp_path, "Europe/London")
    first = datetime(2020, 2, 11, 10)
    night.run(first)
    night.watch([("complete", {TABLES[0]: [Check(first + DAY, first)]})])
    # Before its first check; at that instant; when it has just become unknown; and later.
    for as_of in (first, first + DAY, first + DAY + 1800 * SECOND, first + 5 * DAY, first + 9 * DAY):
        night.run(as_of)
