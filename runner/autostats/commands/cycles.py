"""`autostats cycles`: the beam cycles that the next run takes, and one more."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import FormatOption, NoPagerOption, OutputOption, PlainOption
from autostats.home import Home
from autostats.render.notes import Notes
from autostats.render.output import chosen_format, emit
from autostats.render.section import Column, Document, Kind, Section
from autostats.text import printable

if TYPE_CHECKING:
    from autostats.dbt_setup.seeds import Cycle

EXAMPLES = {
    "autostats cycles": "list the beam cycles, oldest first",
    "autostats cycles add 2027/01 --from 2027-02-09 --to 2027-03-26 --maintenance 2027-02-24": "add one",
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

    A facility keeps its own in seeds/beam_cycles.csv in the home. Without that
    file, the cycles that come with autostats are used.
    """
    if context.invoked_subcommand is not None:
        return
    from autostats.dbt_setup.locate import find_project_dir
    from autostats.dbt_setup.seeds import CYCLES_FILE, cycles_file, read_cycles

    wanted = chosen_format(format_, output, plain=plain)

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
        empty="There are none yet: `autostats cycles add` adds one.",
    )
    document = Document(
        schema="autostats/cycles/1",
        title=f"Beam cycles: {len(known)}",
        facts={"file": str(path)},
        sections=[section],
        timezone="UTC",
        captions=[f"`autostats run` reads them from {printable(str(path))}.", *_none_now(known)],
    )
    emit(document, wanted, output, paged=not no_pager)


def _none_now(known: Sequence["Cycle"]) -> list[str]:
    """Return a sentence if the last of the cycles is over."""
    last = max((cycle.last_day for cycle in known), default=None)
    if last is None or last >= date.today():
        return []
    return [f"The last one ended on {last}: `autostats cycles add` adds the next."]


@cycles.command()
def add(
    context: typer.Context,
    cycle: Annotated[
        str, typer.Argument(metavar="CYCLE", help="Its name, such as 2027/01.", show_default=False)
    ],
    from_: Annotated[
        str, typer.Option("--from", metavar="DAY", help="First day, such as 2027-02-09.", show_default=False)
    ],
    to: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day (included).", show_default=False)],
    maintenance: Annotated[
        list[str] | None,
        typer.Option(
            "--maintenance", metavar="DAY", help="A maintenance day; repeat for each one.", show_default=False
        ),
    ] = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add a beam cycle to the facility's own file, seeds/beam_cycles.csv in the home.

    Everything already in the file stays. The first time, the file starts as a copy
    of the cycles that come with autostats. Days can be in the past or the future.
    """
    from autostats.dbt_setup.locate import find_project_dir
    from autostats.dbt_setup.seeds import Cycle, add_cycle
    from autostats.period import parse_date

    days = sorted({parse_date(day, "--maintenance") for day in maintenance or []})
    added = Cycle(cycle.strip(), parse_date(from_, "--from"), parse_date(to, "--to"), tuple(days))
    given = context.parent.params.get("home") if context.parent is not None else None
    path = add_cycle(Home.resolve(home or given), find_project_dir(), added)
    typer.echo(f"Added cycle {added} to {printable(str(path))}.")
    Notes(quiet=quiet)("The next `autostats run` adds it to the statistics, for past days too.")
