"""Ctrl-C at any point: code 130, nothing half done, and the next run makes up for it."""

import signal

import pytest
from support.reliability.figures import INTERRUPTS
from support.reliability.night import Night, differing, state_of

pytestmark = pytest.mark.slow


def test_a_run_interrupted_anywhere(night: Night) -> None:
    codes = []
    for moment in night.moments(INTERRUPTS.now, 2, seed=3):
        home = night.home()
        ran = night.ended_run(home, moment, signal.SIGINT)
        codes.append(ran.code)
        # Before it reads its arguments nobody is there to say so, and after its last line nothing to stop.
        assert ran.code in {130, -signal.SIGINT, 0}, (moment, ran.err)
        if ran.code == 130:
            assert ran.err.endswith("error: interrupted.\n"), (moment, ran.err)
            assert ran.out == ""
            assert "Traceback" not in ran.err
        assert not (home / "autostats.lock.holder").exists()
        found = state_of(home)
        torn = [mart for mart, rows in found.items() if rows not in (night.before[mart], night.after[mart])]
        assert not torn, moment
        night.heal(home)
        assert not differing(state_of(home), night.after)
    assert codes.count(130) >= INTERRUPTS.now - 2
