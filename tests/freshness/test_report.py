"""`autostats freshness report`: the state of tables now, and how fresh they were in a period."""

import csv
import io
import json
from pathlib import Path

import pytest
from support.homes import TABLES, monitored
from support.installed import Autostats

PERIOD = ("--from", "2020-02-11", "--to", "2020-02-12")


def test_a_period(autostats: Autostats, busy_home: Path) -> None:
    ran = autostats("freshness", "report", "LIMS.samples", *PERIOD, "--home", busy_home, "--format", "json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["period"] == {"first_day": "2020-02-11", "last_day": "2020-02-12"}
    marts = monitored("lims.samples")
    [now] = marts["fct_table_freshness"]
    daily = marts["fct_table_freshness_daily"]
    sums = {
        name: sum(row[name] for row in daily)
        for name in ("checks", "observed_seconds", "fresh_seconds", "warn_seconds", "stale_seconds")
    }
    lags = sorted(row["lag_seconds"] for row in marts["fct_table_checks"])
    assert found["tables"] == [
        {
            "table": "lims.samples",
            "column": "updated_at",
            "state": "stale",
            "since": f"{now['since'].isoformat()}Z",
            "lag_seconds": 10_000,
            "is_unusual": False,
            "last_update": f"{now['last_update'].isoformat()}Z",
            "last_checked_at": f"{now['last_checked_at'].isoformat()}Z",
            "last_status": "Okay",
            "fresh_share": pytest.approx(sums["fresh_seconds"] / sums["observed_seconds"]),
            **sums,
            "worst_lag_seconds": lags[-1],
            "median_lag_seconds": lags[(len(lags) - 1) // 2],
            "unknown_seconds": 0,
            "dbobject": "LIMS",
            "server": "localhost:5432",
            "db_type": "postgresql",
        }
    ]


def test_what_needs_attention_comes_first(autostats: Autostats, busy_home: Path) -> None:
    ran = autostats("freshness", "report", "--home", busy_home, "--format", "csv")
    assert ran.code == 0, ran.err
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [(row["table"], row["state"]) for row in rows] == [
        ("lims.samples", "stale"),
        ("users.accounts", "unknown"),
        ("lims.proposals", "warn"),
        ("daq.runs", "fresh"),
    ]
    assert rows[1]["last_status"] == "connection refused"
    assert rows[1]["lag_seconds"] == ""


def test_a_day_before_the_first_check_has_no_seconds(autostats: Autostats, busy_home: Path) -> None:
    days = ("--from", "2020-02-10", "--to", "2020-02-10")
    ran = autostats("freshness", "report", *days, "--home", busy_home, "--format", "json")
    for row in json.loads(ran.out)["tables"]:
        assert (row["observed_seconds"], row["checks"], row["fresh_share"]) == (0, 0, None)
        assert row["median_lag_seconds"] is row["worst_lag_seconds"] is None


def test_who_and_when_are_checked(autostats: Autostats, busy_home: Path, wish_home: Path) -> None:
    unknown = autostats("freshness", "report", "lims.sample", "--home", busy_home)
    assert unknown.code == 2
    assert "There is no table 'lims.sample'. Did you mean lims.samples?" in unknown.err
    assert f"Known tables: {', '.join(sorted(TABLES))}." in unknown.err
    nothing = autostats("freshness", "report", *PERIOD, "--home", wish_home)
    assert nothing.code == 0
    assert "`autostats freshness check` checks tables" in " ".join(nothing.out.split())


def test_people_see_durations_and_the_facilitys_time(autostats: Autostats, busy_home: Path) -> None:
    shown = autostats("freshness", "report", *PERIOD, "--home", busy_home, env={"COLUMNS": "160"})
    assert "Freshness of tables, 2020-02-11 to 2020-02-12 (2 days)" in shown.out
    assert "2h 47m" in shown.out
    plain = autostats("freshness", "report", "lims.samples", *PERIOD, "--home", busy_home, "--plain")
    assert plain.code == 0, plain.err
    assert "stale" in plain.out


def test_the_shell_completes_tables(autostats: Autostats, busy_home: Path) -> None:
    complete = {
        "_AUTOSTATS_COMPLETE": "complete_bash",
        "COMP_CWORD": "3",
        "COMP_WORDS": "autostats freshness report lims",
        "AUTOSTATS_HOME": str(busy_home),
    }
    assert autostats(env=complete).out.split() == ["lims.proposals", "lims.samples"]


def test_the_daily_report_names_tables_that_are_not_fresh(
    autostats: Autostats, busy_home: Path, wish_home: Path
) -> None:
    def sections(*arguments: str | Path) -> dict[str, list[dict[str, object]]]:
        ran = autostats("report", *PERIOD, *arguments, "--format", "json")
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    late = sections("--home", busy_home)["tables"]
    assert [row["table"] for row in late] == ["lims.samples", "users.accounts", "lims.proposals"]
    assert "tables" not in sections("GEM", "--home", busy_home)
    assert "tables" not in sections("--home", wish_home)


def test_the_page_shows_all_tables(autostats: Autostats, busy_home: Path, wish_home: Path) -> None:
    page = autostats("report", *PERIOD, "--format", "html", "--home", busy_home).out
    assert all(table in page for table in TABLES)
    assert "Monitored tables" not in autostats("report", "--format", "html", "--home", wish_home).out


def test_the_digest_tells_of_newly_stale_tables(autostats: Autostats, busy_home: Path) -> None:
    def news(*arguments: str) -> dict[str, list[dict[str, object]]]:
        ran = autostats(
            "digest", *arguments, "--since", "2020-02-12", "--format", "json", "--home", busy_home
        )
        assert ran.code == 0, ran.err
        return json.loads(ran.out)

    assert [row["table"] for row in news()["stale_tables"]] == ["lims.samples"]
    assert news()["fresh_tables"] == news("GEM")["stale_tables"] == []
    shown = autostats("digest", "--since", "2020-02-12", "--home", busy_home)
    assert "1 table newly stale" in " ".join(shown.out.split())
