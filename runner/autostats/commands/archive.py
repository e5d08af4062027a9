"""`autostats archive`: which files there are, in folders and object stores."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from autostats.commands.archive_report import report
from autostats.commands.common import DebugOption, HomeOption, Invocation, QuietOption, TargetOption
from autostats.commands.result_options import FormatOption, NoPagerOption, OutputOption, PlainOption
from autostats.dbt_setup.setup import Setup
from autostats.errors import AutostatsError, TryAgainError, UnreachableError, UsageError
from autostats.render.notes import PATIENCE_SECONDS, Notes
from autostats.render.output import chosen_format, emit
from autostats.render.progress import progress_bar
from autostats.render.section import Document
from autostats.text import counted, printable
from autostats.time_limits import unlimited
from autostats.warehouse import utc_now

if TYPE_CHECKING:
    from autostats.archive.definitions import Definitions
    from autostats.archive.look import Look, Seen
    from autostats.archive.storage import Storage
    from autostats.archive.targets import Target

EXAMPLES = {
    "autostats archive register": "take what archive.yml in the home says",
    "autostats archive register new.yml --dry-run": "what another file would change",
    "autostats archive count": "count the files of all locations",
    "autostats archive count raw --cycle 19_3": "those of one cycle",
    "autostats archive count replay --retries 168 --wait 1h": "until they are there, hour by hour",
    "autostats archive report": "how many files there are, and how many there should be",
    "autostats archive report replay --order=-shortfall --limit 10": "the cycles that lack most",
}

archive = typer.Typer()


@archive.callback()
def archive_of_files() -> None:
    """Register where files are, count them, and report the counts."""


archive.command()(report)


def _complete_locations(context: typer.Context, incomplete: str) -> list[str]:
    """Return the registered locations that the shell may complete `incomplete` to."""
    from autostats.archive.registry import registered

    try:
        names = registered(Setup.resolve(context.params.get("home"))).locations
    except AutostatsError:
        return []
    return [name for name in names if name.casefold().startswith(incomplete.casefold())]


@archive.command()
def register(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="YAML with experiments, locations and file_types. Default: archive.yml in the home.",
            show_default=False,
            dir_okay=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be new or changed.")
    ] = False,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Register what a file says about the archive, and print what is new or changed.

    What was registered before stays, also if the file does not mention it. If there is
    a mistake in the file, nothing of it is taken.
    """
    from autostats.archive.definitions import FILE_NAME
    from autostats.archive.definitions_file import read_definitions
    from autostats.archive.registry import changes, registered
    from autostats.archive.registry import register as write
    from autostats.sections.archive_counts import changes_section

    wanted = chosen_format(format_, output, plain=plain)
    setup = Setup.resolve(home, target)
    known = registered(setup)
    found = changes(known, read_definitions(file or setup.home.root / FILE_NAME, known))
    if not dry_run:
        write(setup, found)
    number = sum(each.state != "unchanged" for each in found)
    done = "would change" if dry_run else "changed"
    document = Document(
        schema="autostats/archive-register/1",
        title=f"Archive: {counted(len(found), 'definition')}",
        facts={},
        sections=[changes_section(found)],
        timezone=setup.configuration.zones["facility_timezone"],
        captions=[f"{number} new or {done}." if number else f"Nothing {done}."],
    )
    emit(document, wanted, output, paged=not no_pager)


@archive.command()
def count(
    context: typer.Context,
    locations: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LOCATION]...",
            help="Registered locations. Default: all that are active.",
            show_default=False,
            autocompletion=_complete_locations,
        ),
    ] = None,
    cycle: Annotated[
        str | None,
        typer.Option(
            "--cycle",
            metavar="CYCLE",
            help="Look at this cycle only: a name such as 19_3, or a time (UTC) such as 2026-01-01T06:00."
            " Default: all cycles by name, and the newest by time that is due.",
            show_default=False,
        ),
    ] = None,
    retries: Annotated[
        int,
        typer.Option("--retries", metavar="N", min=0, help="Look up to N times more at what is not settled."),
    ] = 0,
    wait: Annotated[
        str, typer.Option("--wait", metavar="TIME", help="How long before each retry: 90s, 10m or 1h.")
    ] = "1h",
    accept_loss: Annotated[
        bool,
        typer.Option("--accept-loss", help="Record that files which are gone are gone for good."),
    ] = False,
    jobs: Annotated[
        int,
        typer.Option("--jobs", metavar="N", min=1, help="List up to N locations or instruments at a time."),
    ] = 4,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Count the files of registered locations, and record what is there.

    The exit code is 6 if a listing broke off, or else 75 if nothing is there, or the
    newest file is so new that others may follow: try again later.
    """
    from autostats.archive.definitions import duration
    from autostats.archive.look import Look
    from autostats.archive.registry import registered
    from autostats.archive.storage import storage_of
    from autostats.archive.targets import targets
    from autostats.observations.store import opened
    from autostats.queries.instruments import among
    from autostats.sections.archive_counts import counts_section

    wanted = chosen_format(format_, output, plain=plain)
    pause = duration(wait)
    if pause is None:
        raise UsageError(f"--wait {wait!r} is no duration.", "Write it as 90s, 10m or 1h.")
    setup = Setup.resolve(home, target)
    notes = Notes(quiet=quiet)
    known = registered(setup)
    _compare_with_file(setup, known, notes)
    if not known.locations:
        raise UsageError(
            "No location is registered.",
            "Describe them in archive.yml, then run `autostats archive register`.",
        )
    try:
        names = among(list(known.locations), locations or [], "location") or []
    except UsageError as error:
        raise UsageError(str(error), f"{error.remedy} `autostats archive register` adds others.") from None
    chosen, left_out = targets(known, names, cycle, utc_now())
    for sentence in left_out:
        notes(printable(sentence))
    work = [(each, storage_of(each.url, each.location.options)) for each in chosen]
    keep = timedelta(days=int(str(setup.configuration["vars.observation_days"].value)))
    alive = context.obj.progress if isinstance(context.obj, Invocation) else lambda: None

    def attempt(work: "Sequence[tuple[Target, Storage]]") -> "list[Seen]":
        done = 0
        with (
            opened(setup) as store,
            progress_bar("counting files", quiet=quiet, after=PATIENCE_SECONDS) as advance,
        ):

            def told(files: int) -> None:
                nonlocal done
                done += files
                alive()
                advance(done, None)

            return _look_at(Look(store, keep, utc_now, Event(), accept_loss, told), work, jobs)

    seen = attempt(work)
    for number in range(1, retries + 1):
        late = [place for place, each in enumerate(seen) if _trouble(each)]
        if not late:
            break
        more = f" (and {len(late) - 1} more)" if late[1:] else ""
        notes(f"{printable(_trouble(seen[late[0]]))}{more}: retry {number} of {retries} in {wait}.")
        with unlimited():
            time.sleep(pause.total_seconds())
        for place, again in zip(late, attempt([work[place] for place in late]), strict=True):
            seen[place] = again
    section = counts_section(seen)
    document = Document(
        schema="autostats/archive-count/1",
        title=f"Archive: {counted(sum(row['count'] or 0 for row in section.rows), 'file')}",
        facts={},
        sections=[section],
        timezone=setup.configuration.zones["facility_timezone"],
    )
    emit(document, wanted, output, paged=not no_pager)
    _end(seen)


def _compare_with_file(setup: Setup, known: "Definitions", notes: Callable[[str], None]) -> None:
    """Say so if the file of the home is not what is registered."""
    from autostats.archive.definitions import FILE_NAME
    from autostats.archive.definitions_file import read_definitions
    from autostats.archive.registry import changes

    file = setup.home.root / FILE_NAME
    if not file.exists():
        return
    try:
        differ = any(each.state != "unchanged" for each in changes(known, read_definitions(file, known)))
    except UsageError as error:
        notes(f"{error} What is registered counts.")
        return
    if differ:
        notes(f"{file} differs from what is registered: `autostats archive register` takes it.")


def _look_at(look: "Look", work: "Sequence[tuple[Target, Storage]]", jobs: int) -> "list[Seen]":
    """Look at targets, some at a time; Ctrl-C stops them all."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(look.at, target, storage) for target, storage in work]
        try:
            return [each.result() for each in waiting]
        except BaseException:
            look.stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _trouble(seen: "Seen") -> str:
    """Return why one has to look again, or nothing; a cycle of several may be empty."""
    name = seen.target.name
    if seen.error:
        return f"{name}: {seen.error}"
    if not all(row["is_settled"] for row in seen.rows):
        return f"{name}: files are still being written"
    per_unit: dict[tuple[str, str], int] = {}
    for row in seen.rows:
        unit = row["instrument"], row["file_type"]
        per_unit[unit] = per_unit.get(unit, 0) + row["count"]
    return "" if per_unit and all(per_unit.values()) else f"{name}: there are no files"


def _end(seen: "Sequence[Seen]") -> None:
    """Raise what the exit code says, if anything is not as it should be."""
    broken = [_trouble(each) for each in seen if each.error]
    if broken:
        raise UnreachableError(
            f"{counted(len(broken), 'listing')} broke off: {printable('; '.join(broken))}.",
            "The others are recorded. Look again when the storage can be reached.",
        )
    unready = [trouble for each in seen if (trouble := _trouble(each))]
    if unready:
        raise TryAgainError(
            f"{counted(len(unready), 'listing')} {'is' if len(unready) == 1 else 'are'} not settled: "
            f"{printable('; '.join(unready))}.",
            "Look again later; `--retries` does, and exit code 75 asks a scheduler to.",
        )
