"""Run the suites that depend on a clock at each moment, or at those whose names contain an argument."""

import os
import subprocess
import sys
import time

from support.anyday.moments import MOMENTS, Moment

SUITES = (
    "tests/availability",
    "tests/charts",
    "tests/cli",
    "tests/commands",
    "tests/demo",
    "tests/digest",
    "tests/doctor",
    "tests/freshness",
    "tests/page",
    "tests/reliability/test_time_limits.py",
    "tests/render",
    "tests/run",
    "tests/test_log.py",
    "tests/test_period.py",
    "tests/verification",
)


def passes(moment: Moment) -> bool:
    """Run the suites at a moment, print how that ended, and return whether all of them passed."""
    print(f"{moment.name}: {moment.local} in {moment.zone}", flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *SUITES],
        env=os.environ | moment.environment(),
        check=False,
    )
    print(f"{moment.name}: code {done.returncode} after {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode == 0


def main(words: list[str]) -> int:
    """Return 0 if all pass, else 1; a failure at one moment does not hide others."""
    chosen = [moment for moment in MOMENTS if not words or any(word in moment.name for word in words)]
    failed = [moment.name for moment in chosen if not passes(moment)]
    print(f"{len(chosen) - len(failed)} of {len(chosen)} moments passed. Failed: {failed or 'none'}.")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
