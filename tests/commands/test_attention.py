"""What needs somebody now: by command, at the top of reports, and as a metric that ends alerts."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from autostats.queries.attention import Subject
from support.in_process import NowIs
from support.installed import Autostats

LATE = datetime(2020, 2, 12, 23, 45)


@pytest.fixture(autouse=True)
def that_evening(now_is: NowIs) -> None:
    """The homes are as of half an hour before midnight."""
    now_is(LATE)


def found(autostats: Autostats, home: Path, *options: str) -> list[tuple[Any, ...]]:
    ran = autostats("attention", *options, "--format", "json", "--home", home)
    assert ran.code == 0, ran.err
    rows = json.loads(ran.out)["attention"]
    return [(row["instrument"], row["subject"], row["severity"]) for row in rows]


def test_the_worst_comes_first_and_options_choose(autostats: Autostats, archived_home: Path) -> None:
    rows = found(autostats, archived_home)
    assert {("WISH", "archive_only", "high"), ("GEM", "behind", "high")} <= set(rows)
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), key="high medium".index)
    assert found(autostats, archived_home, "wish", "--subject", "archive_only") == [
        ("WISH", "archive_only", "high")
    ]
    assert found(autostats, archived_home, "--subject", "behind", "--severity", "medium") == []


def test_people_read_words(autostats: Autostats, archived_home: Path) -> None:
    table = autostats("attention", "WISH", "--subject", "archive_only", "--home", archived_home).out
    assert "What needs attention now of WISH: 1" in table
    assert "high" in table
    assert "1 run has a file and no job" in table
    plain = autostats(
        "attention", "WISH", "--subject", "archive_only", "--plain", "--home", archived_home
    ).out
    assert "WISH: severity high, 1 run has a file and no job, run 102, since 2020-02-11" in plain


def test_a_check_ends_with_1(autostats: Autostats, archived_home: Path) -> None:
    bad = autostats("attention", "GEM", "--subject", "behind", "--check", "--home", archived_home)
    assert bad.code == 1
    assert "error: 1 thing needs attention: GEM: the database is behind the archive." in bad.err
    good = autostats("attention", "WISH", "--subject", "behind", "--check", "--home", archived_home)
    assert (good.code, good.err) == (0, "")
    assert "Nothing needs attention." in good.out


def test_names_are_validated(autostats: Autostats, archived_home: Path) -> None:
    for option in (("--subject", "pendign"), ("--severity", "low")):
        ran = autostats("attention", *option, "--home", archived_home)
        assert ran.code == 2
        assert option[1] in ran.err


def test_it_comes_first_in_a_report_on_now(autostats: Autostats, archived_home: Path) -> None:
    title = "What needs attention now"
    for form in ("table", "plain", "md", "html"):
        text = autostats("report", "--format", form, "--home", archived_home).out
        assert title in text
        assert text.rindex(title) < text.rindex("Summary" if form != "html" else "At a glance")
        past = autostats("report", "--to", "2020-02-10", "--format", form, "--home", archived_home).out
        assert title not in past
    of_one = json.loads(autostats("report", "GEM", "--format", "json", "--home", archived_home).out)
    assert {row["instrument"] for row in of_one["attention"]} == {"GEM"}
    past = autostats("report", "--to", "2020-02-10", "--format", "json", "--home", archived_home).out
    assert "attention" not in json.loads(past)


def test_a_good_day_says_nothing(autostats: Autostats, archived_home: Path) -> None:
    for form in ("table", "plain", "md", "html"):
        text = autostats("report", "LET", "--format", form, "--home", archived_home).out
        assert "needs attention" not in text
    of_let = json.loads(autostats("report", "LET", "--format", "json", "--home", archived_home).out)
    assert of_let["attention"] == []


def test_metrics_have_zeros(autostats: Autostats, archived_home: Path) -> None:
    text = autostats("report", "--format", "prometheus", "--home", archived_home).out
    assert 'autostats_attention{instrument="WISH",subject="archive_only"} 1\n' in text
    assert 'autostats_attention{instrument="",subject="stale_table"} 0\n' in text
    of_let = [
        line
        for line in autostats("report", "LET", "--format", "prometheus", "--home", archived_home).out.split(
            "\n"
        )
        if line.startswith("autostats_attention{")
    ]
    assert len(of_let) == len(Subject) - 1
    assert all(line.endswith(" 0") for line in of_let)
