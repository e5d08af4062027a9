"""One run at a time, and readers beside it."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import duckdb
import pytest
from support.installed import COMMAND, bare_environment, run_command
from support.reliability.figures import REPORT_WAIT_SECONDS
from support.reliability.night import Moment, Night, differing, state_of

pytestmark = pytest.mark.slow

# What starting a command may take on a busy machine.
_START_SECONDS = 60.0


def _start(night: Night, home: Path, *more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [str(COMMAND), *night.arguments(home, *more)],
        env=bare_environment(night.folder / "nobody", night.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_runs_that_overlap_do_their_work_one_after_the_other(night: Night, tmp_path: Path) -> None:
    home = night.home(tmp_path / "home")
    # With seeds of its own a run makes a copy of the project, which must not be taken from another's hands.
    (home / "seeds").mkdir()
    shutil.copy(Path(__file__).parents[2] / "seeds" / "beam_cycles.csv", home / "seeds")
    first = _start(night, home, "--wait", "0")
    holder = home / "autostats.lock.holder"
    while not holder.exists() and first.poll() is None:
        time.sleep(0.005)
    waiting = [_start(night, home, "--wait", "600") for _ in range(2)]
    hasty = _start(night, home, "--wait", "0")
    _, err = hasty.communicate(timeout=300)
    assert hasty.returncode == 5, err
    assert f"process {first.pid} on " in err
    assert re.search(r", since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", err)
    for process in (first, *waiting):
        _, err = process.communicate(timeout=600)
        assert process.returncode == 0, err
    assert not differing(state_of(home), night.after)
    assert not holder.exists()


def test_a_reader_at_the_wrong_moment_stops_no_run(night: Night, tmp_path: Path) -> None:
    home = night.home(tmp_path / "home")

    def read(process: "subprocess.Popen[str]") -> None:
        with duckdb.connect(str(home / "autostats.duckdb"), read_only=True):
            time.sleep(6)

    # After the run's own look at the statistics, and before dbt opens them.
    ran = night.run_and(home, Moment("dbt build", 0.0), read)
    assert ran.code == 0, ran.err
    assert not differing(state_of(home), night.after)


def test_reports_while_a_run_goes_on(night: Night, tmp_path: Path) -> None:
    home = night.home(tmp_path / "home")
    running = _start(night, home, "--full-refresh")
    answers: list[int] = []
    while running.poll() is None:
        began = time.monotonic()
        command = ("report", "missing", "doctor")[len(answers) % 3]
        arguments = (command, "--home", home, "--format", "json")
        ran = run_command(arguments, night.folder / "nobody", night.env)
        took = time.monotonic() - began
        answers.append(ran.code)
        assert took < REPORT_WAIT_SECONDS + _START_SECONDS
        # The doctor has words of its own for what it cannot look at; statistics of 2020 are stale to it.
        assert ran.code in ({0, 1, 4} if command == "doctor" else {0, 2, 5}), ran.err
        assert not any(word in ran.err for word in ("Traceback", "IO Error", "duckdb.", "Exception"))
        if ran.code == 5:
            assert took >= REPORT_WAIT_SECONDS
            assert f"gave up after {REPORT_WAIT_SECONDS} s" in ran.err
            assert f"process {running.pid}" in ran.err
        elif ran.code == 2:
            # Between the two halves of a full refresh that was asked for: nothing is finished.
            assert "no finished statistics" in ran.err
        else:
            assert json.loads(ran.out)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 0, err
    assert len(answers) > 2
    assert 0 in answers
    assert run_command(("report", "--home", home), night.folder / "nobody").code == 0
