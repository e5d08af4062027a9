"""The offsets that are compiled into the SQL, against Python's own, over 130 years."""

import json
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from autostats.queries.hours import hours_of
from autostats.queries.settings import Settings
from support.dbt_project import DbtFailed, DbtProject

pytestmark = pytest.mark.slow

# Two changes within a month, half hours, quarters, none at all; some stop changing.
ZONES = (
    "Europe/London",
    "America/St_Johns",
    "Africa/Cairo",
    "America/Argentina/San_Luis",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
)


def _changes(project: DbtProject, zone: str, home: Path, source: Path) -> list[dict[str, str | int]]:
    query = "{{ utc_offset_changes('" + zone + "') | tojson }}"
    variables = {"as_of": "2098-12-31 23:59:59"}
    answer = project.invoke("compile", "--inline", query, home=home, source=source, variables=variables)
    changes: list[dict[str, str | int]] = json.loads(answer.results[0].node.compiled_code)
    return changes


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta | None:
    return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()


@pytest.mark.parametrize("zone", ZONES)
def test_offsets_are_those_of_python(
    project: DbtProject, wish_source: Path, tmp_path: Path, zone: str
) -> None:
    known = ZoneInfo(zone)
    first, *changes = _changes(project, zone, tmp_path, wish_source)
    moment, offset = datetime(1970, 1, 1), timedelta(seconds=int(first["offset"]))
    ends = [*(datetime.fromisoformat(str(change["utc"])) for change in changes), datetime(2101, 1, 1)]
    offsets = [timedelta(seconds=int(change["offset"])) for change in changes]
    for end, after in zip(ends, [*offsets, None], strict=True):
        # Twice a day, and in the last minute: a change in between would be undone within hours.
        while moment < end:
            assert _offset(known, moment) == offset, moment
            moment += timedelta(hours=12)
        assert _offset(known, end - timedelta(minutes=1)) == offset, end
        if after is not None:
            assert _offset(known, end) == after, end
            moment, offset = end, after


@pytest.mark.parametrize("zone", ZONES)
def test_hours_begin_where_the_report_lets_them(
    project: DbtProject, wish_source: Path, tmp_path: Path, zone: str
) -> None:
    """Around each change of the clocks, every ten minutes of three days."""
    settings = Settings(0, "", zone, datetime(2026, 1, 1))
    changes = [
        datetime.fromisoformat(str(change["utc"]))
        for change in _changes(project, zone, tmp_path, wish_source)
    ]
    recent = [change for change in changes if 2012 <= change.year <= 2026] or [datetime(2020, 2, 11)]
    days = sorted({change.date() + timedelta(days=offset) for change in recent for offset in range(-1, 2)})
    hours = list(hours_of(days, settings))
    variables = {"as_of": "2026-01-01 00:00:00", "facility_timezone": zone}
    answer = project.invoke(
        "compile",
        "--inline",
        "{{ local_hour('moment') }}",
        home=tmp_path,
        source=wish_source,
        variables=variables,
    )
    begins = answer.results[0].node.compiled_code
    moments = [
        hour.starts_at + timedelta(minutes=minutes) for hour in hours for minutes in (0, 10, 29, 30, 59)
    ]
    known = [hour.starts_at for hour in hours]
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select moment, {begins} from (select unnest(?::timestamp[]) as moment)", [moments]
        ).fetchall()
    wrong = [(moment, hour) for moment, hour in found if hour != known[bisect_right(known, moment) - 1]]
    assert wrong == []


def test_a_name_that_is_no_zone_changes_nothing(
    project: DbtProject, wish_home: Path, wish_source: Path
) -> None:
    with pytest.raises(DbtFailed, match="is not a time zone"):
        project.invoke(
            "run",
            "--full-refresh",
            home=wish_home,
            source=wish_source,
            variables={"facility_timezone": "Mars/Olympus"},
        )
    with duckdb.connect(str(wish_home / "autostats.duckdb"), read_only=True) as connection:
        assert connection.execute(
            "select facility_timezone from autostats.autostats.dim_settings"
        ).fetchall() == [("Europe/London",)]


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"earliest_time": "1969-12-31 23:59:59"}, "earliest_time 1969-12-31 23:59:59 lies before 1970"),
        ({"as_of": "2099-01-01 00:00:00"}, "as_of 2099-01-01 00:00:00 lies after 2098"),
    ],
)
def test_times_of_which_no_local_day_is_known_are_refused(
    project: DbtProject, wish_source: Path, tmp_path: Path, variables: dict[str, str], complaint: str
) -> None:
    with pytest.raises(DbtFailed, match=complaint):
        project.invoke("run", home=tmp_path, source=wish_source, variables=variables)
