"""`autostats availability report`: a period, or the last hour, day and week."""

import csv
import io
import json
from pathlib import Path

import pytest
from support.homes import polled
from support.installed import Autostats

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


def test_the_last_hour_day_and_week(autostats: Autostats, busy_home: Path) -> None:
    ran = autostats("availability", "report", "--now", "--home", busy_home, "--format", "csv")
    assert ran.code == 0, ran.err
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    [expected, _] = polled("GEM", "WISH")["rpt_availability"]
    assert [row["instrument"] for row in rows] == ["GEM", "WISH"]
    assert [row["state"] for row in rows] == ["down", "down"]
    for name, value in expected.items():
        if name not in ("instrument", "state"):
            assert (float(rows[0][name]) if rows[0][name] else None) == pytest.approx(value), name


def test_who_and_when_are_checked(autostats: Autostats, busy_home: Path, wish_home: Path) -> None:
    unknown = autostats("availability", "report", "Pearl", "--home", busy_home)
    assert (unknown.code, "Known instruments: GEM, WISH." in unknown.err) == (2, True)
    both = autostats("availability", "report", "--now", "--last", "7d", "--home", busy_home)
    assert (both.code, "--now already names a time" in both.err) == (2, True)
    nobody = autostats("availability", "report", *PERIOD, "--home", wish_home)
    assert nobody.code == 0
    assert "`autostats availability import` takes polls" in " ".join(nobody.out.split())


def test_people_see_durations_and_the_facilitys_time(autostats: Autostats, busy_home: Path) -> None:
    shown = autostats("availability", "report", "WISH", *PERIOD, "--home", busy_home, env={"COLUMNS": "120"})
    assert "Availability, 2020-02-11 to 2020-02-12 (2 days)" in shown.out
    assert "2020-02-11 17:00:00" in shown.out
    plain = autostats("availability", "report", "WISH", "--now", "--home", busy_home, "--plain")
    assert plain.code == 0, plain.err
    assert "of the last hour, down " in plain.out
