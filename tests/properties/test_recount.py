"""The recount itself, held against numbers counted by hand."""

from datetime import date, datetime, timedelta

from autostats.verification.job import Job, SourceJob
from autostats.verification.recount import Row, nearest_rank, recount
from autostats.verification.settings import IgnoredRuns, Settings
from support.memory import Memory

FEB_11, FEB_12 = date(2020, 2, 11), date(2020, 2, 12)
SETTINGS = Settings(as_of=datetime(2020, 2, 13, 12))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2020-02-{text}")


def wish(
    job_id: int,
    rb_number: int,
    version: int,
    runs: tuple[int, ...],
    started_by: int | None,
    status: str,
    times: tuple[str, str | None, str | None],
) -> SourceJob:
    created, started, finished = (None if time is None else at(time) for time in times)
    assert created is not None
    return SourceJob(
        job_id=job_id,
        instrument="WISH",
        rb_number=rb_number,
        run_version=version,
        started_by=started_by,
        status=status,
        batch_run=len(runs) > 1,
        run_numbers=runs,
        created=created,
        started=started,
        finished=finished,
        last_updated=finished or created,
    )


JOBS = [
    wish(1, 1820461, 0, (100,), 0, "e", ("11 10:00:00", "11 10:00:05", "11 10:01:05")),
    wish(2, 1820461, 1, (100,), 7, "c", ("11 11:00:00", "11 11:00:10", "11 11:04:28")),
    wish(3, 1820461, 0, (101,), 0, "c", ("11 12:00:00", "11 23:59:00", "12 00:02:47")),
    wish(4, 1820461, 0, (103,), 0, "e", ("11 13:00:00", "11 13:00:05", "11 13:01:00")),
    wish(5, 0, 0, (104,), 0, "s", ("11 14:00:00", None, "11 14:00:00")),
    wish(6, 1820461, 0, (104,), -1, "c", ("12 09:00:00", "12 09:00:00", "12 09:03:59")),
    wish(7, 1820461, 1, (103,), -1, "c", ("12 09:30:00", "12 09:30:00", "12 09:31:00")),
    wish(8, 1820461, 0, (100, 101, 103), 7, "c", ("12 10:00:00", "12 10:00:00", "12 10:10:00")),
    wish(9, 1820461, 0, (105,), None, "q", ("12 11:00:00", None, None)),
]


def count(jobs: list[SourceJob], settings: Settings = SETTINGS) -> dict[str, list[Row]]:
    return recount([Job(job, settings) for job in jobs], settings)


def test_the_days_of_the_fixture() -> None:
    days = {row["day"]: row for row in count(JOBS)["fct_instrument_daily"]}
    assert sorted(days) == [FEB_11, FEB_12, date(2020, 2, 13)]
    assert days[FEB_11] == {
        "day": FEB_11,
        "instrument": "WISH",
        "jobs_total": 5,
        "jobs_passed": 2,
        "jobs_failed": 2,
        "jobs_skipped": 1,
        "jobs_pending": 0,
        "jobs_other": 0,
        "jobs_batch": 0,
        "pass_rate": 0.5,
        "started_by_auto": 4,
        "started_by_devs": 0,
        "started_by_users": 1,
        "started_by_unknown": 0,
        "exe_time_count": 2,
        "exe_time_sum": 485.0,
        "avg_exe_time": 242.5,
        "median_exe_time": 227.0,
        "p95_exe_time": 258.0,
        "max_exe_time": 258.0,
        "runs_total": 4,
        "runs_passed": 2,
        "runs_failed": 1,
        "runs_other": 1,
        "resolved_runs": 1,
        "cycle": None,
        "is_maintenance_day": False,
        "is_complete": True,
    }
    second = days[FEB_12]
    assert [second[f"jobs_{name}"] for name in ("total", "passed", "pending", "batch")] == [4, 3, 1, 1]
    assert [second[f"started_by_{name}"] for name in ("auto", "devs", "users", "unknown")] == [0, 2, 1, 1]
    assert second["avg_exe_time"] == (239 + 60 + 600) / 3
    assert (second["median_exe_time"], second["p95_exe_time"]) == (239.0, 600.0)
    assert [second[f"runs_{name}"] for name in ("total", "passed", "failed", "other")] == [3, 2, 0, 1]
    assert second["resolved_runs"] == 1
    assert days[date(2020, 2, 13)]["jobs_total"] == 0
    assert not days[date(2020, 2, 13)]["is_complete"]


def test_the_resolved_and_unresolved_runs_of_the_fixture() -> None:
    marts = count(JOBS)
    resolved = {row["run_number"]: row for row in marts["fct_resolved_runs"]}
    assert set(resolved) == {100, 103}
    assert resolved[100]["resolved_day"] == FEB_11
    assert resolved[100]["first_failed_at"] == at("11 10:01:05")
    assert resolved[100]["resolved_at"] == at("11 11:04:28")
    assert (resolved[100]["attempts"], resolved[100]["resolved_by"]) == (2, "users")
    assert resolved[103]["resolved_day"] == FEB_12
    assert resolved[103]["hours_to_resolve"] == 20.5
    assert marts["fct_unresolved_runs"] == []
    before_the_second_day = count([job for job in JOBS if job.job_id < 6])
    assert [row["run_number"] for row in before_the_second_day["fct_unresolved_runs"]] == [103]


def test_the_missing_run_of_the_fixture() -> None:
    marts = count(JOBS)
    [missing] = marts["fct_missing_runs"]
    assert (missing["run_number"], missing["state"], missing["noticed_day"]) == (102, "open", FEB_11)
    assert missing["noticed_at"] == at("11 13:00:00")
    [folded] = marts["rpt_missing_runs"]
    assert (folded["first_run_number"], folded["last_run_number"], folded["age_days"]) == (102, 102, 2)


def test_a_later_failure_does_not_rewrite_the_day_of_a_resolution() -> None:
    later = wish(10, 1820461, 2, (100,), 0, "e", ("12 20:00:00", None, "12 20:00:00"))
    [resolved] = [row for row in count([*JOBS, later])["fct_resolved_runs"] if row["run_number"] == 100]
    assert (resolved["resolved_day"], resolved["is_still_passing"]) == (FEB_11, False)
    same_day = wish(10, 1820461, 2, (100,), 0, "e", ("11 20:00:00", None, "11 20:00:00"))
    assert 100 not in {row["run_number"] for row in count([*JOBS, same_day])["fct_resolved_runs"]}


def test_late_arrivals_ignored_runs_and_jumps() -> None:
    late = wish(10, 1820461, 0, (102,), 0, "c", ("12 20:00:00", None, "12 20:00:00"))
    [arrived] = count([*JOBS, late])["fct_missing_runs"]
    assert (arrived["state"], arrived["arrived_at"]) == ("arrived", at("12 20:00:00"))
    ignored = Settings(SETTINGS.as_of, ignored=(IgnoredRuns("WISH", 102, 102, "no beam"),))
    [row] = count(JOBS, ignored)["fct_missing_runs"]
    assert (row["state"], row["ignored_reason"]) == ("ignored", "no beam")
    far = wish(10, 1820461, 0, (113,), 0, "c", ("12 20:00:00", None, "12 20:00:00"))
    narrow = Settings(SETTINGS.as_of, max_gap=6)
    marts = count([*JOBS, far], narrow)
    assert [row["run_number"] for row in marts["fct_missing_runs"]] == [102]
    assert [(row["run_number_before"], row["run_number_after"]) for row in marts["fct_run_number_jumps"]] == [
        (105, 113)
    ]
    wide = Settings(SETTINGS.as_of, max_gap=7)
    assert len(count([*JOBS, far], wide)["fct_missing_runs"]) == 1 + 7


def test_days_are_local_and_may_have_23_or_25_hours() -> None:
    settings = Settings(as_of=datetime(2020, 10, 26, 0, 0))
    assert settings.local_day(datetime(2020, 10, 24, 23, 0)) == date(2020, 10, 25)
    assert settings.local_day(datetime(2020, 10, 25, 23, 30)) == date(2020, 10, 25)
    assert settings.day_start(date(2020, 10, 26)) - settings.day_start(date(2020, 10, 25)) == timedelta(
        hours=25
    )
    assert settings.day_start(date(2020, 3, 30)) - settings.day_start(date(2020, 3, 29)) == timedelta(
        hours=23
    )


def test_nearest_rank() -> None:
    assert nearest_rank([], 50) is None
    assert nearest_rank([1.0, 2.0], 50) == 1.0
    assert nearest_rank([3.0, 1.0, 2.0], 50) == 2.0
    assert nearest_rank([float(value) for value in range(1, 101)], 95) == 95.0


def test_what_our_copy_remembers_of_deleted_jobs() -> None:
    source = {job.job_id: job for job in JOBS}
    memory = Memory()
    memory.run(source, SETTINGS)
    weeks_later = Settings(datetime(2020, 3, 20))
    memory.run({}, weeks_later)
    # The last change was on 13 February: whatever was recent then is still within reach.
    assert memory.deleted == set(range(1, 10))

    memory = Memory()
    memory.run({1: source[1]}, SETTINGS)
    recent = wish(20, 0, 0, (106,), 0, "c", ("28 10:00:00", None, "28 10:00:00"))
    memory.run({1: source[1], 20: recent}, Settings(datetime(2020, 2, 29)))
    memory.run({}, Settings(datetime(2020, 2, 29, 1)))
    assert memory.deleted == {20}
    assert [(job.job_id, job.is_deleted) for job in memory.jobs(SETTINGS)] == [(1, False), (20, True)]


def test_jobs_are_counted_by_what_ran_them() -> None:
    """Job 5 was skipped before anything ran it; a host is read without the spaces around it."""
    ran = {
        1: ("Mantid 6.1.0", "a"),
        2: ("Mantid 6.2.0", "a"),
        3: ("Mantid 6.2.0", " a "),
        4: ("Mantid 6.2.0", "b"),
    }
    jobs = [
        job.with_cells(
            dict(zip(("software", "reduction_host"), ran.get(job.job_id, (None, " ")), strict=True))
        )
        for job in JOBS
    ]
    rows = count(jobs)["fct_job_volume_daily"]
    shown = (
        "rb_number",
        "starter",
        "software",
        "reduction_host",
        "jobs_total",
        "jobs_passed",
        "exe_time_sum",
    )
    assert sorted(tuple(row[name] for name in shown) for row in rows if row["day"] == FEB_11) == [
        (0, "auto", "unknown", "unknown", 1, 0, 0),
        (1820461, "auto", "Mantid 6.1.0", "a", 1, 0, 0),
        (1820461, "auto", "Mantid 6.2.0", "a", 1, 1, 227),
        (1820461, "auto", "Mantid 6.2.0", "b", 1, 0, 0),
        (1820461, "users", "Mantid 6.2.0", "a", 1, 1, 258),
    ]


def test_minutes_are_those_of_the_last_week() -> None:
    as_of = datetime(2020, 2, 18, 11, 0)
    rows = count(JOBS, Settings(as_of=as_of))["rpt_jobs_by_minute"]
    [first, *others] = sorted(rows, key=lambda row: row["minute_start"])
    assert first == {
        "minute_start": at("11 12:00"),
        "instrument": "WISH",
        "jobs_total": 1,
        "jobs_passed": 1,
        "jobs_failed": 0,
        "pass_rate": 1.0,
    }
    assert [row["jobs_total"] for row in others] == [1] * 6
