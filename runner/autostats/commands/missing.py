"""`autostats missing`: the runs that never arrived, and those that never will."""

from functools import partial
from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.completing import complete_instruments
from autostats.commands.default_command import ListsByDefault
from autostats.commands.result_options import (
    CycleOption,
    FormatOption,
    FromOption,
    LastOption,
    NoPagerOption,
    OutputOption,
    PlainOption,
    ToOption,
    age_caption,
    columns_option,
    sort_option,
)
from autostats.configuration.links import configured_links
from autostats.dbt_setup.setup import Setup
from autostats.errors import CheckFailed
from autostats.name_order import name_key
from autostats.period import EVER
from autostats.queries.choice import chosen_scope
from autostats.queries.missing import FAULTS, Kind, State, jump_rows, missing_ranges, open_runs
from autostats.render.arrange import arranged
from autostats.render.notes import Notes
from autostats.render.output import ONE_TABLE, chosen_format, emit, holds
from autostats.render.section import Document
from autostats.sections.missing import MISSING_NAMES, jumps_section, ranges_section
from autostats.text import first_few, printable
from autostats.warehouse import connect

EXAMPLES = {
    "autostats missing": "every run number that was never seen, as ranges",
    "autostats missing WISH --last yesterday --check": "exit with 1 if runs were noticed missing yesterday",
    "autostats missing --state arrived": "the ones that came late",
    "autostats missing --kind archive_only --check": "exit with 1 if a run has a file and no job",
    "autostats missing ignore WISH 100-120 --reason 'no beam'": "these will never arrive",
}
_INSTRUMENTS_IN_A_MESSAGE = 5


def _complaint(runs: dict[str, int]) -> CheckFailed:
    total = sum(runs.values())
    worst = sorted(runs.items(), key=lambda pair: (-pair[1], name_key(pair[0])))
    names = [f"{printable(instrument)} {count}" for instrument, count in worst]
    shown = first_few(names, _INSTRUMENTS_IN_A_MESSAGE, "instrument")
    return CheckFailed(
        f"{total} {'run is' if total == 1 else 'runs are'} missing: {shown}.",
        "`autostats missing ignore` lists run numbers that will never come.",
    )


missing = typer.Typer(cls=ListsByDefault, help="List the run numbers that no job has, or ignore some.")


def _complete_first(context: typer.Context, incomplete: str) -> list[str]:
    """Return the instruments that the shell may complete `incomplete` to and, before any, the command."""
    commands = ["ignore"] if not context.params.get("instruments") else []
    return [
        *complete_instruments(context, incomplete),
        *(name for name in commands if name.startswith(incomplete)),
    ]


@missing.command("list")
def list_missing(
    instruments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INSTRUMENT]...",
            help="Instruments, in upper or lower case. Default: all.",
            show_default=False,
            autocompletion=_complete_first,
        ),
    ] = None,
    from_: FromOption = None,
    to: ToOption = None,
    last: LastOption = None,
    cycle: CycleOption = None,
    state: Annotated[
        State,
        typer.Option(
            "--state",
            help="open: still missing. settling: its file may still be written. ignored: listed by"
            " `autostats missing ignore`. arrived: came late.",
        ),
    ] = State.OPEN,
    kinds: Annotated[
        list[Kind] | None,
        typer.Option(
            "--kind",
            help="archive_only: a file and no job. announced_only: a message, and neither job nor file."
            " tail: above the database's last run. gap: no file known. db_only: a job whose file is gone."
            " never_written: no file either, so no fault. May be repeated."
            " Default: all but never_written.",
            show_default=False,
        ),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="List every state and kind, also those never written.")
    ] = False,
    jumps: Annotated[
        bool,
        typer.Option("--jumps", help="Also show gaps too long to be missing runs; in csv, show only these."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 if any of the chosen runs is still missing.")
    ] = False,
    columns: Annotated[str | None, columns_option(MISSING_NAMES)] = None,
    sort: Annotated[str | None, sort_option(MISSING_NAMES)] = None,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the run numbers that no job has, as ranges, with their age.

    Those with a file in the archive come first, if `autostats archive` looks there.
    A number is noticed missing on the local day when a later one arrives. --from,
    --to, --last and --cycle choose by that day; without them, all are listed.

    `autostats missing ignore --help` is about numbers that will never come.
    """
    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    setup = Setup.resolve(home, target)
    links = configured_links(setup.configuration)
    with connect(setup, notes) as warehouse:
        scope = chosen_scope(warehouse, instruments, from_, to, last, cycle)
        period = scope.period if from_ or to or last or cycle else None
        scope = scope.during(period or EVER)
        settings, chosen = scope.settings, scope.instruments
        shown, kinds_shown = (State.ALL, list(Kind)) if all_ else (state, kinds or list(FAULTS))
        ranges = ranges_section(
            warehouse.catalogue, missing_ranges(scope, shown, kinds_shown), shown, settings
        )
        sections = [ranges]
        if jumps:
            jumped = jumps_section(warehouse.catalogue, jump_rows(scope))
            sections = [jumped] if wanted in ONE_TABLE else [ranges, jumped]
        still_missing = open_runs(scope, kinds or FAULTS)
    when = f", noticed {period}" if period is not None else ""
    of_whom = f" of {', '.join(chosen)}" if chosen is not None else ""
    span = period.facts if period else None
    document = Document(
        schema="autostats/missing/1",
        title=f"{ranges.title}{of_whom}{when}: {sum(row['runs'] for row in ranges.rows)}",
        facts={"period": span, "settings": settings.facts},
        sections=[*arranged(sections[:1], columns, sort, partial(holds, wanted)), *sections[1:]],
        timezone=settings.facility_timezone,
        captions=[age_caption(settings, wanted, notes)],
        links=links,
    )
    emit(document, wanted, output, paged=not no_pager)
    if check and still_missing:
        raise _complaint(still_missing)


@missing.command()
def ignore(
    instrument: Annotated[
        str,
        typer.Argument(
            metavar="INSTRUMENT",
            help="The instrument, in upper or lower case.",
            autocompletion=complete_instruments,
        ),
    ],
    runs: Annotated[
        str,
        typer.Argument(metavar="RUNS", help="Run numbers: 100-120, 100 or 100,105-107.", show_default=False),
    ],
    reason: Annotated[
        str,
        typer.Option("--reason", metavar="TEXT", help="Why nobody should look for them.", show_default=False),
    ],
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Ignore run numbers that will never come: list them in seeds/ignored_runs.csv in the home.

    Everything already in the file stays, and numbers that it lists keep their reason.
    The first time, the file starts as a copy of the list that comes with autostats.
    """
    from autostats.dbt_setup.ignored_runs import ignore_runs, in_words, parse_ranges
    from autostats.queries.instruments import among, known_instruments

    notes = Notes(quiet=quiet)
    ranges = parse_ranges(runs)
    setup = Setup.resolve(home, target)
    with connect(setup, notes) as warehouse:
        [name] = among(known_instruments(warehouse), [instrument]) or []
    added = ignore_runs(setup.home, setup.project_dir, name, ranges, reason)
    place = printable(str(added.path))
    if not added.ranges:
        typer.echo(f"{place} already lists {in_words(ranges)} of {printable(name)}.")
        return
    typer.echo(f"Added {in_words(added.ranges)} of {printable(name)} to {place}.")
    notes("The next `autostats run` ignores them.")
