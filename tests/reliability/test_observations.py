"""Collectors beside runs and reports, and runs whose observations cannot be read: nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from support.dbt_project import select
from support.installed import Ran, bare_environment, run_command
from support.observations import SPOILT, held
from support.reliability import collector
from support.reliability.night import EVENING, Night, differing, state_of

pytestmark = pytest.mark.slow

_COLLECTORS = 8


def _look(night: Night, home: Path, number: int) -> subprocess.Popen[str]:
    """Start a collector, which polls an instrument of its own from the evening on."""
    begin = EVENING - timedelta(hours=number)
    return subprocess.Popen(
        [sys.executable, str(collector.__file__), str(home), f"I{number}", begin.isoformat()],
        env=bare_environment(night.folder / "nobody"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_eight_collectors_beside_runs_and_reports_lose_no_poll(night: Night, tmp_path: Path) -> None:
    home = night.home(tmp_path / "home")
    collectors = [_look(night, home, number) for number in range(_COLLECTORS)]
    reports: list[Ran] = []
    is_over = threading.Event()

    def read() -> None:
        # A report waits until the run has let go of the statistics.
        patient = {"AUTOSTATS_WAIT": "300"}
        while not is_over.wait(1):
            reports.append(run_command(("report", "--home", home), night.folder / "nobody", patient))

    reader = threading.Thread(target=read)
    reader.start()
    runs = [night.run(home) for _ in range(2)]
    is_over.set()
    reader.join()
    told = [process.communicate("\n", timeout=60) for process in collectors]
    assert [process.returncode for process in collectors] == [0] * _COLLECTORS
    assert [err for _, err in told] == [""] * _COLLECTORS
    assert [(ran.code, ran.err) for ran in runs if ran.code] == []
    assert [(ran.code, ran.err) for ran in reports if ran.code] == []
    assert reports
    night.heal(home)
    appended = {f"I{number}": int(out.split()[0]) for number, (out, _) in enumerate(told)}
    assert all(appended.values())
    counted = select(home, "select instrument, count(*) as polls from int_polls group by 1")
    assert {row["instrument"]: row["polls"] for row in counted} == appended
    assert not differing(state_of(home), night.after)
    longest = max(float(out.split()[1]) for out, _ in told)
    # For people: pytest shows it with -s.
    print(f"\n{sum(appended.values())} polls; the longest look took {longest:.2f} s")


def _home_with_a_poll(night: Night, folder: Path) -> Path:
    home = night.home(folder)
    add = ("availability", "add", "WISH", "down", "--at", str(EVENING), "--home", home)
    assert run_command(add, night.folder / "nobody").code == 0
    return home


@pytest.mark.parametrize("how", SPOILT)
def test_a_run_that_cannot_read_them(how: str, night: Night, tmp_path: Path) -> None:
    home = _home_with_a_poll(night, tmp_path / "home")
    file = home / "observations.sqlite"
    spoil, words = SPOILT[how]
    spoil(file)
    ran = night.run(home)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert len(ran.err.splitlines()) == 2
    assert not differing(state_of(home), night.before)
    # The way out that is named for each.
    file.rename(home / "moved away")
    night.heal(home)
    assert not differing(state_of(home), night.after)


def test_a_run_while_another_process_keeps_them_for_itself(night: Night, tmp_path: Path) -> None:
    home = _home_with_a_poll(night, tmp_path / "home")
    with held(home / "observations.sqlite", "pragma journal_mode = delete", "begin exclusive"):
        ran = night.run(home)
    assert (ran.code, ran.out) == (5, "")
    assert "observations.sqlite are in use by another process." in ran.err
    assert not differing(state_of(home), night.before)
    night.heal(home)
    assert not differing(state_of(home), night.after)
    assert select(home, "select state from int_polls") == [{"state": "down"}]
