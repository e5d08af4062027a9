"""Nights after which a home must go on: what vanishes, comes late, is renamed, or means nothing."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.dbt_project import DbtFailed, DbtProject, select, statistics
from support.extent import long_only
from support.sources import SourceWriter, genuine_era_c

pytestmark = pytest.mark.slow
NIGHT = datetime(2020, 2, 20, 23)


@dataclass
class Site:
    """A source, and the statistics of it, as a cron line of plain dbt keeps them."""

    project: DbtProject
    home: Path
    source: Path
    night: datetime = NIGHT

    def writer(self) -> SourceWriter:
        return SourceWriter.open(self.source)

    def build(self, *flags: str, **variables: object) -> None:
        """Build and test, a day later than the last time."""
        self.night += timedelta(days=1)
        left_out = ("--exclude-resource-type", "unit_test")
        as_of = {"as_of": str(self.night)}
        self.project.invoke(
            "build", *left_out, *flags, home=self.home, source=self.source, variables=as_of | variables
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in select(self.home, query)]

    def totals(self) -> list[tuple[Any, ...]]:
        """The jobs and runs of each instrument over all days."""
        return self.rows(
            "select instrument, cast(sum(jobs_total) as bigint), cast(sum(runs_total) as bigint)"
            " from fct_instrument_daily group by instrument order by instrument"
        )

    def is_sound(self) -> bool:
        return self.rows("select has_passed_tests from dim_settings") == [(True,)]


@pytest.fixture
def site(project: DbtProject, tmp_path: Path) -> Site:
    return Site(project, tmp_path / "home", genuine_era_c(tmp_path / "source.sqlite"))


def job(writer: SourceWriter, job_id: int, run: int, days_ago: float = 1, **more: Any) -> None:
    created = NIGHT - timedelta(days=days_ago)
    more = {"instrument": "WISH", "started": created, "finished": created + timedelta(minutes=1), **more}
    writer.add_job(job_id=job_id, run_numbers=run, created=created, **more)


def test_a_job_without_an_instrument_comes_and_goes(site: Site) -> None:
    with site.writer() as writer:
        job(writer, 1, 100)
        job(writer, 2, 7, instrument=None)
    site.build()
    with site.writer() as writer:
        writer.delete_job(2)
    for flags in ((), ("--full-refresh",), ()):
        site.build(*flags)
        assert site.is_sound()
        assert site.totals() == [("WISH", 1, 1)]


@long_only
def test_an_instrument_is_cleaned_away_with_its_jobs(site: Site) -> None:
    with site.writer() as writer:
        job(writer, 1, 7, days_ago=300, instrument="TEST")
        job(writer, 2, 100)
    site.build()
    with site.writer() as writer:
        writer.delete_job(1)
        writer.remove_instrument("TEST")
    for flags in ((), ("--full-refresh",)):
        site.build(*flags)
        assert site.is_sound()
        # Its job is older than the look-back: our copy keeps it as it was.
        assert site.totals() == [("TEST", 1, 1), ("WISH", 1, 1)]


def test_a_failed_data_test_blocks_nothing(site: Site) -> None:
    with site.writer() as writer:
        job(writer, 1, 100)
    site.build()
    with statistics(site.home) as connection:
        connection.execute("update fct_run_daily set jobs_total = 7")
        connection.execute("insert into fct_run_daily from fct_run_daily")
    with pytest.raises(DbtFailed, match=r"data tests failed: .*The statistics are built and can be used"):
        site.build()
    assert site.rows("select has_passed_tests, as_of from dim_settings") == [(False, site.night)]
    site.build("--full-refresh")
    assert site.is_sound()


def test_ids_are_not_time(site: Site) -> None:
    """Job 5 arrives below the newest id, and job 9 is restored, long after they were created."""
    with site.writer() as writer:
        job(writer, 9, 90, days_ago=900)
        for job_id in range(10, 30):
            job(writer, job_id, 80 + job_id, days_ago=1)
    site.build()
    with site.writer() as writer:
        job(writer, 5, 89, days_ago=700)
    site.build()
    assert site.totals() == [("WISH", 22, 22)]
    with statistics(site.home) as connection:
        connection.execute("update int_job_versions set is_deleted = true where job_id = 9")
    site.build()
    assert site.totals() == [("WISH", 22, 22)]
    site.build("--full-refresh")
    assert site.totals() == [("WISH", 22, 22)]


@long_only
def test_a_database_that_was_recreated_is_refused(site: Site) -> None:
    with site.writer() as writer:
        for job_id in range(1, 201):
            job(writer, job_id, job_id, days_ago=200 - job_id)
    site.build()
    site.source.unlink()
    genuine_era_c(site.source)
    with site.writer() as writer:
        for job_id in range(1, 8):
            job(writer, job_id, 500 + job_id, days_ago=0)
    for flags in ((), ("--full-refresh",)):
        with pytest.raises(DbtFailed, match=r"This is not the source .* it has 0, and 7 other jobs"):
            site.build(*flags)
    assert site.totals() == [("WISH", 200, 200)]
    site.build("--full-refresh", accept_source=True)
    assert site.totals() == [("WISH", 7, 7)]
    assert site.is_sound()
    site.build()
    assert site.totals() == [("WISH", 7, 7)]


def test_another_database_is_refused_both_ways(site: Site, tmp_path: Path) -> None:
    other = genuine_era_c(tmp_path / "other.sqlite")
    with site.writer() as writer:
        for job_id in range(1, 61):
            job(writer, job_id, job_id, days_ago=3)
    with SourceWriter.open(other) as writer:
        job(writer, 1001, 1, days_ago=2)
        job(writer, 1002, 2, days_ago=2)
    site.build()
    first, site.source = site.source, other
    for flags in ((), ("--full-refresh",)):
        with pytest.raises(DbtFailed, match=r"other\.sqlite instead of source\.sqlite.*60 of the 60 jobs"):
            site.build(*flags)
    site.build("--full-refresh", accept_source=True)
    assert site.totals() == [("WISH", 2, 2)]
    site.source = first
    with pytest.raises(DbtFailed, match="This is not the source"):
        site.build()


@long_only
def test_a_database_that_moved_brings_its_jobs_along(site: Site, tmp_path: Path) -> None:
    with site.writer() as writer:
        for job_id in range(1, 11):
            job(writer, job_id, job_id)
    site.build()
    moved = tmp_path / "moved.sqlite"
    site.source.rename(moved)
    site.source = moved
    site.build()
    assert site.rows("select source_database from dim_settings") == [("moved.sqlite",)]


def test_a_renamed_instrument_bears_its_new_name_on_all_jobs(site: Site) -> None:
    with site.writer() as writer:
        for job_id in range(1, 61):
            job(writer, job_id, job_id, days_ago=100, instrument="CRISP", status="error")
        for job_id in range(61, 116):
            job(writer, job_id, job_id, instrument="CRISP")
    site.build()
    with site.writer() as writer:
        writer.rename("instrument", "CRISP", "INTER")
    site.build()
    assert site.totals() == [("INTER", 115, 115)]
    assert site.rows("select distinct instrument from fct_unresolved_runs") == [("INTER",)]
    with site.writer() as writer:
        writer.rename("status", "e", "c")
        writer.rename("rb_number", 1820461, 1820462)
    site.build()
    assert site.rows("select count(*) from fct_unresolved_runs") == [(0,)]
    assert site.rows("select distinct rb_number from fct_jobs") == [(1820462,)]
    site.build("--full-refresh")
    assert site.totals() == [("INTER", 115, 115)]


BAD_CELLS = {
    1: ("created", "2026-11-00 09:00"),
    2: ("created", "9999-12-31 00:00:00"),
    3: ("started", "0001-01-01 00:00:00"),
    4: ("finished", ""),
    5: ("finished", "9999-12-31 00:00:00"),
    6: ("last_updated", "yesterday"),
    7: ("started_by", "nobody"),
}


def test_one_bad_cell_spoils_one_cell(site: Site) -> None:
    with site.writer() as writer:
        for job_id in range(1, 10):
            job(writer, job_id, 100 + job_id)
        job(writer, 10, 0)
        job(writer, 11, -5)
    with sqlite3.connect(site.source) as connection:
        for job_id, (column, value) in BAD_CELLS.items():
            connection.execute(
                f"update reduction_viewer_reductionrun set {column} = ? where id = ?", (value, job_id)
            )
    site.build()
    assert site.is_sound()
    query = "select job_id, detail from fct_data_problems where problem = 'meaningless_value' order by 1"
    assert site.rows(query) == [
        (1, "read as empty: created"),
        (2, "read as empty: created"),
        (3, "read as empty: started"),
        (4, "read as empty: finished"),
        (5, "read as empty: finished"),
        (6, "read as empty: last_updated"),
        (10, "read as empty: run_number"),
        (11, "read as empty: run_number"),
    ]
    # Two jobs have no day; the runs 101 and 102 are in the database all the same, and none is missing.
    assert site.totals() == [("WISH", 9, 7)]
    assert site.rows("from fct_missing_runs") == []
    assert site.rows("select max(max_exe_time) from fct_instrument_daily") == [(60.0,)]
    site.build("--full-refresh")
    assert site.totals() == [("WISH", 9, 7)]


def test_an_offset_counts_whatever_the_zone_of_the_source(site: Site) -> None:
    with site.writer() as writer:
        writer.add_job(job_id=1, run_numbers=1, created="2020-02-11 10:00:00+01:00")
        writer.add_job(job_id=2, run_numbers=2, created="2020-02-11 10:00:00")
    site.build(source_timezone="America/New_York")
    assert site.rows("select created_at from fct_jobs order by job_id") == [
        (datetime(2020, 2, 11, 9),),
        (datetime(2020, 2, 11, 15),),
    ]


def test_a_day_that_never_was(site: Site) -> None:
    """Samoa went from 29 to 31 December 2011."""
    with site.writer() as writer:
        writer.add_job(job_id=1, run_numbers=1, created=datetime(2011, 12, 30, 9, 59))
        writer.add_job(job_id=2, run_numbers=2, created=datetime(2011, 12, 30, 10))
    site.build(facility_timezone="Pacific/Apia")
    assert site.is_sound()
    assert site.rows("select day from fct_jobs order by job_id") == [
        (datetime(2011, 12, 29).date(),),
        (datetime(2011, 12, 31).date(),),
    ]
    assert site.rows("select hours from dim_days where day = '2011-12-30'") == [(0.0,)]
