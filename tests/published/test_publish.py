"""What a build publishes: each statistic as its model declares it, and what was published before."""

import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from autostats.dbt_setup.setup import Setup
from autostats.errors import ModelError, UsageError
from autostats.home import Home
from autostats.published.files import KEPT, builds, marts_file, statistics_file
from autostats.published.publish import publish
from autostats.published.reader import Published

NOW = datetime(2020, 2, 13, 0, 15)
JOBS = {
    "ident": "jobs-1d",
    "name": "jobs",
    "model": "fct_instrument_daily",
    "package": "autostats",
    "summary": "Jobs by day",
    "bucket": "day",
    "time_column": "day",
    "dimensions": "instrument",
    "measures": "jobs_total,jobs_failed,pass_rate",
    "chart": "bar",
}
OF_ALL = {**JOBS, "ident": "all-1d", "name": "all", "dimensions": "", "measures": "jobs_total"}
OF_PLUGIN = {**OF_ALL, "ident": "site-1d", "name": "site", "package": "site"}


class Facility:
    """A home whose statistics a test may change."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.setup = Setup(self.home, "duckdb", environment={})
        self.now = NOW

    def execute(self, *statements: str) -> None:
        with duckdb.connect(str(self.home.database)) as connection:
            connection.execute("use autostats.autostats")
            for statement in statements:
                connection.execute(statement)

    def declare(self, *statistics: Mapping[str, Any]) -> None:
        self.execute("delete from dim_statistics")
        with duckdb.connect(str(self.home.database)) as connection:
            for row in statistics:
                marks = ", ".join("?" * len(row))
                table = "autostats.autostats.dim_statistics"
                connection.execute(
                    f"insert into {table} ({', '.join(row)}) values ({marks})", [*row.values()]
                )

    def publish(
        self, faults: Mapping[str, str] | None = {}, rebuilt: set[str] | None = None
    ) -> dict[str, str]:
        self.now += timedelta(days=1)
        return publish(self.setup, self.now, faults, 0, rebuilt)

    def listed(self) -> dict[str, tuple[str, str | None, int]]:
        with Published.newest(self.home) as published:
            return {each.ident: (each.state, each.error, each.row_count) for each in published.statistics()}

    def rows(self, ident: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(statistics_file(self.home, builds(self.home)[-1])), read_only=True) as file:
            return file.execute(f'from served."{ident}" order by position').fetchall()


@pytest.fixture
def facility(wish_home: Path, tmp_path: Path) -> Facility:
    shutil.copytree(wish_home, tmp_path / "home")
    made = Facility(tmp_path / "home")
    made.declare(JOBS, OF_ALL)
    return made


def test_a_statistic_is_numbered_by_time_and_dimensions(facility: Facility) -> None:
    assert facility.publish() == {}
    with duckdb.connect(str(facility.home.database), read_only=True) as connection:
        expected = connection.execute(
            "select day, instrument, jobs_total, jobs_failed, pass_rate"
            " from autostats.autostats.fct_instrument_daily order by day, instrument"
        ).fetchall()
    assert facility.rows("jobs-1d") == [(place, *row) for place, row in enumerate(expected)]
    assert facility.listed()["jobs-1d"] == ("ok", None, len(expected))
    with Published.newest(facility.home) as published:
        assert [column.heading for column in published.columns("jobs-1d")][2:] == [
            "Jobs",
            "Failed",
            "Pass\nrate",
        ]
        assert (published.facts.target, published.facts.published_at) == ("duckdb", facility.now)


def test_measures_are_summed_over_the_dimensions_that_are_left_out(facility: Facility) -> None:
    facility.publish()
    totals: dict[Any, int] = {}
    for _, day, _, jobs, *_ in facility.rows("jobs-1d"):
        totals[day] = totals.get(day, 0) + jobs
    assert facility.rows("all-1d") == [(place, *row) for place, row in enumerate(sorted(totals.items()))]
    with Published.newest(facility.home) as published:
        assert published.types("all-1d")["jobs_total"] == "BIGINT"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"measures": "jobs_totl"}, "fct_instrument_daily has no column jobs_totl."),
        ({"dimensions": "host"}, "fct_instrument_daily has no column host."),
        ({"measures": "instrument"}, "measure instrument is not a number but VARCHAR."),
        ({"measures": "pass_rate"}, 'fct_instrument_daily has several rows per "day": ratios do not add up.'),
        ({"ident": "jobs-1d"}, "there is one of this name already."),
        ({"model": "ephemeral"}, "ephemeral has no table or view."),
    ],
)
def test_a_plugin_that_declares_nonsense_fails_alone(
    facility: Facility, change: dict[str, str], said: str
) -> None:
    wrong = {**OF_PLUGIN, **change}
    facility.execute(
        "insert into fct_instrument_daily by name select * replace ('LOQ' as instrument,"
        " instrument_day_key || 'x' as instrument_day_key) from fct_instrument_daily"
    )
    facility.declare(JOBS, wrong, {**OF_PLUGIN, "ident": "a-1d", "name": "a"})
    fault = f"Statistic {wrong['ident']}: {said}"
    assert facility.publish() == {"site": fault}
    assert facility.listed() == {
        "jobs-1d": ("ok", None, len(facility.rows("jobs-1d"))),
        "site": ("failed", fault, 0),
    }
    facility.declare({**OF_ALL, **change, "ident": "x-1d"}, OF_PLUGIN)
    if "ident" not in change:
        with pytest.raises(ModelError, match="Statistic x-1d"):
            facility.publish()


def test_what_a_failed_plugin_published_last_stays(facility: Facility) -> None:
    facility.declare(JOBS, OF_PLUGIN)
    facility.publish()
    before = facility.rows("site-1d")
    facility.execute("update fct_instrument_daily set jobs_total = 0")
    assert facility.publish({"site": "model x failed", "new": "cannot be read"}) == {
        "site": "model x failed",
        "new": "cannot be read",
    }
    assert facility.rows("site-1d") == before
    assert {row[3] for row in facility.rows("jobs-1d")} == {0}
    assert facility.listed()["site-1d"] == ("failed", "model x failed", len(before))
    assert facility.listed()["new"] == ("failed", "cannot be read", 0)
    # dbt could not even read it, and somebody publishes by hand.
    facility.declare(JOBS)
    assert facility.publish(None) == {"site": "model x failed", "new": "cannot be read"}
    assert facility.rows("site-1d") == before
    # Mended, and then taken away.
    facility.declare(JOBS, OF_PLUGIN)
    assert facility.publish() == {}
    assert facility.listed()["site-1d"] == ("ok", None, len(before))
    facility.declare(JOBS)
    assert facility.publish() == {}
    assert set(facility.listed()) == {"jobs-1d"}


def test_a_failed_plugin_does_not_get_a_name_back_that_another_has_now(facility: Facility) -> None:
    facility.declare(JOBS, OF_PLUGIN)
    facility.publish()
    facility.declare(JOBS, {**OF_PLUGIN, "package": "other"})
    facility.publish({"site": "broken"})
    with Published.newest(facility.home) as published:
        assert [(each.ident, each.plugin) for each in published.statistics()] == [
            ("jobs-1d", None),
            ("site-1d", "other"),
        ]


def test_what_was_not_rebuilt_stays_as_it_was_published(facility: Facility) -> None:
    facility.publish()
    before, marts = facility.rows("jobs-1d"), marts_file(facility.home, builds(facility.home)[-1])
    facility.execute("update fct_instrument_daily set jobs_total = 0")
    facility.publish(rebuilt={"something_live"})
    assert facility.rows("jobs-1d") == before
    assert marts_file(facility.home, builds(facility.home)[-1]).samefile(marts)
    facility.publish(rebuilt={"fct_instrument_daily"})
    assert {row[3] for row in facility.rows("jobs-1d")} == {0}


def test_why_a_plugin_was_never_built_stays_while_others_are_rebuilt(facility: Facility) -> None:
    facility.declare(JOBS, {**OF_PLUGIN, "model": "site"})
    facility.publish({"site": "model site failed"})
    assert facility.publish({}, {"something_live"}) == {"site": "model site failed"}
    assert facility.publish() == {"site": "Statistic site-1d: site has no table or view."}


def test_a_clock_that_went_back_does_not_put_a_build_in_front(facility: Facility) -> None:
    facility.publish()
    facility.now -= timedelta(days=30)
    facility.execute("update fct_instrument_daily set jobs_total = 0")
    facility.publish()
    assert {row[3] for row in facility.rows("jobs-1d")} == {0}
    # What else is in the folder is no build.
    (facility.home.published / "zzz.duckdb").write_bytes(b"")
    assert len(builds(facility.home)) == KEPT


def test_two_builds_are_kept_and_what_a_killed_one_left_goes(facility: Facility) -> None:
    for _ in range(3):
        facility.publish()
    for name in ("20200101T000000000000Z.duckdb.part", "20200102T000000000000Z.marts.duckdb"):
        (facility.home.published / name).write_bytes(b"half")
    facility.publish()
    names = {path.name for path in facility.home.published.iterdir()}
    assert len(builds(facility.home)) == KEPT
    assert names == {
        file.name
        for build in builds(facility.home)
        for file in (statistics_file(facility.home, build), marts_file(facility.home, build))
    }


def test_a_damaged_build_is_passed_over(facility: Facility) -> None:
    facility.declare(JOBS, OF_PLUGIN)
    facility.publish()
    before = facility.rows("site-1d")
    facility.publish()
    statistics_file(facility.home, builds(facility.home)[-1]).write_bytes(b"no database")
    facility.publish({"site": "model x failed"})
    assert facility.rows("site-1d") == before


def test_a_file_system_without_hard_links(facility: Facility, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, target: Path) -> None:
        raise PermissionError("Operation not permitted")

    facility.publish()
    monkeypatch.setattr(Path, "hardlink_to", refused)
    facility.publish(rebuilt=set())
    assert marts_file(facility.home, builds(facility.home)[-1]).exists()


@pytest.fixture
def full(facility: Facility, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", fail)


@pytest.mark.usefixtures("full")
def test_a_full_disk_leaves_nothing_and_says_so(facility: Facility) -> None:
    with pytest.raises(UsageError, match="cannot be written: No space left on device"):
        facility.publish()
    assert list(facility.home.published.iterdir()) == []
