"""`make mutants`: plant faults one at a time, run the tests that should find them, list those that survive.

    python -m mutants [FILE ...] [--sample SHARE] [--jobs N] [--again] [--list]

FILE is part of a path, such as `period`, `queries/` or `int_known_runs`; without one, all files that
`suites.toml` names are tried. It can be stopped at any time: the next run resumes, and tries the survivors
again. The exit code is 1 when a fault survives that `explained.toml` does not explain, and 2 when tests fail
without any fault.
"""

import argparse
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue

from mutants.fault import Fault
from mutants.record import Results, explanations, faults_of, files_with_tests
from mutants.trial import ROOT, Outcome, Workshop

RESULTS = ROOT / ".mutants" / "results.jsonl"
# A fault may make tests slower: only beyond this is it taken for an endless loop.
_PATIENCE, _LEAST_PATIENCE = 4, 60.0
_LONGEST_BASELINE = 3600.0


def main(arguments: Sequence[str] | None = None, results: Path = RESULTS) -> int:
    """Run the command and return its exit code."""
    options = _parser().parse_args(arguments)
    wanted = files_with_tests(options.files)
    if not wanted:
        print(f"suites.toml names no file that is called {' or '.join(options.files)}.", file=sys.stderr)
        return 2
    planned = [(fault, tests) for path, tests in wanted.items() for fault in faults_of(path)]
    if options.sample < 1:
        planned = random.Random(options.seed).sample(planned, max(1, round(options.sample * len(planned))))
        planned.sort(key=lambda plan: (plan[0].path, plan[0].start))
    if options.list:
        print(*(fault for fault, _ in planned), sep="\n")
        return 0
    known = Results(results)
    explained = explanations()

    def is_explained(fault: Fault) -> bool:
        return (fault.path, fault.before, fault.after) in explained

    to_try = [
        (fault, tests)
        for fault, tests in planned
        if not is_explained(fault) and (options.again or not known.is_known(fault))
    ]
    print(f"{len(planned)} faults in {len(wanted)} files; {len(to_try)} of them to try.", flush=True)
    if to_try and not _try_all(to_try, known, options.jobs):
        return 2
    return _tell(planned, known, [fault for fault, _ in planned if is_explained(fault)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", metavar="FILE", help="a part of a path; none means all")
    parser.add_argument(
        "--sample", type=float, default=1.0, metavar="SHARE", help="such as 0.1 of the faults"
    )
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    parser.add_argument("--again", action="store_true", help="try those again that were found already")
    parser.add_argument("--list", action="store_true", help="show the faults, and plant none")
    return parser


def _try_all(plans: Sequence[tuple[Fault, tuple[str, ...]]], known: Results, jobs: int) -> bool:
    """Try each fault; return False when tests fail without any fault."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        workshops: SimpleQueue[Workshop] = SimpleQueue()
        for place in range(jobs):
            workshops.put(Workshop(Path(folder) / str(place)))
        patience: dict[tuple[str, ...], float] = {}
        first = workshops.get()
        for tests in dict.fromkeys(tests for _, tests in plans):
            outcome, seconds = first.try_tests(tests, _LONGEST_BASELINE)
            if outcome is not Outcome.SURVIVED:
                print((first.root / "pytest.log").read_text()[-3000:], file=sys.stderr)
                print(f"{' '.join(tests)}: not green without any fault.", file=sys.stderr)
                return False
            print(f"{seconds:.0f} s without a fault: {' '.join(tests)}", flush=True)
            patience[tests] = max(_LEAST_PATIENCE, _PATIENCE * jobs * seconds)
        workshops.put(first)

        def attempt(fault: Fault, tests: tuple[str, ...]) -> tuple[Fault, Outcome, float]:
            workshop = workshops.get()
            try:
                return fault, *workshop.try_tests(tests, patience[tests], fault)
            finally:
                workshops.put(workshop)

        with ThreadPoolExecutor(jobs) as pool:
            running = [pool.submit(attempt, fault, tests) for fault, tests in plans]
            try:
                for place, done in enumerate(as_completed(running), start=1):
                    fault, outcome, seconds = done.result()
                    known.add(fault, outcome)
                    shown = fault if outcome is Outcome.SURVIVED else f"{fault.path}:{fault.line}"
                    print(f"{place}/{len(plans)} {outcome} in {seconds:.1f} s: {shown}", flush=True)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    return True


def _tell(plans: Sequence[tuple[Fault, tuple[str, ...]]], known: Results, explained: Sequence[Fault]) -> int:
    """Print what became of the faults of each file, and which ones survived."""
    lived = [fault for fault, _ in plans if known.outcomes.get(fault.key) is Outcome.SURVIVED]
    lived = [fault for fault in lived if fault not in explained]
    planted = Counter(fault.path for fault, _ in plans)
    alive, equivalent = Counter(fault.path for fault in lived), Counter(fault.path for fault in explained)
    print(f"\n{'planted':>8} {'found':>8} {'explained':>10} {'left':>6}")
    for path, count in [*planted.items(), ("all", planted.total())]:
        of_path = (alive.total(), equivalent.total()) if path == "all" else (alive[path], equivalent[path])
        print(f"{count:>8} {count - sum(of_path):>8} {of_path[1]:>10} {of_path[0]:>6}  {path}")
    for fault in lived:
        print(f"\n{fault}")
    return 1 if lived else 0


if __name__ == "__main__":
    raise SystemExit(main())
