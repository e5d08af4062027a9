"""`autostats missing`."""

from functools import partial
from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import (
    CycleOption,
    FormatOption,
    FromOption,
    InstrumentsArgument,
    LastOption,
    NoPagerOption,
    OutputOption,
    PlainOption,
    ToOption,
    age_caption,
    chosen_period,
    columns_option,
    sort_option,
)
from autostats.errors import CheckFailed
from autostats.home import Home
from autostats.render.arrange import arranged
from autostats.render.notes import Notes
from autostats.render.output import Format, chosen_format, emit, holds
from autostats.render.section import Document
from autostats.render.text import plain as printable
from autostats.sections.missing import MISSING_COLUMNS, jumps_section, ranges_section
from autostats.statistics.instruments import choose_instruments
from autostats.statistics.missing import State, jump_rows, missing_ranges, open_runs
from autostats.statistics.settings import read_settings
from autostats.warehouse import connect

EXAMPLES = {
    "autostats missing": "every run number that was never seen, as ranges",
    "autostats missing WISH --last yesterday --check": "exit code 1 when yesterday showed a hole",
    "autostats missing --state arrived": "the late ones",
}
_INSTRUMENTS_IN_A_MESSAGE = 5


def _complaint(runs: dict[str, int]) -> CheckFailed:
    total = sum(runs.values())
    worst = sorted(runs.items(), key=lambda pair: (-pair[1], pair[0]))[:_INSTRUMENTS_IN_A_MESSAGE]
    names = ", ".join(f"{printable(instrument)} {count}" for instrument, count in worst)
    more = f" and {len(runs) - len(worst)} instruments more" if len(runs) > len(worst) else ""
    return CheckFailed(
        f"{total} {'run is' if total == 1 else 'runs are'} missing: {names}{more}.",
        "Numbers that are known never to come go into the seed ignored_runs.",
    )


def missing(
    instruments: InstrumentsArgument = None,
    from_: FromOption = None,
    to: ToOption = None,
    last: LastOption = None,
    cycle: CycleOption = None,
    state: Annotated[
        State,
        typer.Option(
            "--state",
            help="open: missing still. ignored: listed in the seed ignored_runs. arrived: late, but there.",
        ),
    ] = State.OPEN,
    jumps: Annotated[
        bool,
        typer.Option("--jumps", help="Also the holes too long to be missing runs. In csv: these alone."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 1 when any run is missing still (of those chosen).")
    ] = False,
    columns: Annotated[str | None, columns_option(MISSING_COLUMNS)] = None,
    sort: Annotated[str | None, sort_option(MISSING_COLUMNS)] = None,
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

    A number is noticed missing on the local day on which a later one arrives;
    --from, --to, --last and --cycle choose by that day. Without them: all.
    """
    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    with connect(Home.resolve(home), target, notes) as warehouse:
        settings = read_settings(warehouse)
        chosen = choose_instruments(warehouse, instruments or [])
        period = None
        if from_ or to or last or cycle:
            period = chosen_period(warehouse, settings, from_, to, last, cycle)
        ranges = ranges_section(missing_ranges(warehouse, state, period, chosen), state, settings)
        sections = [ranges]
        if jumps:
            jumped = jumps_section(jump_rows(warehouse, period, chosen))
            sections = [jumped] if wanted is Format.CSV else [ranges, jumped]
        still_missing = open_runs(warehouse, period, chosen)
    when = f", noticed {period}" if period is not None else ""
    of_whom = f" of {', '.join(chosen)}" if chosen is not None else ""
    span = {"first_day": period.first.isoformat(), "last_day": period.last.isoformat()} if period else None
    document = Document(
        schema="autostats/missing/1",
        title=f"{ranges.title}{of_whom}{when}: {sum(row['runs'] for row in ranges.rows)}",
        facts={"period": span, "settings": settings.facts},
        sections=[*arranged(sections[:1], columns, sort, partial(holds, wanted)), *sections[1:]],
        timezone=settings.facility_timezone,
        captions=[age_caption(settings, wanted, notes)],
    )
    emit(document, wanted, output, paged=not no_pager)
    if check and still_missing:
        raise _complaint(still_missing)
