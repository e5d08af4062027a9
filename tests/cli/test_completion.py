from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from support.installed import COMMAND


def completed(words: str, home: Path) -> list[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AUTOSTATS_HOME": str(home),
        "_AUTOSTATS_COMPLETE": "complete_bash",
        "COMP_WORDS": f"autostats {words}",
        "COMP_CWORD": str(len(words.split(" "))),
    }
    return subprocess.run([COMMAND], env=environment, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("report G", ["GEM"]),
        ("missing WISH P", ["Pearl"]),
        ("missing ig", ["ignore"]),
        ("missing WISH ig", []),
        ("missing ignore G", ["GEM"]),
        ("explain W", ["WISH"]),
        ("plot exe", ["exe-time"]),
        ("plot jobs WISH P", ["Pearl"]),
        ("explain WISH yesterday runs_f", ["runs_failed"]),
        ("report --by w", ["week"]),
        ("report --columns instrument,runs_f", ["instrument,runs_failed"]),
        ("report --columns jobs_failed,jobs_f", []),
        ("report --sort jobs_f", ["jobs_failed"]),
        ("report --sort instrument,-jobs_f", ["instrument,-jobs_failed"]),
        ("missing --columns runs,age", ["runs,age_days"]),
        ("missing --sort ignored", ["ignored_reason"]),
        ("report --cycle 2019/", ["2019/03", "2019/04"]),
        ("report --last 7", ["7d", "7w", "7m", "7y"]),
        ("report --last y", ["yesterday"]),
        ("report --last 9q", []),
        ("report --from 20", ["2020-01", "2020-02"]),
        ("report --to t", ["today"]),
        ("report --from 2020-02-0", [f"2020-02-0{day}" for day in range(1, 10)]),
        ("run --from 2020-02-1", ["2020-02-10", "2020-02-11", "2020-02-12"]),
        ("run --target ", ["duckdb", "mysql", "postgres"]),
        ("doctor --target po", ["postgres"]),
    ],
)
def test_completion(busy_home: Path, words: str, expected: list[str]) -> None:
    assert completed(words, busy_home) == expected


def test_locations_are_those_with_counts(archived_home: Path) -> None:
    assert completed("archive report ra", archived_home) == ["raw", "raw-mari"]
    assert completed("archive report --order short", archived_home) == ["shortfall"]


def test_targets_are_those_of_the_profile_in_use(tmp_path: Path) -> None:
    folder = tmp_path / "profile"
    folder.mkdir()
    (folder / "profiles.yml").write_text("autostats: {outputs: {site: {}, stage: {}, other: {}}}")
    assert completed(f"run --profiles-dir {folder} --target s", tmp_path) == ["site", "stage"]
    assert completed(f"run --profiles-dir {tmp_path} --target s", tmp_path) == []
    assert completed("run --target my", tmp_path / "home") == ["mysql"]
    assert not (tmp_path / "home").exists()


def test_nothing_is_completed_without_statistics(tmp_path: Path) -> None:
    assert completed("report W", tmp_path) == []
