"""`autostats cycles`: the beam cycles that the next run takes, and one more."""

from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import FormatOption, NoPagerOption, OutputOption, PlainOption
from autostats.home import Home
from autostats.render.notes import Notes
from autostats.render.output import chosen_format, emit
from autostats.render.section import Column, Document, Kind, Section
from autostats.render.text import plain as printable

EXAMPLES = {
    "autostats cycles": "the beam cycles, the oldest first",
    "autostats cycles add 2027/01 --from 2027-02-09 --to 2027-03-26 --maintenance 2027-02-24": "one more",
}
_COLUMNS = (
    Column("cycle", Kind.TEXT, "Cycle", "{}"),
    Column("first_day", Kind.DAY, "First day"),
    Column("last_day", Kind.DAY, "Last day"),
    Column("days", Kind.COUNT, "Days", "{} day(s)"),
    Column("maintenance_days", Kind.TEXT, "Maintenance days"),
    Column("source", Kind.TEXT, "Source"),
)

cycles = typer.Typer(invoke_without_command=True)


@cycles.callback()
def list_cycles(
    context: typer.Context,
    format_: FormatOption = None,
    output: OutputOption = None,
    plain: PlainOption = False,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the beam cycles, or add one.

    A facility keeps its own in the file seeds/beam_cycles.csv of the home; without
    it, those that come with autostats serve.
    """
    if context.invoked_subcommand is not None:
        return
    from autostats.project import find_project_dir
    from autostats.seeds import CYCLES_FILE, cycles_file, read_cycles

    project_dir = find_project_dir()
    path = cycles_file(Home.resolve(home), project_dir)
    known = read_cycles(path)
    built_in = read_cycles(project_dir / "seeds" / CYCLES_FILE)
    section = Section(
        name="cycles",
        title="Beam cycles",
        columns=_COLUMNS,
        rows=[
            {
                "cycle": cycle.name,
                "first_day": cycle.first_day,
                "last_day": cycle.last_day,
                "days": cycle.days,
                "maintenance_days": " ".join(map(str, cycle.maintenance_days)),
                "source": "built-in" if cycle in built_in else "own",
            }
            for cycle in known
        ],
        layouts=[
            [column.name for column in _COLUMNS],
            ["cycle", "first_day", "last_day", "maintenance_days", "source"],
            ["cycle", "first_day", "last_day", "source"],
        ],
        empty="There is none yet: `autostats cycles add` adds one.",
    )
    document = Document(
        schema="autostats/cycles/1",
        title=f"Beam cycles: {len(known)}",
        facts={"file": str(path)},
        sections=[section],
        timezone="UTC",
        captions=[f"`autostats run` takes them from {printable(str(path))}."],
    )
    emit(document, chosen_format(format_, output, plain=plain), output, paged=not no_pager)


@cycles.command()
def add(
    context: typer.Context,
    cycle: Annotated[
        str, typer.Argument(metavar="CYCLE", help="Its name, such as 2027/01.", show_default=False)
    ],
    from_: Annotated[
        str, typer.Option("--from", metavar="DAY", help="First day: 2027-02-09.", show_default=False)
    ],
    to: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day, included.", show_default=False)],
    maintenance: Annotated[
        list[str] | None,
        typer.Option(
            "--maintenance", metavar="DAY", help="A maintenance day; once for each.", show_default=False
        ),
    ] = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add a beam cycle to the facility's own file, seeds/beam_cycles.csv of the home.

    All that is in the file stays; the first time it is a copy of the cycles that
    come with autostats. Days may lie in the past or in the future.
    """
    from autostats.period import parse_date
    from autostats.project import find_project_dir
    from autostats.seeds import Cycle, add_cycle

    days = sorted({parse_date(day, "--maintenance") for day in maintenance or []})
    added = Cycle(cycle.strip(), parse_date(from_, "--from"), parse_date(to, "--to"), tuple(days))
    given = context.parent.params.get("home") if context.parent is not None else None
    path = add_cycle(Home.resolve(home or given), find_project_dir(), added)
    typer.echo(f"Added cycle {added} to {printable(str(path))}.")
    Notes(quiet=quiet)("`autostats run` takes it into the statistics, of past days too.")
