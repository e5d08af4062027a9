"""What a run decides before dbt, and how it names what went wrong in dbt."""

from datetime import date, datetime
from pathlib import Path

import pytest
from autostats import daily
from autostats.dbt_command import Failure, Outcome
from autostats.errors import AutostatsError, LockedError, ModelError, UnreachableError, UsageError
from autostats.preflight import Settings, Snapshot, check_adapter, check_version, reason_for_refresh
from autostats.schema_version import SCHEMA_VERSION

LOG = Path("/home/logs/autostats.log")
ZONES = ("Europe/London", "UTC")


def _outcome(*reasons: str, error: BaseException | None = None) -> Outcome:
    failures = tuple(Failure("model", f"model_{i}", reason) for i, reason in enumerate(reasons))
    return Outcome(failures, skipped=3, error=error)


@pytest.fixture
def source_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily, "check_source", lambda server: "sqlite:///x")


@pytest.mark.usefixtures("source_answers")
def test_failed_models_are_named_with_the_first_reason() -> None:
    reasons = ["Constraint Error: duplicate key"] + ["x"] * 12
    with pytest.raises(ModelError) as caught:
        daily.raise_failure(_outcome(*reasons), LOG, server=None)
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
        daily.raise_failure(_outcome(reason), LOG, server=None)
    with pytest.raises(ModelError):
        daily.raise_failure(_outcome("a model of its own"), LOG, server=None)


def test_a_source_that_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(server: object) -> str:
        raise UnreachableError("mysql://db cannot be reached.", "Check it.")

    monkeypatch.setattr(daily, "check_source", gone)
    with pytest.raises(UnreachableError, match="went away while it was read: mysql://db cannot be reached"):
        daily.raise_failure(_outcome("IO Error"), LOG, server=None)


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
        daily.raise_failure(_outcome(error=error), LOG, server=None)
    assert "\n" not in str(caught.value)


def test_the_days_of_a_rebuild() -> None:
    today = date(2020, 2, 12)

    def days(first: str | None, last: str | None) -> dict[str, str]:
        return daily._rebuilt_days(daily.DailyOptions(first=first, last=last), today)

    assert days(None, None) == {}
    assert days("2020-02-10", "yesterday") == {"from_day": "2020-02-10", "to_day": "2020-02-11"}
    assert days("yesterday", None) == {"from_day": "2020-02-11", "to_day": "2020-02-12"}
    for first, last in ((None, "2020-02-10"), ("2020-02-13", None), ("today", "yesterday")):
        with pytest.raises(UsageError):
            days(first, last)


def test_today_is_the_facilitys() -> None:
    evening = datetime(2020, 2, 11, 23, 30)
    assert daily._today("Europe/London", evening) == date(2020, 2, 11)
    assert daily._today("Europe/Paris", evening) == date(2020, 2, 12)


def _built(version: int = SCHEMA_VERSION, zone: str = ZONES[0], source_zone: str = ZONES[1]) -> Snapshot:
    return Snapshot(load=3, settings=Settings(version, "0.0.1", zone, source_zone))


def test_when_all_is_built_anew() -> None:
    assert reason_for_refresh(Snapshot(), *ZONES) is None
    assert reason_for_refresh(_built(), *ZONES) is None
    assert "did not finish" in str(reason_for_refresh(Snapshot(load=1), *ZONES))
    assert "older version" in str(reason_for_refresh(_built(SCHEMA_VERSION - 1), *ZONES))
    assert "facility_timezone" in str(reason_for_refresh(_built(zone="UTC"), *ZONES))
    assert "source_timezone" in str(reason_for_refresh(_built(source_zone="Asia/Tokyo"), *ZONES))


def test_a_newer_version_is_refused() -> None:
    check_version(None, LOG)
    check_version(_built().settings, LOG)
    with pytest.raises(UsageError, match="newer version"):
        check_version(_built(SCHEMA_VERSION + 1).settings, LOG)


def test_a_target_without_its_adapter() -> None:
    check_adapter("duckdb")
    with pytest.raises(UsageError, match="dbt-oracle is not installed") as caught:
        check_adapter("oracle")
    assert "pip install 'autostats[oracle]'" in caught.value.remedy
