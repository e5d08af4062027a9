"""One run at a time; a dead holder stops nobody."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from autostats.errors import LockedError
from autostats.home import Home
from autostats.run import lock
from support.installed import Autostats, Demo

HOLD = """
import sys, time
from pathlib import Path
from autostats.run import lock
from autostats.home import Home
with lock.hold(Home(Path(sys.argv[1])), 0):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextmanager
def _held(home: Path, seconds: float = 60) -> Iterator[subprocess.Popen[str]]:
    """Hold the lock of `home` in another process."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield holder
    finally:
        holder.kill()
        holder.wait()


@pytest.mark.slow
def test_a_second_run_leaves_and_says_who_holds_the_lock_since_when(
    autostats: Autostats, demo: Demo, tmp_path: Path
) -> None:
    with _held(tmp_path) as holder:
        ran = autostats("run", "--home", tmp_path, "--wait", "0", env=demo.env)
    assert (ran.code, ran.out) == (5, "")
    assert f"process {holder.pid} on " in ran.err
    assert "since 20" in ran.err
    assert "AUTOSTATS_WAIT, or --wait of `run` and `docs`" in ran.err


def test_it_waits_for_as_long_as_it_may(tmp_path: Path) -> None:
    with _held(tmp_path, 0.5):
        with lock.hold(Home(tmp_path), 30):
            holder = lock.read_holder(Home(tmp_path))
        assert holder is not None
        assert holder.pid == os.getpid()
    with _held(tmp_path):
        began = time.monotonic()
        with pytest.raises(LockedError), lock.hold(Home(tmp_path), 0.3):
            pass
    assert time.monotonic() - began >= 0.3


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with _held(tmp_path) as holder:
        assert lock.is_held(home)
        holder.kill()
        holder.wait()
        left = lock.read_holder(home)
        assert left is not None
        assert left.pid == holder.pid
        assert not lock.is_held(home)
        with lock.hold(home, 0):
            pass
    assert lock.read_holder(home) is None


def test_a_note_that_makes_no_sense_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "autostats.lock.holder").write_text("[1, 2")
    assert lock.read_holder(Home(tmp_path)) is None
    with _held(tmp_path):
        (tmp_path / "autostats.lock.holder").write_text("{}")
        with pytest.raises(LockedError, match="an unknown process"), lock.hold(Home(tmp_path), 0):
            pass
