"""The summary of a run: how it folds days and runs, and that text and JSON tell the same."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

from autostats.render.counting import ranges
from autostats.run.summary import Problem, Summary
from autostats.run.summary_json import as_json, selected_as_json
from autostats.run.summary_text import days_text, runs_text, summary_lines
from autostats.text import counted
from jsonschema import Draft202012Validator

NIGHT = Summary(
    source="sqlite:///jobs.db",
    is_first_load=False,
    full_refresh=False,
    jobs_new=12,
    jobs_changed=3,
    jobs_vanished=1,
    days={"WISH": [date(2020, 2, 10), date(2020, 2, 11)], "GEM": []},
    newly_resolved=frozenset({("WISH", 100)}),
    newly_failing=frozenset({("WISH", 102), ("GEM", 7)}),
    failing=5,
    newly_missing=frozenset(),
    no_longer_missing=frozenset({("WISH", 90)}),
    missing=4,
    attention=[
        {
            "instrument": "WISH",
            "subject": "silent",
            "severity": "medium",
            "what": "no job for 3 days",
            "evidence": "usually 1 day",
            "since": datetime(2020, 2, 9, 12),
        }
    ],
    problems={"bad_time": Problem(7, 2), "no_run": Problem(1, 0)},
    seconds=8.51239,
    dbt_seconds=6.0,
    load_number=2,
    as_of=datetime(2020, 2, 12, 23, 30),
)


def _lines(summary: Summary) -> list[tuple[str, str]]:
    return [(line.label, line.text) for line in summary_lines(summary)]


def _object(text: str, schema: str) -> Any:
    found = json.loads(text)
    shipped = json.loads((files("autostats") / "schemas" / f"{schema}-1.json").read_text(encoding="utf-8"))
    Draft202012Validator(shipped, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(found)
    return found


def test_the_lines_of_a_night() -> None:
    assert _lines(NIGHT) == [
        ("Source", "sqlite:///jobs.db"),
        ("Read", "12 new jobs, 3 changed, 1 vanished"),
        ("Days", "2 days on 2 instruments"),
        ("", "WISH: 2020-02-10 to 2020-02-11"),
        ("Resolved", "1 failed before and now pass: WISH 100"),
        ("Failing", "2 newly: GEM 7, WISH 102; 5 in all"),
        ("Missing", "none newly; 1 no longer; 4 in all"),
        ("Attention", "1 row, 0 of high severity"),
        ("", "WISH: no job for 3 days"),
        ("Problems", "bad time 7 (+2), no run 1"),
        ("Took", "8.5s, of which dbt 6.0s"),
    ]


def test_the_object_of_a_night() -> None:
    assert _object(as_json(NIGHT), "run") == {
        "schema": "autostats/run/1",
        "source": "sqlite:///jobs.db",
        "first_load": False,
        "full_refresh": False,
        "jobs_new": 12,
        "jobs_changed": 3,
        "jobs_vanished": 1,
        "days": {"WISH": ["2020-02-10", "2020-02-11"], "GEM": []},
        "resolved": {"new": 1, "runs": [{"instrument": "WISH", "run_number": 100}]},
        "failing": {
            "total": 5,
            "new": 2,
            "runs": [
                {"instrument": "GEM", "run_number": 7},
                {"instrument": "WISH", "run_number": 102},
            ],
        },
        "missing": {"total": 4, "no_longer": 1, "new": 0, "runs": []},
        "attention": [
            {
                "instrument": "WISH",
                "subject": "silent",
                "severity": "medium",
                "what": "no job for 3 days",
                "evidence": "usually 1 day",
                "since": "2020-02-09T12:00:00Z",
            }
        ],
        "problems": {"bad_time": {"count": 7, "change": 2}, "no_run": {"count": 1, "change": 0}},
        "seconds": 8.512,
        "dbt_seconds": 6.0,
        "load_number": 2,
        "as_of": "2020-02-12T23:30:00Z",
    }


def test_a_first_load_and_a_full_refresh() -> None:
    first = replace(NIGHT, is_first_load=True, problems={"bad_time": Problem(7, None)}, attention=[])
    assert _lines(first)[1] == ("Read", "13 jobs, 1 of them no longer there (the first load)")
    assert _lines(first)[4:8] == [
        ("Resolved", "1 run that had failed now pass"),
        ("Failing", "5 runs"),
        ("Missing", "4 runs"),
        ("Problems", "bad time 7"),
    ]
    assert _object(as_json(first), "run")["problems"] == {"bad_time": {"count": 7, "change": None}}
    again = replace(NIGHT, full_refresh=True, jobs_vanished=0)
    assert _lines(again)[1] == ("Read", "12 jobs (a full refresh)")


def test_of_very_many_days_only_their_number_is_told() -> None:
    years = [date(2020, 1, 1) + timedelta(days) for days in range(367)]
    found = _object(as_json(replace(NIGHT, days={"A": years, "B": years[1:]})), "run")["days"]
    assert found["A"] == 367
    assert len(found["B"]) == 366


def test_the_object_of_some_models() -> None:
    found = _object(selected_as_json(9, 1.23456), "run-select")
    assert found == {"schema": "autostats/run-select/1", "models": 9, "seconds": 1.235}


def test_counts() -> None:
    assert [counted(number, "run") for number in (0, 1, 2000)] == ["0 runs", "1 run", "2,000 runs"]


def test_ranges() -> None:
    assert ranges([7, 3, 1, 2, 2]) == [(1, 3), (7, 7)]
    assert ranges([]) == []


def test_runs() -> None:
    runs = [("WISH", 7), ("GEM", 13), ("GEM", 12), ("GEM", 20)]
    assert runs_text(runs) == "GEM 12-13, GEM 20, WISH 7"
    assert runs_text(runs, most=1) == "GEM 12-13 and 2 more"
    assert runs_text([("a\x1b[31m\nb", 1)]) == "a\\x1b[31m\\x0ab 1"


def test_days() -> None:
    days = [date(2020, 2, 29), date(2020, 3, 1), date(2020, 3, 5)]
    assert days_text(days) == "2020-02-29 to 2020-03-01, 2020-03-05"
    assert days_text([date(2020, 1, day) for day in (1, 3, 5, 7)]) == "4 days from 2020-01-01 to 2020-01-07"
