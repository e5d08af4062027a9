"""What a run decides before dbt, and how it names what went wrong in dbt."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from autostats.configuration.build import Build
from autostats.configuration.resolve import as_layer
from autostats.configuration.value_types import Value
from autostats.dbt_setup.dbt_command import Failure, Outcome
from autostats.dbt_setup.locate import Target
from autostats.dbt_setup.setup import Setup
from autostats.errors import AutostatsError, LockedError, ModelError, UnreachableError, UsageError
from autostats.home import Home
from autostats.run import daily, failures
from autostats.run.options import DailyOptions, local_day, rebuilt_days
from autostats.run.preflight import check_adapter
from autostats.run.snapshot import BuiltBy, Snapshot, reason_for_refresh
from autostats.schema_version import SCHEMA_VERSION, check_not_newer

SETUP = Setup(Home(Path("/home")), "duckdb", environment={"AUTOSTATS_SOURCE_URL": "sqlite:///x"})
LOG = Path("/home/logs/autostats.log")


def _outcome(*reasons: str, error: BaseException | None = None) -> Outcome:
    failures = tuple(Failure("model", f"model_{i}", reason) for i, reason in enumerate(reasons))
    return Outcome(failures, skipped=("autostats",) * 3, error=error)


@pytest.fixture
def source_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "check_source", lambda source: None)


@pytest.mark.usefixtures("source_answers")
def test_failed_models_are_named_with_the_first_reason() -> None:
    reasons = ["Constraint Error: duplicate key"] + ["x"] * 12
    with pytest.raises(ModelError) as caught:
        failures.raise_failure(_outcome(*reasons), SETUP)
    message = str(caught.value)
    assert message.startswith("model model_0 failed (Constraint Error: duplicate key), and so did model_1, ")
    assert "model_9 and 3 more; 3 nodes" in message
    assert str(LOG) in caught.value.remedy


@pytest.mark.parametrize(
    "reason", ["Lost connection to MySQL server during query", "server closed the connection unexpectedly"]
)
@pytest.mark.usefixtures("source_answers")
def test_a_connection_that_broke_is_told_from_a_wrong_model(reason: str) -> None:
    with pytest.raises(UnreachableError, match="broke while it was read"):
        failures.raise_failure(_outcome(reason), SETUP)
    with pytest.raises(ModelError):
        failures.raise_failure(_outcome("a model of its own"), SETUP)


def test_a_source_that_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(source: object) -> None:
        raise UnreachableError("mysql://db cannot be reached.", "Check it.")

    monkeypatch.setattr(failures, "check_source", gone)
    with pytest.raises(UnreachableError, match="went away during the read: mysql://db cannot be reached"):
        failures.raise_failure(_outcome("IO Error"), SETUP)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RuntimeError("Parsing Error\n  in models"), ModelError),
        (RuntimeError("IO Error: Could not set lock on file"), LockedError),
        (UsageError("No source."), UsageError),
    ],
)
@pytest.mark.usefixtures("source_answers")
def test_what_stopped_dbt(error: Exception, kind: type[AutostatsError]) -> None:
    with pytest.raises(kind) as caught:
        failures.raise_failure(_outcome(error=error), SETUP)
    assert "\n" not in str(caught.value)


def test_the_days_of_a_rebuild() -> None:
    today = date(2020, 2, 12)

    def days(first: str | None, last: str | None) -> dict[str, str]:
        return rebuilt_days(DailyOptions(first=first, last=last), today)

    assert days(None, None) == {}
    assert days("2020-02-10", "yesterday") == {"from_day": "2020-02-10", "to_day": "2020-02-11"}
    assert days("yesterday", None) == {"from_day": "2020-02-11", "to_day": "2020-02-12"}
    for first, last in ((None, "2020-02-10"), ("2020-02-13", None), ("today", "yesterday")):
        with pytest.raises(UsageError):
            days(first, last)


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/London", datetime(2020, 2, 11, 23, 30), date(2020, 2, 11)),
        ("Europe/Paris", datetime(2020, 2, 11, 23, 30), date(2020, 2, 12)),
        ("Europe/London", datetime(2020, 6, 30, 22, 59, 59), date(2020, 6, 30)),
        ("Europe/London", datetime(2020, 6, 30, 23), date(2020, 7, 1)),
        ("Asia/Kolkata", datetime(2028, 2, 28, 18, 30), date(2028, 2, 29)),
        ("Pacific/Kiritimati", datetime(2029, 12, 31, 10), date(2030, 1, 1)),
        ("Pacific/Pago_Pago", datetime(2028, 3, 1, 10, 59), date(2028, 2, 29)),
    ],
)
def test_today_is_the_facilitys(zone: str, moment: datetime, day: date) -> None:
    assert local_day(zone, moment) == day


WANTED: dict[str, Value] = {
    "facility_timezone": "Europe/London",
    "source_timezone": "UTC",
    "earliest_time": "1990-01-01 00:00:00",
}


def _built(version: int = SCHEMA_VERSION, **others: Value) -> Snapshot:
    built = as_layer(WANTED | others, "dim_settings")
    return Snapshot(load=3, settings=BuiltBy(version, "0.0.1", datetime(2020, 2, 12)), built=built)


def test_when_everything_is_rebuilt() -> None:
    assert reason_for_refresh(Snapshot(), WANTED) is None
    assert reason_for_refresh(_built(), WANTED) is None
    assert reason_for_refresh(_built(max_gap=5), WANTED | {"max_gap": 1000}) is None
    assert "did not finish" in str(reason_for_refresh(Snapshot(load=1), WANTED))
    assert "older version" in str(reason_for_refresh(_built(SCHEMA_VERSION - 1), WANTED))
    for name, other in (("facility_timezone", "UTC"), ("source_timezone", "Asia/Tokyo")):
        assert reason_for_refresh(_built(**{name: other}), WANTED) == (
            f"{name} has changed from {other} to {WANTED[name]}"
        )
    assert "earliest_time has changed from 2000-01-01 00:00:00" in str(
        reason_for_refresh(_built(earliest_time="2000-01-01"), WANTED)
    )


def test_what_an_interrupted_refresh_leaves_stays_as_it_was_built() -> None:
    target = Target("duckdb", "duckdb")
    last = Build("duckdb", None, {"vars.facility_timezone": "Europe/Stockholm"})
    assert daily.built_settings(Snapshot(load=3), last, target) == last.settings
    assert daily.built_settings(Snapshot(load=0), last, target) == {}
    assert daily.built_settings(Snapshot(load=3), last, Target("postgres", "postgres")) == {}
    assert daily.built_settings(_built(), last, target) == _built().built


def test_most_data_tests_are_due_after_a_week_and_after_a_failure() -> None:
    target, night = Target("duckdb", "duckdb"), datetime(2020, 2, 12, 6)
    tested = Build("duckdb", tested_at=night)
    due = [daily.tests_are_due(tested, target, night + timedelta(days)) for days in (-1, 0, 1, 6, 7)]
    assert due == [True, False, False, False, True]
    assert daily.tests_are_due(Build("duckdb"), target, night)
    assert daily.tests_are_due(tested, Target("postgres", "postgres"), night)


def test_a_newer_version_is_refused() -> None:
    check_not_newer(LOG, SCHEMA_VERSION, "0.0.1")
    with pytest.raises(UsageError, match="newer autostats"):
        check_not_newer(LOG, SCHEMA_VERSION + 1, "9.9")


def test_a_target_without_its_adapter() -> None:
    check_adapter("duckdb")
    with pytest.raises(UsageError, match="dbt-oracle is not installed") as caught:
        check_adapter("oracle")
    assert caught.value.remedy.endswith("-m pip install dbt-oracle")
