"""`autostats report`."""

from datetime import date
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
from autostats.errors import UsageError
from autostats.home import Home
from autostats.period import Period
from autostats.render.arrange import arranged
from autostats.render.notes import Notes
from autostats.render.output import Format, chosen_format, emit, holds
from autostats.render.section import Document, Section
from autostats.sections.breakdown import COUNTED_COLUMNS, breakdown_section
from autostats.sections.comparison import comparison_section
from autostats.sections.missing import missing_section
from autostats.sections.runs import resolved_section, unresolved_section
from autostats.sections.summary import summary_section
from autostats.statistics.buckets import By
from autostats.statistics.comparison import Against, Comparison, compare
from autostats.statistics.days import recorded_days
from autostats.statistics.instruments import choose_instruments
from autostats.statistics.metrics import report_metrics
from autostats.statistics.settings import Settings, read_settings
from autostats.warehouse import Warehouse, connect

EXAMPLES = {
    "autostats report": "the last seven complete days, one row per instrument",
    "autostats report WISH --last yesterday --all": "yesterday on WISH, with all details",
    "autostats report --from 2020-02 --to 2020-03 --by month": "two months, and each of them",
    "autostats report --cycle 2019/03 --compare year": "a beam cycle, and the same one of the year before",
    "autostats report --by day --format csv -o days.csv": "the daily record, for a spreadsheet",
    "autostats report --last 4w -o month.html": "a page with charts, for a browser and for paper",
    "autostats report --columns instrument,jobs_failed --sort=-jobs_failed": "the worst first",
}
_SHOW = "What to show besides the summary"
_LISTS = ("resolved", "unresolved", "missing")


def _sections(
    warehouse: Warehouse,
    settings: Settings,
    period: Period,
    instruments: list[str] | None,
    wanted: Format,
    *,
    comparison: Comparison | None,
    by: By | None,
    resolved: bool,
    unresolved: bool,
    missing: bool,
) -> list[Section]:
    sections = []
    if comparison is not None:
        sections.append(comparison_section(warehouse, comparison, instruments))
    if by is not None:
        sections.append(breakdown_section(warehouse, settings, period, instruments, by))
    if resolved:
        sections.append(resolved_section(warehouse, period, instruments))
    if unresolved:
        sections.append(unresolved_section(warehouse, settings, period, instruments))
    if missing:
        sections.append(missing_section(warehouse, period, instruments))
    # CSV holds one table: the one that is asked for.
    if wanted is Format.CSV and sections:
        return sections
    return [summary_section(warehouse, settings, period, instruments), *sections]


def _arranged(
    sections: list[Section], columns: str | None, sort: str | None, wanted: Format
) -> list[Section]:
    """Arrange summary and breakdown; a list of runs only where, in csv, there is nothing else."""
    counted = [section for section in sections if section.name not in _LISTS] or sections
    return [*arranged(counted, columns, sort, partial(holds, wanted)), *sections[len(counted) :]]


def _title(period: Period, instruments: list[str] | None, settings: Settings) -> str:
    of_whom = f" of {', '.join(instruments)}" if instruments is not None else ""
    return f"Data reduction{of_whom}: {period}, {settings.facility_timezone}"


def _not_recorded(period: Period, recorded: tuple[date, date] | None) -> list[str]:
    """Say which part of the period the statistics do not hold."""
    if recorded is None:
        return ["The statistics hold no day of these instruments yet."]
    if period.last < recorded[0] or period.first > recorded[1]:
        return [f"No statistics for {period}: they go from {recorded[0]} to {recorded[1]}."]
    if period.last > recorded[1]:
        return [f"The statistics end on {recorded[1]}: later days of the period are not counted."]
    return []


def _days(period: Period) -> dict[str, str | int]:
    return {
        "first_day": period.first.isoformat(),
        "last_day": period.last.isoformat(),
        "days": period.days,
    }


def report(
    instruments: InstrumentsArgument = None,
    from_: FromOption = None,
    to: ToOption = None,
    last: LastOption = None,
    cycle: CycleOption = None,
    against: Annotated[
        Against | None,
        typer.Option(
            "--compare",
            help="The period before, of the same length (with --cycle: the cycle before), or the same dates "
            "(with --cycle: the cycle of the same number) of last year.",
            rich_help_panel=_SHOW,
            show_default=False,
        ),
    ] = None,
    by: Annotated[
        By | None,
        typer.Option(
            "--by",
            help="Each instrument's hours, days, weeks, months, quarters or beam cycles.",
            rich_help_panel=_SHOW,
            show_default=False,
        ),
    ] = None,
    resolved: Annotated[
        bool,
        typer.Option("--resolved", help="The runs that had failed and then passed.", rich_help_panel=_SHOW),
    ] = False,
    unresolved: Annotated[
        bool,
        typer.Option(
            "--unresolved", help="The runs that failed and have not passed since.", rich_help_panel=_SHOW
        ),
    ] = False,
    missing: Annotated[
        bool,
        typer.Option(
            "--missing", help="The run numbers that were never seen, as ranges.", rich_help_panel=_SHOW
        ),
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="All of these, by day unless --by says more.", rich_help_panel=_SHOW)
    ] = False,
    columns: Annotated[str | None, columns_option(COUNTED_COLUMNS)] = None,
    sort: Annotated[str | None, sort_option(COUNTED_COLUMNS)] = None,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print the statistics of a period: one row per instrument, then all together.

    Without a period: the last seven days that are complete in the statistics.
    Jobs belong to the local day on which they were created. Distinct runs,
    means and percentiles of the period are counted anew from the jobs.

    html is a page of all there is to see, with charts; --by adds a breakdown.

    csv holds one table: the one that is asked for, else the summary. The
    summary's last row, without a name, is that of all instruments together.
    """
    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    if wanted is Format.PROMETHEUS and (
        against or by or resolved or unresolved or missing or all_ or columns or sort
    ):
        raise UsageError(
            "Prometheus gets all figures of the summary, and no more.",
            "Choose instruments and a period; leave out what else is to be shown, --columns and --sort.",
        )
    whole = wanted is Format.HTML
    if whole:
        from autostats.commands.report_page import check_page, make_page

        check_page(output)
    with connect(Home.resolve(home), target, notes) as warehouse:
        settings = read_settings(warehouse)
        chosen = choose_instruments(warehouse, instruments or [])
        period = chosen_period(warehouse, settings, from_, to, last, cycle)
        comparison = (
            compare(warehouse, settings.clock, period, cycle, against) if against is not None else None
        )
        sections = _sections(
            warehouse,
            settings,
            period,
            chosen,
            wanted,
            comparison=comparison,
            by=by or (By.DAY if all_ else None),
            resolved=resolved or all_ or whole,
            unresolved=unresolved or all_ or whole,
            missing=missing or all_ or whole,
        )
        metrics = (
            report_metrics(warehouse, settings, period, chosen, sections[0].rows)
            if wanted is Format.PROMETHEUS
            else ()
        )
        remarks = _not_recorded(period, recorded_days(warehouse, chosen))
        for remark in remarks:
            notes(remark)
        page = (
            make_page(warehouse, settings, period, chosen, cycle, comparison, sections[0], remarks, notes)
            if whole
            else None
        )
    document = Document(
        schema="autostats/report/1",
        title=_title(period, chosen, settings),
        facts={
            "period": _days(period),
            **(
                {"compared": {"now": _days(comparison.now), "then": _days(comparison.then)}}
                if comparison
                else {}
            ),
            "settings": settings.facts,
        },
        sections=_arranged(sections, columns, sort, wanted),
        metrics=metrics,
        page=page,
        timezone=settings.facility_timezone,
        captions=[age_caption(settings, wanted, notes)],
    )
    emit(document, wanted, output, paged=not no_pager)
