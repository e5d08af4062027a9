"""`autostats demo`: a demonstration source, the daily job and the report, in a home of their own."""

import os
import shlex
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption

if TYPE_CHECKING:
    from autostats.demo import DemoSummary
    from autostats.home import Home

EXAMPLES = {
    "autostats demo": "ninety days up to today",
    "autostats demo --dir /tmp/demo --days 365": "a year, elsewhere",
    "autostats demo --jobs 1000000 --kind duckdb": "a large one",
}
MARKER = "demonstration"


class Kind(StrEnum):
    """The kinds of source that the demonstration can be."""

    SQLITE = "sqlite"
    DUCKDB = "duckdb"


def demo(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="Folder of the demonstration. Default: `demo` in the home.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            metavar="N",
            min=1,
            help="About how many jobs. Default: as many as ISIS makes.",
            show_default=False,
        ),
    ] = None,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, help="How many days, up to today.")] = 90,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="The same seed and day give the same data.")
    ] = 1,
    kind: Annotated[Kind, typer.Option("--kind", help="What the source is.")] = Kind.SQLITE,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a demonstration source, run the daily job on it and print the report.

    All of it lives in a folder of its own, never in real statistics, and can be repeated.
    """
    from autostats import lock
    from autostats.commands.report import report
    from autostats.daily import DailyOptions, run_daily
    from autostats.errors import UsageError
    from autostats.home import Home
    from autostats.project import DEFAULT_TARGET, find_project_dir, packaged_profiles_dir
    from autostats.source.url import ENVIRONMENT_VARIABLE
    from autostats.warehouse import wait_limit

    if target not in (None, DEFAULT_TARGET):
        raise UsageError(f"The demonstration is made for target {DEFAULT_TARGET}.", "Leave out --target.")

    place = Home.resolve(folder) if folder is not None else Home(Home.resolve(home).demo)
    _claim(place)
    _say("Making a demonstration source ...", quiet)
    with lock.hold(place, 0):
        source = _make_source(place, jobs, days, seed, kind)
    url = f"{kind}://{quote(str(source.path))}"
    _say(
        f"{source.jobs:,} jobs on {len(source.instruments)} instruments, "
        f"{source.first_day} to {source.last_day}. Running the daily job ...",
        quiet,
    )
    # The user's own profiles.yml, if there is one, names real statistics.
    profiles_dir = packaged_profiles_dir(place, find_project_dir())
    own = _exports(place, url, profiles_dir)
    os.environ |= {
        ENVIRONMENT_VARIABLE: url,
        "DBT_PROFILES_DIR": str(profiles_dir),
        "DBT_TARGET": DEFAULT_TARGET,
    }
    run_daily(place, DailyOptions(wait=wait_limit(), debug=debug, quiet=quiet))
    report(home=place.root, quiet=True, no_pager=True)
    if not quiet:
        _print_next_steps(own)


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        sys.stderr.write(f"{text}\n")


def _claim(place: "Home") -> None:
    """Mark the folder as the demonstration's. Raises UsageError when it holds statistics that are not."""
    from autostats.errors import UsageError
    from autostats.preflight import check_home

    marker = place.root / MARKER
    if place.database.exists() and not marker.exists():
        raise UsageError(
            f"{place.root} holds statistics that are no demonstration.", "Name another folder by --dir."
        )
    check_home(place)
    marker.write_text("Made by `autostats demo`, which replaces what is in this folder.\n", encoding="utf-8")


def _make_source(place: "Home", jobs: int | None, days: int, seed: int, kind: Kind) -> "DemoSummary":
    """Write the source, and the beam cycles that go with it, into the folder."""
    from autostats.demo import demo_cycles, generate

    for old in Kind:
        (place.root / f"source.{old}").unlink(missing_ok=True)
    # The statistics of an earlier demonstration know jobs that this one does not have.
    place.database.unlink(missing_ok=True)
    source = generate(place.root / f"source.{kind}", kind=kind.value, jobs=jobs, days=days, seed=seed)
    seeds = place.root / "seeds"
    seeds.mkdir(exist_ok=True)
    lines = [
        f"{cycle.cycle},{cycle.first_day},{cycle.last_day},{' '.join(map(str, cycle.maintenance_days))}"
        for cycle in demo_cycles(source.last_day, days)
    ]
    text = "\n".join(["cycle,first_day,last_day,maintenance_days", *lines]) + "\n"
    (seeds / "beam_cycles.csv").write_text(text, encoding="utf-8")
    return source


def _exports(place: "Home", url: str, profiles_dir: Path) -> dict[str, str]:
    """Return what a shell has to export to look at the demonstration."""
    from autostats.project import find_profiles_dir, find_project_dir
    from autostats.source.url import ENVIRONMENT_VARIABLE

    exports = {"AUTOSTATS_HOME": str(place.root), ENVIRONMENT_VARIABLE: url}
    if find_profiles_dir(place, find_project_dir()) != profiles_dir:
        exports["DBT_PROFILES_DIR"] = str(profiles_dir)
    return exports


def _print_next_steps(exports: dict[str, str]) -> None:
    """Print commands that work as they stand, as lines for a shell."""
    command = _own_command()
    steps = {
        f"{command} report --by day": "day by day",
        f"{command} report --last 30d --all": "thirty days, with what failed and what is missing",
        f"{command} report --last 30d --output report.html": "the same as a page with charts",
        f"{command} missing": "the runs that were never seen",
        f"{command} explain WISH yesterday jobs_failed": "what is behind a number",
        f"{command} run": "the next nightly run",
    }
    width = max(len(step) for step in steps)
    sys.stderr.write(
        "\nExplore it:\n"
        + "".join(f"  export {name}={shlex.quote(value)}\n" for name, value in exports.items())
        + "".join(f"  {step:<{width}}  # {what}\n" for step, what in steps.items())
    )


def _own_command() -> str:
    """Return how this command is called: by its name where the shell finds it, else by its path."""
    called = sys.argv[0]
    found = shutil.which("autostats")
    if Path(called).name != "autostats" or (found and Path(found).samefile(called)):
        return "autostats"
    return shlex.quote(called)
