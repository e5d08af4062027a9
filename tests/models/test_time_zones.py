"""The offsets that are compiled into the SQL, against Python's own, each half hour of 37 years."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from support.dbt_project import DbtFailed, DbtProject

# Two changes within a month, half hours, quarter hours, none at all.
ZONES = (
    "Europe/London",
    "Africa/Cairo",
    "America/Argentina/San_Luis",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
)


def _changes(project: DbtProject, zone: str, home: Path, source: Path) -> list[dict[str, str | int]]:
    query = "{{ utc_offset_changes('" + zone + "') | tojson }}"
    answer = project.invoke("compile", "--inline", query, home=home, source=source)
    changes: list[dict[str, str | int]] = json.loads(answer.results[0].node.compiled_code)
    return changes


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_offsets_are_those_of_python(
    project: DbtProject, wish_source: Path, tmp_path: Path, zone: str
) -> None:
    changes = _changes(project, zone, tmp_path, wish_source)
    moment, place = datetime(2000, 1, 2, tzinfo=UTC), 0
    while moment.year < 2037:
        text = f"{moment:%Y-%m-%d %H:%M:%S}"
        while place + 1 < len(changes) and str(changes[place + 1]["utc"]) <= text:
            place += 1
        offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
        assert offset == timedelta(seconds=int(changes[place]["offset"])), text
        moment += timedelta(minutes=30)


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
