"""dbt's command line is made by a pure function, and its messages are boiled down; no dbt is needed here."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from autostats.dbt_setup.dbt_command import DbtCommand, dbt_arguments, first_sentence

CALL = DbtCommand("build", Path("/project"), Path("/profiles"), Path("/home/target"), Path("/home/logs"))


def _after(arguments: list[str], flag: str) -> str:
    return arguments[arguments.index(flag) + 1]


def test_the_daily_build() -> None:
    arguments = dbt_arguments(CALL, {})
    assert arguments[0] == "build"
    assert _after(arguments, "--project-dir") == "/project"
    assert _after(arguments, "--profiles-dir") == "/profiles"
    assert _after(arguments, "--target-path") == "/home/target"
    assert _after(arguments, "--log-path") == "/home/logs"
    assert _after(arguments, "--exclude-resource-type") == "unit_test"
    assert not {"--target", "--vars", "--full-refresh"} & set(arguments)


def test_it_says_nothing_on_the_console_and_nothing_to_the_network() -> None:
    arguments = dbt_arguments(CALL, {})
    assert {"--quiet", "--no-print", "--no-send-anonymous-usage-stats"} <= set(arguments)
    assert _after(arguments, "--log-level") == "none"
    assert _after(arguments, "--log-level-file") == "none"


def test_target_vars_and_refresh() -> None:
    call = DbtCommand(
        "build",
        Path("/p"),
        Path("/p"),
        Path("/t"),
        Path("/l"),
        target="postgres",
        variables={"from_day": "2020-02-11", "max_gap": 5},
        full_refresh=True,
        with_unit_tests=True,
    )
    arguments = dbt_arguments(call, {})
    assert _after(arguments, "--target") == "postgres"
    assert json.loads(_after(arguments, "--vars")) == {"from_day": "2020-02-11", "max_gap": 5}
    assert "--full-refresh" in arguments
    assert "--exclude-resource-type" not in arguments


def test_builds_alone_leave_out_unit_tests_and_artifacts() -> None:
    call = DbtCommand("docs", Path("/p"), Path("/p"), Path("/t"), Path("/l"))
    assert "--no-write-json" in dbt_arguments(CALL, {})
    assert not {"--exclude-resource-type", "--no-write-json"} & set(dbt_arguments(call, {}))


def test_what_is_left_out() -> None:
    assert _after(dbt_arguments(replace(CALL, exclude="tag:weekly"), {}), "--exclude") == "tag:weekly"


@pytest.mark.parametrize(
    ("variable", "flag"),
    [
        ("DBT_LOG_LEVEL", "--log-level"),
        ("DBT_LOG_LEVEL_FILE", "--log-level-file"),
        ("DBT_LOG_PATH", "--log-path"),
        ("DBT_TARGET_PATH", "--target-path"),
        ("DBT_WRITE_JSON", "--no-write-json"),
    ],
)
def test_a_setting_of_the_user_in_dbts_environment_wins(variable: str, flag: str) -> None:
    assert flag not in dbt_arguments(CALL, {variable: "anything"})


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "Runtime Error in model fct_jobs (models/marts/jobs/fct_jobs.sql)\n"
            "  Constraint Error: Duplicate key\n  compiled code at target/run/fct_jobs.sql",
            "Constraint Error: Duplicate key",
        ),
        ("Got 3 results, configured to fail if != 0", "Got 3 results, configured to fail if != 0"),
        ("Database Error\n\n  Out of Memory", "Out of Memory"),
        ("Runtime Error", "Runtime Error"),
        ("", ""),
    ],
)
def test_the_telling_sentence_of_a_message(message: str, sentence: str) -> None:
    assert first_sentence(message) == sentence
