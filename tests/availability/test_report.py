"""`autostats availability report`: a period, or the last hour, day and week."""

import csv
import io
import json
from pathlib import Path

import pytest
from support.extent import long_only
from support.homes import polled
from support.installed import Autostats
from support.sources import genuine_era_c

PERIOD = ("--from", "2020-02-11", "--to", "2020-02-12")


def test_a_period(autostats: Autostats, busy_home: Path) -> None:
    ran = autostats("availability", "report", "wish", *PERIOD, "--home", busy_home, "--format", "json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    daily = polled("WISH")["fct_availability_daily"]
    up, down = (sum(row[f"{state}_seconds"] for row in daily) for state in ("up", "down"))
    assert found["period"] == {"first_day": "2020-02-11", "last_day": "2020-02-12"}
    assert found["availability"] == [
        {
            "instrument": "WISH",
            "availability": pytest.approx(up / (up + down)),
            "scheduled_seconds": sum(row["scheduled_seconds"] for row in daily),
            "up_seconds": up,
            "down_seconds": down,
            "unknown_seconds": sum(row["unknown_seconds"] for row in daily),
            "failures": 2,
            "outages": 2,
            "mtbf_seconds": pytest.approx(up / 3),
            "mttr_seconds": down / 2,
            "longest_down_seconds": max(row["longest_down_seconds"] for row in daily),
        }
    ]
    assert [(row["started_at"], row["ended_at"]) for row in found["outages"]] == [
        ("2020-02-11T17:00:00Z", "2020-02-11T21:00:00Z"),
        ("2020-02-12T20:00:00Z", None),
    ]


def test_an_outage_is_in_each_period_that_has_a_part_of_it(autostats: Autostats, busy_home: Path) -> None:
    for first, last, outages in (("10", "10", 0), ("11", "11", 1), ("12", "12", 1), ("13", "14", 0)):
        days = ("--from", f"2020-02-{first}", "--to", f"2020-02-{last}")
        ran = autostats("availability", "report", "GEM", *days, "--home", busy_home, "--format", "json")
        assert ran.code == 0, ran.err
        assert len(json.loads(ran.out)["outages"]) == outages


@pytest.mark.slow
def test_the_last_hour_day_and_week(autostats: Autostats, tmp_path: Path) -> None:
    """Polls count that no run has seen; a preset has the columns of another system."""
    home = tmp_path / "home"
    source = {"AUTOSTATS_SOURCE_URL": f"sqlite:///{genuine_era_c(tmp_path / 'source.sqlite')}"}
    assert autostats("run", "--as-of", "2020-02-10", "--home", home, env=source).code == 0
    polls = tmp_path / "polls.csv"
    polls.write_text(
        "instrument,status,timestamp_utc\nWISH,up,2020-02-11 16:30\nWISH,up,2020-02-11 17:15\n"
        "WISH,down,2020-02-11 17:45\n",
        encoding="utf-8",
    )
    report = ("availability", "report", "--home", home, "--now")
    nobody = autostats(*report, "--preset", "store-monitoring")
    assert (nobody.code, "There is no poll yet" in nobody.err) == (2, True)
    assert autostats("availability", "import", "--polls", polls, "--home", home).code == 0
    ran = autostats(*report, "--as-of", "2020-02-11 18:00", "--format", "csv")
    assert ran.code == 0, ran.err
    [row] = csv.DictReader(io.StringIO(ran.out))
    assert (row["uptime_last_hour"], row["downtime_last_hour"], row["unknown_last_hour"]) == (
        "45.0",
        "15.0",
        "0.0",
    )
    ran = autostats(*report, "--preset", "store-monitoring", "--format", "csv")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "store_id,uptime_last_hour,uptime_last_day,uptime_last_week,"
        "downtime_last_hour,downtime_last_day,downtime_last_week\n"
        "WISH,30.0,24.0,168.0,30.0,0.0,0.0\n"
    )


@pytest.mark.slow
@long_only
def test_a_file_that_replaces_one_that_was_moved_away_is_new(autostats: Autostats, tmp_path: Path) -> None:
    home = tmp_path / "home"
    source = {"AUTOSTATS_SOURCE_URL": f"sqlite:///{genuine_era_c(tmp_path / 'source.sqlite')}"}
    run = ("run", "--as-of", "2020-02-12", "--home", home)
    for instrument in ("WISH", "GEM"):
        (home / "observations.sqlite").unlink(missing_ok=True)
        added = autostats("availability", "add", instrument, "up", "--at", "2020-02-11", "--home", home)
        assert added.code == 0, added.err
        assert autostats(*run, env=source).code == 0
    counted = autostats("availability", "report", "--home", home, "--last", "1d", "--format", "csv")
    assert [row["instrument"] for row in csv.DictReader(io.StringIO(counted.out))] == ["GEM", "WISH"]


def test_who_and_when_are_checked(autostats: Autostats, busy_home: Path, wish_home: Path) -> None:
    unknown = autostats("availability", "report", "Pearl", "--home", busy_home)
    assert (unknown.code, "Known instruments: GEM, WISH." in unknown.err) == (2, True)
    both = autostats("availability", "report", "--now", "--last", "7d", "--home", busy_home)
    assert (both.code, "--now already names a time" in both.err) == (2, True)
    for option in (("--as-of", "2020-02-12"), ("--preset", "store-monitoring")):
        without = autostats("availability", "report", *option, "--home", busy_home)
        assert (without.code, "Add --now" in without.err) == (2, True)
    future = autostats("availability", "report", "--now", "--as-of", "2999-01-01", "--home", busy_home)
    assert (future.code, "is in the future" in future.err) == (2, True)
    nobody = autostats("availability", "report", *PERIOD, "--home", wish_home)
    assert nobody.code == 0
    assert "`autostats availability import` takes polls" in " ".join(nobody.out.split())


def test_people_see_durations_and_the_facilitys_time(autostats: Autostats, busy_home: Path) -> None:
    shown = autostats("availability", "report", "WISH", *PERIOD, "--home", busy_home, env={"COLUMNS": "120"})
    assert "Availability, 2020-02-11 to 2020-02-12 (2 days)" in shown.out
    assert "2020-02-11 17:00:00" in shown.out
