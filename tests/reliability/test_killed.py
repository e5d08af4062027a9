"""Killed anywhere, nothing is wrong: readers see whole marts, and the next run makes up for it."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from autostats.home import Home
from autostats.run import lock
from support.installed import run_command
from support.reliability.figures import FIRST_LOAD_KILLS, FULL_REFRESH_KILLS, NIGHTLY_KILLS, START_UP_KILLS
from support.reliability.night import Moment, Night, differing, state_of, without_deleted
from support.reliability.warm import Warm

pytestmark = pytest.mark.slow


def _kill(night: Night, warm: Warm, make_home: Callable[[], Path], moment: Moment, *more: str) -> Path:
    """Kill the run that is due; where it was faster than the timetable, once more and sooner.

    Before the first table, while it imports and parses, it is the installed command. Returns the home.
    """
    for seconds in (moment.seconds, moment.seconds / 3, 0.0):
        home = make_home()
        at = Moment(moment.anchor, seconds)
        if " of " in moment.anchor or moment.anchor.startswith("Finished"):
            ran = night.killed_warm_run(warm, home, at, *more)
        else:
            ran = night.ended_run(home, at, signal.SIGKILL, *more)
        if ran.code == -signal.SIGKILL:
            return home
    pytest.fail(f"the run ended with {ran.code} before it could be killed at {moment}: {ran.err}")


def _report(night: Night, home: Path) -> tuple[int, str, str]:
    arguments = ("report", "--home", home, "--format", "json", "--from", "2020-02-01", "--all")
    ran = run_command(arguments, night.folder / "nobody")
    return ran.code, ran.out, ran.err


def _look_at(night: Night, home: Path, moment: Moment) -> set[str]:
    """Check what a reader sees after a kill; return which marts are new already."""
    found = state_of(home)
    torn = [mart for mart, rows in found.items() if rows != night.before[mart] and rows != night.after[mart]]
    assert not torn, f"neither before nor after, killed at {moment}: {torn}"
    assert not lock.is_held(Home(home))
    return {mart for mart, rows in found.items() if rows == night.after[mart] != night.before[mart]}


def _heal(night: Night, home: Path, moment: Moment) -> None:
    night.heal(home)
    assert not differing(state_of(home), night.after), moment
    assert lock.read_holder(Home(home)) is None
    assert {path.name for path in home.iterdir()} <= {
        "autostats.duckdb",
        "autostats.lock",
        "built.json",
        "logs",
        "profiles",
        "project",
        "published",
        "target",
    }


def test_a_nightly_run_killed_anywhere(night: Night, warm: Warm) -> None:
    seen = set()
    for moment in night.moments(NIGHTLY_KILLS.now, START_UP_KILLS.now, seed=50):
        home = _kill(night, warm, night.home, moment)
        code, out, err = _report(night, home)
        assert code == 0, (moment, err)
        assert json.loads(out)
        seen.add(frozenset(_look_at(night, home, moment)))
        _heal(night, home, moment)
    # They ended in many places: with nothing new, with everything, and with some in between.
    assert frozenset() in seen
    assert len(seen) > 3


def test_a_first_load_killed_anywhere(night: Night, warm: Warm) -> None:
    for moment in night.moments(FIRST_LOAD_KILLS.now, 1, seed=1):
        home = _kill(night, warm, night.no_home, moment)
        code, _, err = _report(night, home)
        assert code in {0, 2}, err
        assert code == 0 or "no statistics database" in err or "no finished statistics" in err
        assert not lock.is_held(Home(home))
        night.heal(home)
        assert not differing(state_of(home), without_deleted(night.after)), moment


def test_a_full_refresh_killed_anywhere(night: Night, warm: Warm) -> None:
    for moment in night.moments(FULL_REFRESH_KILLS.now, 1, seed=2):
        home = _kill(night, warm, night.home, moment, "--full-refresh")
        code, _, err = _report(night, home)
        assert code == 0 or (code == 2 and "no finished statistics" in err), err
        _look_at(night, home, moment)
        _heal(night, home, moment)
