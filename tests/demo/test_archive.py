"""The archive of the demonstration has what its report is to show."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from autostats.demo import generate, write_archive

NOW = datetime(2020, 2, 12, 20)
RUNS = """
select distinct run_number from reduction_viewer_runnumber
inner join reduction_viewer_reductionrun as jobs on jobs.id = reduction_run_id
inner join reduction_viewer_instrument as instruments on instruments.id = jobs.instrument_id
where instruments.name = ?
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    generate(folder / "source.sqlite", days=30, jobs=3000, now=NOW)
    write_archive(folder, folder / "source.sqlite", "sqlite", NOW)
    return folder


def known(home: Path, name: str) -> set[int]:
    with closing(sqlite3.connect(home / "source.sqlite")) as connection:
        return {run for (run,) in connection.execute(RUNS, [name])}


def filed(home: Path, name: str) -> set[int]:
    return {int(file.stem.removeprefix(name)) for file in (home / "archive" / name / "cycle_1").iterdir()}


def test_wish_has_a_file_without_a_job(home: Path) -> None:
    runs, files = known(home, "WISH"), filed(home, "WISH")
    (missing,) = files - runs
    assert {missing - 1, missing + 1} <= files
    # All from the first file on have one.
    assert {run for run in runs if run >= min(files)} <= files


def test_gem_is_ahead(home: Path) -> None:
    runs, files = known(home, "GEM"), filed(home, "GEM")
    ahead = sorted(files - runs)
    assert ahead == list(range(max(runs) + 1, max(runs) + 7))
    told = (home / "archive" / "GEM" / "lastrun.txt").read_text().split()
    assert told == ["GEM", f"{ahead[-1]:08}", "0"]


def test_one_file_of_mari_is_gone(home: Path) -> None:
    files = filed(home, "MARI")
    assert len({run for run in known(home, "MARI") if run >= min(files)} - files) == 1


def test_its_description_names_it(home: Path) -> None:
    (location,) = yaml.safe_load((home / "archive.yml").read_text())["locations"]
    assert location["url"] == f"{home}/archive/{{instrument}}/cycle_{{cycle}}"
    assert location["instruments"] == ["WISH", "GEM", "MARI"]
