"""`autostats verify`, on statistics that a recount has written and a source with the same jobs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from autostats.commands.verify import verify
from autostats.dbt_setup.setup import Setup
from autostats.errors import CheckFailed, UsageError
from autostats.home import Home
from autostats.queries.missing import Kind
from autostats.source.url import Source
from autostats.verification.comparison import Verification, days_to_verify, verify_days
from autostats.verification.copied_jobs import read_recount_settings
from autostats.verification.job import SourceJob
from autostats.verification.source_jobs import SourceJobs
from autostats.warehouse import connect
from support.archive_marts import NEVER_LOOKED, Archive
from support.homes import archived, archived_jobs
from support.installed import Autostats, Demo
from support.marts import busy_jobs, job, wish_jobs, write_marts
from support.sources import SourceWriter, era_a, era_b, genuine_era_c

AS_OF = datetime(2020, 2, 13, 6)
FEB_11, FEB_12 = date(2020, 2, 11), date(2020, 2, 12)


@dataclass
class Facility:
    """A source, and statistics of it."""

    home: Home
    source: Path

    def verification(self, days: Sequence[date] | None = None) -> Verification:
        with connect(Setup(self.home)) as warehouse:
            settings = read_recount_settings(warehouse)
            with SourceJobs(Source.from_url(f"sqlite:///{self.source}"), settings) as source:
                return verify_days(warehouse, source, settings, days or days_to_verify(warehouse, settings))

    def differences(self) -> list[tuple[str, Any, Any]]:
        return [(found.column, found.statistics, found.source) for found in self.verification().differences]

    def tamper(self, statement: str) -> None:
        with duckdb.connect(str(self.home.database)) as connection:
            connection.execute("use autostats.autostats")
            connection.execute(statement)


def facility(
    folder: Path,
    jobs: Sequence[SourceJob],
    as_of: datetime = AS_OF,
    deleted: frozenset[int] = frozenset(),
    archive: Archive = NEVER_LOOKED,
) -> Facility:
    home = Home(folder / "home")
    write_marts(home.database, jobs, as_of, deleted=deleted, archive=archive)
    source = genuine_era_c(folder / "source.sqlite")
    with SourceWriter.open(source) as writer:
        for made in jobs:
            writer.add_job(**asdict(made))
    return Facility(home, source)


@pytest.fixture
def wish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Facility:
    made = facility(tmp_path, wish_jobs())
    monkeypatch.setenv("AUTOSTATS_SOURCE_URL", f"sqlite:///{made.source}")
    return made


def test_two_weeks_of_many_instruments_agree(tmp_path: Path) -> None:
    instruments = ("WISH", "GEM", "O'Brien %s", "Ä 😀")
    jobs = busy_jobs(instruments, date(2020, 3, 22), 12, seed=3, most_per_day=30)
    nobody = [replace(made, instrument=None) if made.job_id % 50 == 0 else made for made in jobs]
    found = facility(tmp_path, nobody, datetime(2020, 4, 4)).verification()
    assert found.differences == []
    assert found.jobs == len(jobs)
    assert (found.remembered, found.newer) == (0, 0)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("jobs_total", 6),
        ("jobs_passed", 3),
        ("jobs_batch", 1),
        ("started_by_users", 0),
        ("exe_time_sum", 484.999),
        ("avg_exe_time", None),
        ("median_exe_time", 258.0),
        ("p95_exe_time", 227.0),
        ("runs_other", 0),
        ("resolved_runs", 0),
    ],
)
def test_a_cell_that_was_tampered_with_is_found(wish: Facility, column: str, value: float | None) -> None:
    assert wish.differences() == []
    [true] = [
        row[0]
        for row in duckdb.connect(str(wish.home.database))
        .execute(f"select {column} from autostats.autostats.fct_instrument_daily where day = '2020-02-11'")
        .fetchall()
    ]
    written = "null" if value is None else value
    wish.tamper(f"update fct_instrument_daily set {column} = {written} where day = '2020-02-11'")
    assert wish.differences() == [(column, value, true)]


def test_a_row_that_is_missing_is_found_and_one_too_many(wish: Facility) -> None:
    wish.tamper("delete from fct_instrument_daily where day = '2020-02-11'")
    wish.tamper(
        "insert into fct_instrument_daily by name (select 'GEM' as instrument, * exclude (instrument)"
        " from fct_instrument_daily where day = '2020-02-12')"
    )
    found = wish.verification([FEB_11, FEB_12]).differences
    assert ("WISH", FEB_11, "jobs_total", None, 5) in [
        (one.instrument, one.day, one.column, one.statistics, one.source) for one in found
    ]
    assert ("GEM", FEB_12, "jobs_total", 4, 0) in [
        (one.instrument, one.day, one.column, one.statistics, one.source) for one in found
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "table", "difference"),
    [
        ("update fct_run_daily set outcome = 'passed' where run_number = 103", "fct_run_daily", "failed"),
        ("update fct_resolved_runs set resolved_by = 'auto'", "fct_resolved_runs", "users"),
        ("delete from fct_missing_runs where run_number = 102", "fct_missing_runs", "open"),
    ],
)
def test_so_are_rows_of_runs(wish: Facility, statement: str, table: str, difference: str) -> None:
    wish.tamper(statement)
    found = wish.verification([FEB_11]).differences
    assert {one.table for one in found} == {table}
    assert difference in [one.source for one in found]


@pytest.mark.slow
def test_what_the_archive_says_is_no_difference(tmp_path: Path) -> None:
    """Every kind, a run that is being written, and two with files in a jump of the numbering."""
    later = datetime(2020, 2, 12, 13)
    jobs = [*archived_jobs(), job(90, 5000, "c", later, later, later)]
    known = archived()
    kinds = {
        **known.kinds,
        **dict.fromkeys([("WISH", 3000), ("WISH", 3001)], "archive_only"),
        # Between two known runs, in the jump, and beyond the last one.
        **dict.fromkeys([("GEM", 4), ("WISH", 3002), ("GEM", 9)], "announced_only"),
    }
    settling = known.settling | {("WISH", 3001)}
    made = facility(tmp_path, jobs, archive=Archive(known.looks, kinds, settling))
    with connect(Setup(made.home)) as warehouse:
        found = {
            (row["kind"], row["state"]) for row in warehouse.rows("select kind, state from fct_missing_runs")
        }
    assert {kind for kind, _ in found} == {*Kind}
    assert ("gap", "settling") in found
    assert made.differences() == []
    # What the jobs tell of is compared all the same.
    made.tamper("delete from fct_missing_runs where run_number = 102")
    assert {name for name, _, _ in made.differences()} >= {"state", "noticed_at"}


@pytest.mark.slow
def test_the_number_before_a_missing_run_may_be_of_any_day(tmp_path: Path) -> None:
    old, new = datetime(2020, 2, 1, 12), datetime(2020, 2, 11, 12)
    made = facility(tmp_path, [job(1, 10, "c", old, old, old), job(2, 13, "c", new, new, new)])
    # It arrived after the statistics: for them, 12 is still missing.
    late = AS_OF + timedelta(days=4)
    with SourceWriter.open(made.source) as writer:
        writer.add_job(**asdict(job(3, 12, "c", late, late, late)))
    assert made.verification([FEB_11]).differences == []
    made.tamper("delete from fct_missing_runs where run_number = 11")
    found = made.verification([FEB_11]).differences
    assert {(one.table, one.run_number) for one in found} == {("fct_missing_runs", 11)}


def test_an_edit_that_the_statistics_never_saw_is_found(wish: Facility) -> None:
    with SourceWriter.open(wish.source) as writer:
        writer.update_job(4, status="completed")
    assert ("jobs_failed", 2, 1) in wish.differences()
    assert ("resolved_runs", 1, 0) in wish.differences()


def test_a_job_that_the_statistics_never_had_is_found(wish: Facility) -> None:
    late = job(10, 102, "c", datetime(2020, 2, 11, 18), None, datetime(2020, 2, 11, 19))
    with SourceWriter.open(wish.source) as writer:
        writer.add_job(**asdict(late))
    assert ("jobs_total", 5, 6) in wish.differences()


def test_a_job_that_moved_to_another_day_is_found_on_both(wish: Facility) -> None:
    with SourceWriter.open(wish.source) as writer:
        writer.update_job(5, created=datetime(2020, 2, 12, 14))
    assert [(found.day, found.column) for found in wish.verification().differences][:2] == [
        (FEB_11, "jobs_total"),
        (FEB_11, "jobs_skipped"),
    ]


@pytest.mark.slow
def test_deleted_jobs_count_as_they_were_seen_last(wish: Facility) -> None:
    with SourceWriter.open(wish.source) as writer:
        for job_id in (1, 5):
            writer.delete_job(job_id)
    found = wish.verification()
    assert (found.differences, found.remembered) == ([], 2)


@pytest.mark.slow
def test_jobs_that_our_copy_knows_to_be_deleted_count_no_more(tmp_path: Path) -> None:
    made = facility(tmp_path, wish_jobs(), deleted=frozenset({1, 5}))
    assert ("jobs_total", 3, 5) in made.differences()
    with SourceWriter.open(made.source) as writer:
        for job_id in (1, 5):
            writer.delete_job(job_id)
    found = made.verification()
    assert (found.differences, found.remembered) == ([], 0)


def test_what_changed_since_the_last_run_is_no_difference(wish: Facility) -> None:
    after = AS_OF + timedelta(hours=1)
    with SourceWriter.open(wish.source) as writer:
        writer.update_job(9, status="completed", started=after, finished=after, last_updated=after)
        backdated = job(10, 102, "c", datetime(2020, 2, 11, 18), None, after)
        writer.add_job(**asdict(backdated))
    found = wish.verification()
    assert (found.differences, found.newer) == ([], 2)


@pytest.mark.slow
def test_the_history_of_a_run_decides_whether_it_was_resolved(tmp_path: Path) -> None:
    def at(day: int, status: str) -> SourceJob:
        moment = datetime(2020, 2, day, 12)
        return job(day, 7, status, moment, moment, moment)

    made = facility(tmp_path, [at(1, "e"), at(5, "e"), at(9, "c")])
    assert made.verification([date(2020, 2, 9)]).differences == []
    made.tamper("update fct_instrument_daily set resolved_runs = 0 where day = '2020-02-09'")
    assert [found.source for found in made.verification([date(2020, 2, 9)]).differences] == [1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("history", "resolved"), [("ec", 1), ("ece", 0), ("ecec", 1), ("cec", 1), ("cce", 0)]
)
def test_passes_and_failures_of_a_run_on_one_day(tmp_path: Path, history: str, resolved: int) -> None:
    jobs = [
        job(place, 7, status, moment, moment, moment)
        for place, status in enumerate(history, start=1)
        if (moment := datetime(2020, 2, 11, 8 + place))
    ]
    made = facility(tmp_path, jobs)
    assert made.differences() == []
    made.tamper("update fct_instrument_daily set resolved_runs = 9 where day = '2020-02-11'")
    assert made.differences() == [("resolved_runs", 9, resolved)]


@pytest.mark.slow
def test_a_job_that_ends_on_another_day_brings_the_history_of_its_run(tmp_path: Path) -> None:
    failed, created, ended = (datetime(2020, 2, day, 12) for day in (5, 11, 12))
    made = facility(
        tmp_path, [job(1, 7, "e", failed, failed, failed), job(2, 7, "c", created, created, ended)]
    )
    assert made.verification([FEB_12]).differences == []
    made.tamper("update fct_resolved_runs set attempts = 9")
    [found] = made.verification([FEB_12]).differences
    assert (found.column, found.statistics, found.source) == ("attempts", 9, 2)


@pytest.mark.slow
@pytest.mark.parametrize("known_to", ["both", "source", "copy"])
def test_a_job_that_has_no_end_ended_when_it_was_last_updated(tmp_path: Path, known_to: str) -> None:
    """It is what resolves the run, on the day after the one on which it was created."""
    noon, after = datetime(2020, 2, 11, 12), datetime(2020, 2, 12, 9)
    jobs = [
        job(1, 7, "e", noon, noon, noon),
        replace(job(2, 7, "c", noon + timedelta(hours=1), noon, None), last_updated=after),
    ]
    made = facility(tmp_path, jobs)
    if known_to == "source":
        made.tamper("delete from fct_jobs where job_id = 2")
    if known_to == "copy":
        with SourceWriter.open(made.source) as writer:
            writer.delete_job(2)
    assert made.verification([FEB_12]).differences == []
    made.tamper("update fct_instrument_daily set resolved_runs = 0 where day = '2020-02-12'")
    assert [found.source for found in made.verification([FEB_12]).differences] == [1]


@pytest.mark.slow
@pytest.mark.parametrize("known_to", ["both", "source", "copy"])
def test_a_job_at_local_midnight_is_one_of_the_day_that_begins(tmp_path: Path, known_to: str) -> None:
    before, midnight = datetime(2020, 6, 11, 9), datetime(2020, 6, 11, 23)
    jobs = [job(1, 7, "e", before, before, before), job(2, 7, "c", midnight, midnight, midnight)]
    made = facility(tmp_path, jobs, datetime(2020, 6, 13, 6))
    if known_to == "source":
        made.tamper("delete from fct_jobs where job_id = 2")
    if known_to == "copy":
        with SourceWriter.open(made.source) as writer:
            writer.delete_job(2)
    for day in (11, 12):
        found = made.verification([date(2020, 6, day)])
        assert (found.differences, found.jobs) == ([], 1)
    made.tamper("update fct_instrument_daily set resolved_runs = 0, runs_passed = 0 where day = '2020-06-12'")
    differences = made.verification([date(2020, 6, 11), date(2020, 6, 12)]).differences
    assert [(found.column, found.source) for found in differences] == [
        ("runs_passed", 1),
        ("resolved_runs", 1),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("era", ["A", "B"])
def test_the_eras_before(tmp_path: Path, era: Any) -> None:
    jobs = [made for made in wish_jobs() if len(made.run_numbers) == 1]
    home = Home(tmp_path / "home")
    write_marts(home.database, jobs, AS_OF)
    source = {"A": era_a, "B": era_b}[era](tmp_path / "source.sqlite")
    words = {"c": "completed", "e": "error", "s": "skipped", "q": "queued"}
    with SourceWriter.open(source, era) as writer:
        for made in jobs:
            columns = asdict(made) | {"status": words[made.status]}
            columns.pop("batch_run")
            writer.add_job(**columns)
    found = Facility(home, source).verification()
    assert (found.differences, found.jobs) == ([], 8)


def test_the_command_says_what_it_counted(wish: Facility, capsys: pytest.CaptureFixture[str]) -> None:
    verify(home=wish.home.root)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Recounted 9 jobs of 2 days" in printed.err
    assert "agree" in printed.err
    verify(home=wish.home.root, quiet=True)
    assert capsys.readouterr() == ("", "")


def test_the_command_shows_the_cell_and_fails(wish: Facility, capsys: pytest.CaptureFixture[str]) -> None:
    wish.tamper("update fct_instrument_daily set jobs_total = 17 where day = '2020-02-11'")
    with pytest.raises(CheckFailed, match="1 cell of 1 day") as failure:
        verify(home=wish.home.root, quiet=True)
    assert failure.value.exit_code == 1
    assert "--from 2020-02-11 --to 2020-02-11" in failure.value.remedy
    table = capsys.readouterr().out
    [line] = [line for line in table.splitlines() if "jobs_total" in line]
    assert line.split() == ["WISH", "2020-02-11", "-", "jobs_total", "17", "5"]


def test_a_period_chooses_the_days(wish: Facility, capsys: pytest.CaptureFixture[str]) -> None:
    wish.tamper("update fct_instrument_daily set jobs_total = 17 where day = '2020-02-11'")
    verify(home=wish.home.root, from_="2020-02-12", to="2020-02-12")
    with pytest.raises(CheckFailed):
        verify(home=wish.home.root, from_="2020-02-11", to="2020-02-12")
    capsys.readouterr()
    verify(home=wish.home.root, from_="2019-02-11", to="2019-02-12")
    assert "nothing to verify" in capsys.readouterr().err


@pytest.mark.slow
def test_a_seed_chooses_the_same_days(wish: Facility, capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for _ in range(2):
        verify(home=wish.home.root, days=1, seed=7)
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert "of 1 day (--seed 7)" in said[0]


def test_without_a_source_it_says_so(wish: Facility, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOSTATS_SOURCE_URL")
    with pytest.raises(UsageError, match="AUTOSTATS_SOURCE_URL"):
        verify(home=wish.home.root)


@pytest.mark.slow
def test_the_installed_command_ends_in_1_when_a_cell_differs(own_demo: Demo, autostats: Autostats) -> None:
    agreed = autostats("verify", "--home", own_demo.home, "--quiet", env=own_demo.env)
    assert (agreed.code, agreed.out, agreed.err) == (0, "", "")
    Facility(Home(own_demo.home), own_demo.source).tamper(
        "update fct_instrument_daily set runs_passed = runs_passed + 1"
        " where day = (select max(day) from fct_instrument_daily where is_complete)"
        " and instrument = 'WISH'"
    )
    differs = autostats(
        "verify", "--home", own_demo.home, "--last", "7d", "--format", "csv", env=own_demo.env
    )
    assert differs.code == 1
    assert "error: 1 cell of 1 day differs from the source." in differs.err
    assert [line.split(",")[2] for line in differs.out.splitlines()] == ["column", "runs_passed"]
