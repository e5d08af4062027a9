"""A process that waits for ever is ended, from outside the call that it waits in."""

import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from autostats.errors import UsageError
from autostats.time_limits import DEFAULT_SECONDS, progress_limit, watched
from support.installed import hear_ctrl_c

_WAIT = """
import signal, threading, time
from autostats import time_limits
time_limits.INTERRUPT_SECONDS = 0.2
with time_limits.never_stuck({seconds}, lambda: print("let go", flush=True)):
    said = ["waiting"]
    while True:
        try:
            # Said in here, so that no interrupt comes before it can be caught.
            while said:
                print(said.pop(), flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            pass
"""

_SWALLOWED = """
import os, signal, sys, time
import typer
from autostats import cli
from autostats.time_limits import never_stuck

def command(name: str) -> None:
    with never_stuck(60.0):
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(30)
        except KeyboardInterrupt:
            time.sleep(0.2)
            raise ValueError("what I read is wrong") from None

one = typer.Typer()
one.command()(command)
cli.build_app = lambda names: one
sys.exit(cli.invoke(["report"]))
"""

# It waits for its tester after the command, before the interpreter is gone.
_LEAVING = """
import atexit, sys
from autostats.__main__ import main

atexit.register(lambda: (print("leaving", flush=True), sys.stdin.readline()))
sys.argv = ["autostats", "--version"]
main()
"""


def _start(seconds: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _WAIT.replace("{seconds}", str(seconds))]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    return process


def test_without_progress_it_ends_with_6() -> None:
    process = _start(0.3)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (6, "let go\n")
    assert err.startswith("error: There was no progress for 0.3 s, the limit that AUTOSTATS_TIMEOUT sets")


@pytest.mark.parametrize("here", [signal.default_int_handler, signal.SIG_IGN], ids=["heard", "ignored"])
def test_one_ctrl_c_is_enough(here: Any) -> None:
    """Also where the tests themselves were started in the background."""
    before = signal.signal(signal.SIGINT, here)
    try:
        process = _start(600)
    finally:
        signal.signal(signal.SIGINT, before)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "let go\n", "error: interrupted.\n")


def test_a_library_that_takes_ctrl_c_for_a_failure() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SWALLOWED],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=hear_ctrl_c,
    )
    assert (done.returncode, done.stderr) == (130, "error: interrupted.\n")


def test_ctrl_c_while_python_takes_its_leave() -> None:
    """What was asked is done, and stays a success."""
    process = subprocess.Popen(
        [sys.executable, "-c", _LEAVING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )
    assert process.stdout is not None
    while process.stdout.readline() not in {"leaving\n", ""}:
        pass
    process.send_signal(signal.SIGINT)
    _, err = process.communicate("on\n", timeout=60)
    assert (process.returncode, err) == (0, "")


def test_progress_puts_the_end_off() -> None:
    ended = []
    with watched(0.5, lambda: ended.append(True)) as progress:
        for _ in range(10):
            time.sleep(0.1)
            progress()
    assert not ended


def test_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOSTATS_TIMEOUT", raising=False)
    assert progress_limit() == DEFAULT_SECONDS
    monkeypatch.setenv("AUTOSTATS_TIMEOUT", "90")
    assert progress_limit() == 90
    for wrong in ("0", "-1", "soon", "nan", "inf", "1e300"):
        monkeypatch.setenv("AUTOSTATS_TIMEOUT", wrong)
        with pytest.raises(UsageError, match="is not a number of seconds"):
            progress_limit()
