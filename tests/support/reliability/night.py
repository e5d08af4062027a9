"""A night with a pending change, each mart before and after it, and runs that are interrupted in it."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from autostats.cli import invoke
from autostats.demo import generate

from support.dbt_project import Row, contents, environment, select
from support.installed import COMMAND, Ran, bare_environment, hear_ctrl_c, run_command
from support.reliability.warm import Warm
from support.sources import SourceWriter

EVENING = datetime(2020, 3, 1, 18)
MORNING = datetime(2020, 3, 2, 6)
MARTS = (
    "fct_jobs",
    "fct_job_volume_daily",
    "rpt_jobs_by_minute",
    "fct_run_daily",
    "fct_instrument_daily",
    "fct_instrument_hourly",
    "fct_resolved_runs",
    "fct_unresolved_runs",
    "fct_missing_runs",
    "fct_run_number_jumps",
    "fct_data_problems",
    "rpt_missing_runs",
    "rpt_instrument_silence",
    "dim_instruments",
    "dim_cycles",
    "dim_days",
    "dim_settings",
)
# The end of a run is not worth killing: the signal might come too late.
_END_SECONDS = 0.05
_PATIENCE_SECONDS = 300
# The log lines that are the same every time, without the times in them.
_ANCHOR = re.compile(r"\d+ of \d+ (START|OK|PASS) .+?(?= \.\.| +\[)|run of |dbt build|Finished running")

State = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Moment:
    """A point in a run: a number of seconds after a line in its log, or after its start."""

    anchor: str
    seconds: float


@dataclass(frozen=True)
class Night:
    """A home as it was in the evening, a source that has changed since, and the expected marts."""

    folder: Path
    before: State = field(repr=False)
    after: State = field(repr=False)
    timeline: Sequence[tuple[float, str]] = field(repr=False)
    seconds: float

    @property
    def source(self) -> Path:
        return self.folder / "source.sqlite"

    @property
    def env(self) -> dict[str, str]:
        return _environment(self.source)

    def home(self, folder: Path | None = None) -> Path:
        """Return a new copy of the home as it was in the evening.

        Without a folder, it is where it was built and replaces the last one: dbt knows it from the day
        before, and need not parse the project again.
        """
        if folder is None:
            folder = self.folder / "home"
            shutil.rmtree(folder, ignore_errors=True)
        return shutil.copytree(self.folder / "evening", folder)

    def no_home(self) -> Path:
        """Return the same place with nothing in it."""
        shutil.rmtree(self.folder / "home", ignore_errors=True)
        return self.folder / "home"

    def arguments(self, home: Path, *more: str) -> tuple[str, ...]:
        """Return the command line of the due run."""
        return ("run", "--home", str(home), "--as-of", str(MORNING), *more)

    def run(self, home: Path, *more: str) -> Ran:
        """Do the due run with the installed command."""
        return run_command(self.arguments(home, *more), self.folder / "nobody", self.env)

    def heal(self, home: Path) -> None:
        """Do the due run in this process, where dbt is already imported; it must succeed."""
        with environment(**self.env):
            assert invoke(self.arguments(home, "--quiet")) == 0

    def ended_run(self, home: Path, moment: Moment, how: signal.Signals, *more: str) -> Ran:
        """Start the due run, send it a signal at a moment, and return how it ended."""
        return self.run_and(home, moment, lambda process: process.send_signal(how), *more)

    def run_and(
        self, home: Path, moment: Moment, do: Callable[["subprocess.Popen[str]"], None], *more: str
    ) -> Ran:
        """Start the due run, do something at a moment, and return how it ended."""
        log = home / "logs" / "autostats.log"
        read = log.stat().st_size if log.exists() else 0
        process = subprocess.Popen(
            [str(COMMAND), *self.arguments(home, *more)],
            env=bare_environment(self.folder / "nobody", self.env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            preexec_fn=hear_ctrl_c,
        )
        _await(moment, log, read, lambda: process.poll() is None)
        do(process)
        out, err = process.communicate(timeout=_PATIENCE_SECONDS)
        return Ran(process.returncode, out, err)

    def killed_warm_run(self, warm: Warm, home: Path, moment: Moment, *more: str) -> Ran:
        """Do what `ended_run` does with SIGKILL, in a process that has already imported dbt."""
        log = home / "logs" / "autostats.log"
        read = log.stat().st_size if log.exists() else 0
        output = home.with_name(f"{home.name}.txt")
        environment = bare_environment(self.folder / "nobody", self.env)
        run = warm.start(self.arguments(home, *more), environment, output)
        _await(moment, log, read, lambda: _is_alive(run.pid))
        with suppress(ProcessLookupError):
            os.kill(run.pid, signal.SIGKILL)
        return Ran(run.wait(), "", output.read_text())

    def moments(self, how_many: int, in_start_up: int, seed: int) -> list[Moment]:
        """Return points spread over the whole length of a run, with jitter, each tied to a line of the log.

        A line appears whatever the load of the machine, while a time could fall anywhere in the run.
        """
        chance = random.Random(seed)
        building = next(at for at, anchor in self.timeline if " START " in anchor)
        built = self.timeline[-1][0]
        at_the_end = max(how_many // 12, 1)
        spans = [
            (0.0, building, in_start_up),
            (building, built, how_many - in_start_up - at_the_end),
            (built, self.seconds - _END_SECONDS, at_the_end),
        ]
        chosen = []
        for begin, end, points in spans:
            for point in range(points):
                at = begin + (end - begin) * (point + chance.random()) / points
                last, anchor = max((line for line in self.timeline if line[0] <= at), default=(0.0, ""))
                chosen.append(Moment(anchor, at - last))
        return chosen


def _environment(source: Path) -> dict[str, str]:
    # dbt's manifest is two megabytes of JSON, written twice per run: half of its time, and not needed here.
    return {"AUTOSTATS_SOURCE_URL": f"sqlite:///{source}", "DBT_WRITE_JSON": "false"}


def _is_alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _await(moment: Moment, log: Path, read: int, is_alive: Callable[[], bool]) -> None:
    """Wait for the moment in a run whose log grows from byte `read` on, or until the run is over."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    seen = ""
    while moment.anchor and moment.anchor not in seen and is_alive():
        assert time.monotonic() < deadline, f"{moment.anchor!r} never came"
        time.sleep(0.002)
        if log.exists():
            with log.open(encoding="utf-8", errors="replace") as file:
                file.seek(read)
                seen = file.read()
    time.sleep(moment.seconds)


def state_of(home: Path) -> State:
    """Return every existing mart as a reader sees it."""
    there = {row["name"] for row in select(home, "select table_name as name from information_schema.tables")}
    found = contents(home, [mart for mart in MARTS if mart in there])
    # Written after all marts: a run that ends before that has not tested them.
    for row in found.get("dim_settings", ()):
        del row["has_passed_tests"]
    return found


def without_deleted(state: State) -> State:
    """Return a state without the jobs that the source no longer has, because a new home never saw them."""
    return {
        mart: [row for row in rows if not row.get("is_deleted")] if mart == "fct_jobs" else rows
        for mart, rows in state.items()
    }


def differing(found: State, expected: State, but: Collection[str] = ()) -> list[str]:
    """Return the marts in which two states differ."""
    return [mart for mart in MARTS if mart not in but and found.get(mart) != expected.get(mart)]


def make_night(folder: Path) -> Night:
    """Build the statistics of an evening, change the source, and find out what a run makes of it."""
    source = folder / "source.sqlite"
    generate(source, jobs=3000, days=40, until=EVENING.date(), now=EVENING, seed=3)
    env = _environment(source)
    home = folder / "home"
    with environment(**env):
        assert invoke(["run", "--home", str(home), "--as-of", str(EVENING), "--quiet"]) == 0
        before = state_of(home)
        evening = shutil.copytree(home, folder / "evening")
        _change(source, random.Random(7))
        (home / "logs" / "autostats.log").unlink()
        began = time.time()
        arguments = ("run", "--home", home, "--as-of", str(MORNING))
        ran = run_command(arguments, folder / "nobody", env, timeout=300)
        seconds = time.time() - began
        assert ran.code == 0, ran.err
        morning = shutil.copytree(home, folder / "morning")
        # As if yesterday had been like today.
        shutil.rmtree(evening / "target")
        shutil.copytree(morning / "target", evening / "target")
        new = folder / "new"
        assert invoke(["run", "--home", str(new), "--as-of", str(MORNING), "--quiet"]) == 0
    after = state_of(morning)
    assert not differing(without_deleted(after), without_deleted(state_of(new)))
    return Night(folder, before, after, _timeline(morning / "logs" / "autostats.log", began), seconds)


def _timeline(log: Path, began: float) -> list[tuple[float, str]]:
    """Return the lines of a log with the seconds since the start, each cut to the part that never varies."""
    lines = []
    for line in log.read_text(encoding="utf-8").splitlines():
        moment, _, _, _, text = line.split(" ", 4)
        at = datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() - began
        anchor = _ANCHOR.match(text)
        if anchor:
            lines.append((max(at, 0.0), anchor[0]))
    return lines


def _change(source: Path, chance: random.Random) -> None:
    """Let a night pass at the source: re-runs, late answers, deletions, new runs with gaps in between."""
    with SourceWriter.open(source) as writer:
        cursor = writer.connection.cursor()
        cursor.execute("select max(id) from reduction_viewer_reductionrun")
        newest = int(cursor.fetchone()[0])
        for job_id in range(newest - 400, newest - 20, 9):
            status = chance.choice(("completed", "error", "skipped"))
            writer.update_job(job_id, status=status, finished=EVENING + timedelta(hours=1))
        for job_id in range(newest - 398, newest - 20, 37):
            writer.delete_job(job_id)
        cursor.execute("select name from reduction_viewer_instrument order by id")
        names = [row[0] for row in cursor.fetchall()]
        for place in range(120):
            created = EVENING + timedelta(minutes=4 * place)
            writer.add_job(
                instrument=names[place % len(names)],
                run_numbers=900_000 + place * 2,
                status=chance.choice(("completed", "completed", "error", "queued")),
                created=created,
                started=created + timedelta(seconds=5),
                finished=created + timedelta(minutes=3),
                started_by=chance.choice((0, 0, -1, 12)),
            )
        # A new instrument, and one run number far below its neighbours.
        writer.add_job(instrument="NEW ONE", run_numbers=5, status="error", created=EVENING)
        writer.add_job(instrument="NEW ONE", run_numbers=9, status="weird", created=EVENING)
