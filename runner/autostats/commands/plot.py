"""`autostats plot`."""

from pathlib import Path
from typing import Annotated

import typer

from autostats.charts.chart import MOST_POINTS, Chart, ChartName, read_chart
from autostats.charts.terminal import as_text, this_screen
from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import (
    CycleOption,
    FromOption,
    InstrumentsArgument,
    LastOption,
    ToOption,
    age_caption,
)
from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.files import write_file
from autostats.queries.choice import chosen_scope
from autostats.queries.days import JOBS, POLLED, recorded_days
from autostats.render.notes import Notes
from autostats.render.output import Format, print_text
from autostats.sections.age import not_recorded
from autostats.warehouse import connect

EXAMPLES = {
    "autostats plot jobs": "the jobs of the last seven complete days, in the terminal",
    "autostats plot pass-rate WISH GEM --last 3m": "two instruments together, by day",
    "autostats plot failures --last 1y -o failures.svg": "a calendar of a year, for a web page",
    "autostats plot missing --last 30d -o missing.png --dark": "gaps in the run numbers, for a dark slide",
    "autostats plot availability --last 4w": "when instruments were up and down, a strip for each",
}
_SUFFIXES = (".svg", ".png")
_SLOW = "Counting and drawing is taking longer than usual."


def _checked(output: Path | None, *, dark: bool) -> None:
    if output is not None and output.suffix.lower() not in _SUFFIXES:
        raise UsageError(
            f"--output {str(output)!r} is neither an SVG nor a PNG file.",
            "Use a name that ends in .svg or .png.",
        )
    if dark and output is None:
        raise UsageError(
            "--dark is for pictures; a terminal has its own colours.",
            "Add `--output FILE`, or leave out --dark.",
        )


def _picture(chart: Chart, output: Path, *, dark: bool) -> bytes:
    from autostats.charts.draw import DARK, LIGHT, as_png, as_svg

    look = DARK if dark else LIGHT
    return as_png(chart, look) if output.suffix.lower() == ".png" else as_svg(chart, look).encode()


def plot(
    chart: Annotated[
        ChartName,
        typer.Argument(
            metavar="CHART",
            help="jobs: by outcome. pass-rate. exe-time: its median and 95th percentile. starters: jobs by "
            "who started them. missing: gaps in the run numbers. failures: failed jobs, as a calendar. "
            "availability: up, down and unknown.",
            show_default=False,
        ),
    ],
    instruments: InstrumentsArgument = None,
    from_: FromOption = None,
    to: ToOption = None,
    last: LastOption = None,
    cycle: CycleOption = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write a picture (.svg or .png), whole or not at all, instead of drawing in the terminal.",
            rich_help_panel="Output",
            show_default=False,
        ),
    ] = None,
    dark: Annotated[
        bool, typer.Option("--dark", help="Give the picture a dark background.", rich_help_panel="Output")
    ] = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Draw a chart of a period, in the terminal or as a picture.

    The chart shows the chosen instruments together; only missing and availability
    have a strip for each. A point is a day or, in a long period, a week or a month. Where nothing
    was measured there is no point; zero is drawn as zero.
    """
    _checked(output, dark=dark)
    notes = Notes(quiet=quiet)
    most = this_screen().points if output is None else MOST_POINTS
    with notes.when_slow(_SLOW):
        with connect(Setup.resolve(home, target), notes) as warehouse:
            scope = chosen_scope(warehouse, instruments, from_, to, last, cycle)
            made = read_chart(scope, chart, most)
            recorded = recorded_days(scope, POLLED if chart is ChartName.AVAILABILITY else JOBS)
        if made.rows:
            for remark in not_recorded(scope.period, recorded):
                notes(remark)
        if output is not None:
            age_caption(scope.settings, Format.CSV, notes)
            write_file(output, _picture(made, output, dark=dark))
        else:
            print_text(as_text(made, this_screen(), [age_caption(scope.settings, Format.TABLE, notes)]))
