"""`autostats demo`: a demonstration source, the daily job and the report, in a home of their own."""

import os
import shlex
import shutil
import subprocess
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.configuration.keys import DEFAULT_TARGET, SOURCE_URL, TARGET
from autostats.errors import StaleError, TryAgainError

if TYPE_CHECKING:
    from autostats.demo import DemoSummary
    from autostats.home import Home

EXAMPLES = {
    "autostats demo": "ninety days up to today",
    "autostats demo --dir /tmp/demo --days 365": "a year, in another folder",
    "autostats demo --jobs 1000000 --kind duckdb": "a large one",
}
MARKER = "demonstration"


class Engine(StrEnum):
    """The kinds of source that the demonstration can be."""

    SQLITE = "sqlite"
    DUCKDB = "duckdb"


def demo(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="Folder of the demo. Default: `demo` in the home.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            metavar="N",
            min=1,
            help="About how many jobs to make. Default: as many as at ISIS.",
            show_default=False,
        ),
    ] = None,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, help="How many days, up to today.")] = 90,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="The same seed and day give the same data.")
    ] = 1,
    kind: Annotated[
        Engine, typer.Option("--kind", help="What kind of database the source is.")
    ] = Engine.SQLITE,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a demo source, run the daily job on it and print the report.

    The demo has its own folder and never touches real statistics. You can repeat it at any time.
    """
    from autostats.commands.report import report
    from autostats.dbt_setup.locate import find_project_dir, packaged_profiles_dir
    from autostats.dbt_setup.setup import Setup
    from autostats.errors import UsageError
    from autostats.home import Home
    from autostats.run import lock
    from autostats.run.daily import run_daily
    from autostats.run.options import DailyOptions
    from autostats.warehouse import utc_now, wait_limit

    if target not in (None, DEFAULT_TARGET):
        raise UsageError(f"The demo only works with target {DEFAULT_TARGET}.", "Leave out --target.")

    place = Home.resolve(folder) if folder is not None else Home(Home.resolve(home).demo)
    _claim(place)
    now = utc_now().replace(microsecond=0)
    _say("Making a demo source ...", quiet)
    with lock.hold(place, wait_limit()):
        source = _make_source(place, jobs, days, seed, kind, now)
    url = f"{kind}:///{quote(str(source.path))}"
    _say(
        f"{source.jobs:,} jobs on {len(source.instruments)} instruments, "
        f"{source.first_day} to {source.last_day}. Importing polls of some instruments ...",
        quiet,
    )
    # The user's own profiles.yml, if there is one, names real statistics.
    profiles_dir = packaged_profiles_dir(place, find_project_dir())
    _write_settings(place, url)
    # Nor is the environment's source or target, or that of the settings outside, the demonstration's.
    for variable in (*SOURCE_URL.variables, *TARGET.variables):
        os.environ.pop(variable, None)
    os.environ["DBT_PROFILES_DIR"] = str(profiles_dir)
    polls = _observe(place, source, seed, now)
    _say(f"{polls:,} polls. Running the daily job ...", quiet)
    run_daily(Setup(place), DailyOptions(wait=wait_limit(), debug=debug, quiet=quiet))
    report(home=place.root, quiet=True, no_pager=True)
    if not quiet:
        _print_next_steps(place)


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        sys.stderr.write(f"{text}\n")


def _claim(place: "Home") -> None:
    """Mark the folder as the demo's. Raises UsageError if it holds other statistics."""
    from autostats.errors import UsageError
    from autostats.run.preflight import check_home

    marker = place.root / MARKER
    if place.database.exists() and not marker.exists():
        raise UsageError(
            f"{place.root} holds statistics that are not a demo.", "Name another folder with --dir."
        )
    check_home(place)
    marker.write_text("Made by `autostats demo`, which replaces what is in this folder.\n", encoding="utf-8")


def _make_source(
    place: "Home", jobs: int | None, days: int, seed: int, kind: Engine, now: datetime
) -> "DemoSummary":
    """Write the source, and the beam cycles that go with it, into the folder."""
    from autostats.demo import demo_cycles, generate

    for old in Engine:
        (place.root / f"source.{old}").unlink(missing_ok=True)
    # The statistics of an earlier demonstration know jobs and polls that this one does not have.
    place.database.unlink(missing_ok=True)
    for file in place.root.glob(f"{place.observations.name}*"):
        file.unlink()
    path = place.root / f"source.{kind}"
    source = generate(path, kind=kind.value, jobs=jobs, days=days, now=now, seed=seed)
    place.seeds.mkdir(exist_ok=True)
    lines = [
        f"{cycle.cycle},{cycle.first_day},{cycle.last_day},{' '.join(map(str, cycle.maintenance_days))}"
        for cycle in demo_cycles(source.last_day, days)
    ]
    text = "\n".join(["cycle,first_day,last_day,maintenance_days", *lines]) + "\n"
    (place.seeds / "beam_cycles.csv").write_text(text, encoding="utf-8")
    return source


def _observe(place: "Home", source: "DemoSummary", seed: int, now: datetime) -> int:
    """Let the collectors look, as they would at a facility; return how many polls they took."""
    from autostats.demo import write_archive, write_monitor_files, write_monitored_tables

    monitor = write_monitor_files(place.root, source.instruments, source.first_day, now, seed)
    _collect(place, "availability", "import", "--restate", *monitor.options)
    variable, tables = write_monitored_tables(place.root, now)
    os.environ[variable] = f"sqlite:///{quote(str(tables))}"
    _collect(place, "freshness", "check", "--all", but=StaleError.exit_code)
    write_archive(place.root, source.path, source.kind, now)
    _collect(place, "archive", "register")
    _collect(place, "archive", "count", but=TryAgainError.exit_code)
    return monitor.polls


def _collect(place: "Home", *arguments: str | Path, but: int = 0) -> None:
    """Run a collector in a process of its own: the daily job of this one reads what it writes.

    Its code may be `but` instead of 0.
    """
    command = [sys.executable, "-P", "-m", "autostats", *arguments, "--home", place.root, "--quiet"]
    ran = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", check=False
    )
    if ran.returncode not in (0, but):
        sys.stderr.write(ran.stderr)
        raise typer.Exit(ran.returncode)


def _write_settings(place: "Home", url: str) -> None:
    """Let the folder name its own source, so that every command works there with --home alone."""
    from autostats.configuration.write import as_toml, write_settings

    write_settings(
        place.settings_file,
        as_toml({"source_url": url, "target": DEFAULT_TARGET}),
        private=False,
    )


def _print_next_steps(place: "Home") -> None:
    """Print commands that work as they stand, as lines for a shell."""
    command, home = _own_command(), f"--home {shlex.quote(str(place.root))}"
    steps = {
        f"{command} report {home} --by day": "day by day",
        f"{command} report {home} --last 30d --all": "thirty days, with what failed and what is missing",
        f"{command} report {home} --last 30d --output report.html": "the same, as a page with charts",
        f"{command} missing {home}": "the runs that were never seen",
        f"{command} availability report {home}": "when instruments were up and down, and why",
        f"{command} freshness report {home}": "the tables of another database, one of them stale",
        f"{command} archive report {home}": "the files of three instruments",
        f"{command} explain {home} WISH yesterday jobs_failed": "the jobs behind a number",
        f"{command} stats show volume-by-software-1d {home} --last 7d": "jobs by the software that ran them",
        f"{command} run {home}": "the next nightly run",
        f"{command} serve {home}": "all of it in a browser, at http://127.0.0.1:8417",
    }
    width = max(len(step) for step in steps)
    sys.stderr.write(
        "\nExplore it:\n" + "".join(f"  {step:<{width}}  # {what}\n" for step, what in steps.items())
    )


def _own_command() -> str:
    """Return how this command is called: by its name where the shell finds it, else by its path."""
    called = sys.argv[0]
    found = shutil.which("autostats")
    if Path(called).name != "autostats" or (found and Path(found).samefile(called)):
        return "autostats"
    return shlex.quote(called)
