from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest
from autostats.cli import invoke
from support.marts import busy_jobs, job, wish_jobs, write_marts
from support.recount import IgnoredRuns, SourceJob

BUSY_FROM, BUSY_DAYS = date(2020, 1, 24), 20
STRANGE_NAMES = (
    "[bold red]X[/]",
    'O\'Neil "q" %s',
    "=1+1",
    "über 🚀 beam",
    "../x|y`z",
    "a\x1b[31m\nb",
    "<img src=x>",
    "n" * 80,
)


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


Autostats = Callable[..., Result]


@pytest.fixture
def autostats(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Autostats:
    """Run the command line in this process, on a plain 80-column screen with a UTF-8 locale."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*arguments: str | Path) -> Result:
        capsys.readouterr()
        code = invoke([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def wish_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The nine jobs of WISH, as of late on 12 February 2020."""
    home = tmp_path_factory.mktemp("wish")
    write_marts(
        home / "autostats.duckdb", wish_jobs(), datetime(2020, 2, 12, 23, 30), idle_instruments=["LOQ"]
    )
    return home


@pytest.fixture(scope="session")
def busy_made() -> Sequence[SourceJob]:
    return busy_jobs(["WISH", "GEM", "Pearl"], BUSY_FROM, BUSY_DAYS, most_per_day=24)


@pytest.fixture(scope="session")
def busy_home(tmp_path_factory: pytest.TempPathFactory, busy_made: Sequence[SourceJob]) -> Path:
    """Some hundred jobs of three instruments; every 50th vanished from the source; some holes are ignored."""
    home = tmp_path_factory.mktemp("busy")
    write_marts(
        home / "autostats.duckdb",
        busy_made,
        datetime(2020, 2, 12, 23, 30),
        ignored=[IgnoredRuns("GEM", 2000, 2030, "no beam")],
        deleted=busy_deleted(busy_made),
        max_gap=100,
    )
    return home


def busy_deleted(jobs: Sequence[SourceJob]) -> frozenset[int]:
    return frozenset(made.job_id for made in jobs if made.job_id % 50 == 0)


@pytest.fixture(scope="session")
def strange_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Instruments whose names are markup, formulas, quotes, control characters, wide or long."""
    home = tmp_path_factory.mktemp("strange")
    noon = datetime(2020, 2, 11, 12)
    jobs = [
        job(place, number, "e", noon, noon, noon, instrument=name)
        for place, (name, number) in enumerate(
            ((name, number) for name in STRANGE_NAMES for number in (1, 4)), start=1
        )
    ]
    write_marts(home / "autostats.duckdb", jobs, datetime(2020, 2, 12, 23, 30))
    return home


@pytest.fixture(scope="session")
def autostats_command() -> str:
    """The path of the installed command."""
    return str(Path(sys.executable).with_name("autostats"))
