"""What happens between two nights: each rule that only a whole build shows, incremental strategy included."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from support.dbt_project import DbtFailed, DbtProject, contents, select, statistics
from support.sources import SourceWriter, genuine_era_c


@dataclass
class Nights:
    """A source with an old job, an old open one, and the statistics of the first night."""

    project: DbtProject
    home: Path
    source: Path

    def change(self, change: Callable[[SourceWriter], Any]) -> None:
        with SourceWriter.open(self.source) as writer:
            change(writer)

    def build(self, day: int, *flags: str) -> None:
        """Do the work of a night, data tests included."""
        self.project.build(self.home, self.source, datetime(2020, 2, day, 23), *flags, tests="data")

    def run(self, day: int, *flags: str, **variables: object) -> None:
        """Build the models alone: the seeds are there, and the data tests have had their turn."""
        as_of = str(datetime(2020, 2, day, 23))
        self.project.invoke(
            "run", *flags, home=self.home, source=self.source, variables={"as_of": as_of, **variables}
        )

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in select(self.home, query)]


def job(
    writer: SourceWriter, job_id: int, run: int, day: int, status: str = "completed", **more: Any
) -> None:
    """A job created at noon of a day in February 2020, which took one minute."""
    noon = datetime(2020, 2, day, 12)
    writer.add_job(
        job_id=job_id,
        run_numbers=run,
        status=status,
        created=noon,
        started=None if status == "queued" else noon,
        finished=None if status == "queued" else noon.replace(minute=1),
        **more,
    )


def first_jobs(writer: SourceWriter) -> None:
    job(writer, 1, 90, 1)
    job(writer, 2, 91, 1, "queued")
    job(writer, 10, 100, 19, "error")
    job(writer, 11, 100, 20)
    job(writer, 12, 101, 20, "error")
    job(writer, 13, 102, 20)


@pytest.fixture(scope="module")
def first_night(project: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    folder = tmp_path_factory.mktemp("nights")
    nights = Nights(project, folder / "home", genuine_era_c(folder / "source.sqlite"))
    nights.change(first_jobs)
    nights.build(20)
    return nights


@pytest.fixture
def nights(first_night: Nights, tmp_path: Path) -> Nights:
    """The first night's statistics and source, to go on from."""
    home = tmp_path / "home"
    home.mkdir()
    for file in first_night.home.glob("autostats.duckdb*"):
        (home / file.name).write_bytes(file.read_bytes())
    source = tmp_path / "source.sqlite"
    source.write_bytes(first_night.source.read_bytes())
    return Nights(first_night.project, home, source)


@pytest.mark.slow
def test_cells_that_became_empty_have_no_row(nights: Nights) -> None:
    """The failure of run 100 was another run's, on another day: nothing is resolved, and the 19th is zero."""

    def move(writer: SourceWriter) -> None:
        started, finished = datetime(2020, 2, 20, 13), datetime(2020, 2, 20, 13, 1)
        writer.update_job(10, run_numbers=102, created=started, started=started, finished=finished)
        writer.delete_job(12)

    nights.change(move)
    nights.build(21)
    assert nights.rows("from fct_resolved_runs") == []
    assert nights.rows("select run_number from int_failure_streaks") == [(102,)]
    assert nights.rows("select run_number from int_known_runs order by all") == [(90,), (91,), (100,), (102,)]
    assert nights.rows("select run_number from fct_run_daily where day = '2020-02-19'") == []
    assert nights.rows("select day from int_instrument_days where day = '2020-02-19'") == []
    assert nights.rows(
        "select jobs_total, runs_total from fct_instrument_daily where day = '2020-02-19'"
    ) == [(0, 0)]
    assert nights.rows(
        "select run_number from fct_missing_runs where state = 'open' and run_number > 95 order by all"
    ) == [(number,) for number in (96, 97, 98, 99, 101)]


@pytest.mark.slow
def test_only_a_job_within_reach_is_seen_to_vanish(nights: Nights) -> None:
    """Job 1 is older than the look-back and stays; job 2 is as old but open; job 13 is recent."""
    nights.change(lambda writer: [writer.delete_job(job_id) for job_id in (1, 2, 13)])
    nights.run(21)
    assert nights.rows("select job_id from fct_jobs where is_deleted order by all") == [(2,), (13,)]
    assert nights.rows("select jobs_total from fct_instrument_daily where day = '2020-02-01'") == [(1,)]
    found = "load_number, jobs_new, jobs_changed, jobs_vanished, is_full_refresh"
    loads = f"select {found} from fct_loads order by all"
    touched = "select load_number, day from fct_load_days where load_number > 1 order by all"
    assert nights.rows(loads) == [(1, 6, 0, 0, False), (2, 0, 0, 2, False)]
    assert nights.rows(touched) == [(2, date(2020, 2, 1)), (2, date(2020, 2, 20))]
    nights.run(22, "--full-refresh")
    assert nights.rows(loads) == [(3, 4, 0, 2, True)]
    assert nights.rows(touched) == [(3, date(2020, 2, day)) for day in (1, 19, 20)]
    assert nights.rows("select job_id, is_deleted from fct_jobs order by all") == [
        (1, False),
        (2, True),
        (10, False),
        (11, False),
        (12, False),
        (13, True),
    ]


@pytest.mark.slow
def test_open_jobs_are_read_again_and_old_ones_on_request_alone(nights: Nights) -> None:
    def edit(writer: SourceWriter) -> None:
        writer.update_job(1, status="error")
        writer.update_job(2, status="error", started=datetime(2020, 2, 1, 12), finished=datetime(2020, 2, 21))

    nights.change(edit)
    nights.run(21)
    assert nights.rows("select job_id, status from fct_jobs where job_id < 10 order by all") == [
        (1, "completed"),
        (2, "error"),
    ]
    nights.run(21, from_day="2020-02-01", to_day="2020-02-01")
    assert nights.rows("select status from fct_jobs where job_id = 1") == [("error",)]
    assert nights.rows("select jobs_failed from fct_instrument_daily where day = '2020-02-01'") == [(2,)]


@pytest.mark.slow
def test_back_dated_jobs_count_on_their_own_day(nights: Nights) -> None:
    """New by its id, and of a day before the instrument's first: the calendar reaches back for it."""
    nights.change(lambda writer: writer.add_job(job_id=14, run_numbers=1, created=datetime(2016, 1, 5)))
    nights.run(21)
    first = "select day, jobs_total from fct_instrument_daily order by day limit 2"
    assert nights.rows(first) == [(date(2016, 1, 5), 1), (date(2016, 1, 6), 0)]
    assert nights.rows("select first_day from dim_instruments") == [(date(2016, 1, 5),)]


@pytest.mark.slow
def test_a_night_without_a_change_is_no_load(nights: Nights) -> None:
    before = nights.rows("from int_job_versions order by all")
    nights.run(21)
    assert nights.rows("from int_job_versions order by all") == before
    assert nights.rows("select load_number, as_of from dim_settings") == [(1, datetime(2020, 2, 21, 23))]
    assert nights.rows("select load_number from fct_loads") == [(1,)]
    assert nights.rows("select max(day) from fct_instrument_daily") == [(date(2020, 2, 21),)]


@pytest.mark.slow
def test_a_month_without_a_run_is_made_up_for(nights: Nights) -> None:
    """What was recent at the last run is looked at again, however long ago that was."""

    def edit(writer: SourceWriter) -> None:
        writer.update_job(12, status="completed")
        job(writer, 14, 103, 25)

    nights.change(edit)
    nights.run(20, as_of="2020-04-20 00:00:00")
    assert nights.rows("select status from fct_jobs where job_id in (12, 14)") == [("completed",)] * 2
    assert nights.rows("select count(*) from fct_instrument_daily") == [(80,)]


@pytest.mark.slow
def test_a_copy_of_an_older_shape_is_rebuilt_with_its_history(nights: Nights) -> None:
    nights.change(lambda writer: writer.delete_job(1))
    with statistics(nights.home) as connection:
        connection.execute("drop view fct_jobs")
        connection.execute("alter table int_job_versions drop column is_flagged_batch")
        connection.execute("update dim_settings set schema_version = 0")
    with pytest.raises(DbtFailed, match=r"older version.*--full-refresh"):
        nights.run(21)
    nights.run(21, "--full-refresh")
    assert nights.rows("select job_id, is_deleted from fct_jobs where job_id < 3 order by all") == [
        (1, False),
        (2, False),
    ]
    assert nights.rows("select is_flagged_batch from int_job_versions where job_id = 1") == [(None,)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "variables", "message"),
    [
        ("update dim_settings set schema_version = 99", {}, "newer version of autostats"),
        ("drop table dim_settings", {}, "did not finish.*--full-refresh"),
        ("select 1", {"facility_timezone": "Europe/Paris"}, "built with facility_timezone Europe/London"),
        ("select 1", {"source_timezone": "Europe/Paris"}, "built with source_timezone UTC"),
        ("select 1", {"earliest_time": "2000-01-01"}, "built with earliest_time 1990-01-01 00:00:00"),
        ("update dim_settings set max_gap = 7", {}, "built with max_gap 7, and this run names none"),
    ],
)
def test_statistics_of_other_settings_are_not_mixed(
    nights: Nights, change: str, variables: dict[str, object], message: str
) -> None:
    with statistics(nights.home) as connection:
        connection.execute(change)
    with pytest.raises(DbtFailed, match=message):
        nights.run(21, **variables)


@pytest.mark.slow
def test_ignored_runs_and_cycles_are_the_seeds(nights: Nights) -> None:
    """A seed is read again each night; here as if its file had changed after the seeds were loaded."""
    with statistics(nights.home) as connection:
        connection.execute("insert into ignored_runs values ('WISH', 92, 95, 'no beam')")
        connection.execute("update beam_cycles set maintenance_days = '2020-02-20' where cycle = '2019/04'")
    nights.run(21)
    ignored = "select run_number, ignored_reason from fct_missing_runs where state = 'ignored' order by all"
    assert nights.rows(ignored) == [(number, "no beam") for number in (92, 93, 94, 95)]
    ranges = "select first_run_number, runs from rpt_missing_runs where state = 'open'"
    assert nights.rows(ranges) == [(96, 4)]
    maintenance = "select day from fct_instrument_daily where is_maintenance_day"
    assert nights.rows(maintenance) == [(date(2020, 2, 20),)]


@pytest.mark.slow
def test_rebuilding_changes_nothing_that_was_right(nights: Nights) -> None:
    tables = ["fct_run_daily", "fct_instrument_daily", "fct_resolved_runs", "fct_missing_runs"]
    before = contents(nights.home, tables)
    nights.run(20, from_day="2020-02-01", to_day="2020-02-20")
    assert contents(nights.home, tables) == before


@pytest.mark.slow
def test_a_zone_that_does_not_exist_is_named(nights: Nights, tmp_path: Path) -> None:
    with pytest.raises(DbtFailed, match="'Mars/Olympus' is not a time zone"):
        nights.project.invoke(
            "run",
            "--select",
            "int_job_versions",
            home=tmp_path / "new",
            source=nights.source,
            variables={"facility_timezone": "Mars/Olympus"},
        )


@pytest.mark.slow
def test_versions_take_what_the_same_run_has_read(nights: Nights) -> None:
    with pytest.raises(DbtFailed, match="select int_jobs_read as well"):
        nights.project.invoke(
            "run", "--full-refresh", "--select", "int_job_versions", home=nights.home, source=nights.source
        )
