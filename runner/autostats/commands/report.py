"""`autostats report`."""

from datetime import date
from functools import partial
from typing import Annotated

import typer

from autostats.brand import NO_BRAND
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
    columns_option,
    sort_option,
)
from autostats.configuration.brand import configured_brand
from autostats.configuration.links import configured_links
from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.period import Period
from autostats.queries.buckets import By
from autostats.queries.choice import chosen_scope
from autostats.queries.comparison import Against, Comparison, compare
from autostats.queries.days import recorded_days
from autostats.queries.scope import Scope
from autostats.render.arrange import arranged
from autostats.render.notes import Notes
from autostats.render.output import ONE_TABLE, Format, chosen_format, emit, emit_text, holds
from autostats.render.section import Document, Section
from autostats.sections.age import not_recorded
from autostats.sections.archive import archive_lead, archive_sections
from autostats.sections.attention import current_attention
from autostats.sections.availability import availability_sections
from autostats.sections.breakdown import COUNTED_NAMES, breakdown_section
from autostats.sections.comparison import comparison_section
from autostats.sections.metrics import report_metrics
from autostats.sections.missing import missing_section
from autostats.sections.pending import pending_section
from autostats.sections.problem_jobs import problem_jobs_section
from autostats.sections.runs import resolved_section, unresolved_section
from autostats.sections.summary import summary_section
from autostats.sections.table_freshness import tables_now_sections
from autostats.warehouse import connect, connect_to_build

EXAMPLES = {
    "autostats report": "the last seven complete days, one row per instrument",
    "autostats report WISH --last yesterday --all": "yesterday on WISH, with all details",
    "autostats report --from 2020-02 --to 2020-03 --by month": "two months, together and one by one",
    "autostats report --cycle 2019/03 --compare year": "a beam cycle and the same one a year earlier",
    "autostats report --by day --format csv -o days.csv": "the daily record, for a spreadsheet",
    "autostats report --last 4w -o month.html": "a page with charts, to read in a browser or to print",
    "autostats report --columns instrument,jobs_failed --sort=-jobs_failed": "worst first",
}
_SHOW = "What to show in addition to the summary"
# What --columns and --sort leave as it is.
_OTHERS = (
    *("archive", "resolved", "unresolved", "missing", "pending", "problems"),
    *("availability", "outages", "tables"),
)


def _sections(
    scope: Scope,
    wanted: Format,
    *,
    comparison: Comparison | None,
    by: By | None,
    resolved: bool,
    unresolved: bool,
    missing: bool,
    pending: bool,
    problems: bool,
    outages: bool,
) -> list[Section]:
    sections = []
    if comparison is not None:
        sections.append(comparison_section(scope, comparison))
    if by is not None:
        sections.append(breakdown_section(scope, by))
    if wanted not in (*ONE_TABLE, Format.PROMETHEUS):
        sections += archive_sections(scope)
    if resolved:
        sections.append(resolved_section(scope))
    if unresolved:
        sections.append(unresolved_section(scope))
    if missing:
        sections.append(missing_section(scope))
    if pending:
        sections.append(pending_section(scope))
    if problems:
        sections.append(problem_jobs_section(scope))
    # One table: the one that is asked for.
    if wanted in ONE_TABLE and sections:
        return sections
    if wanted not in (*ONE_TABLE, Format.PROMETHEUS):
        sections += availability_sections(scope, with_outages=outages)
        if scope.instruments is None:
            sections += tables_now_sections(scope, whole=wanted is Format.HTML)
    return [summary_section(scope), *sections]


def _arranged(
    sections: list[Section], columns: str | None, sort: str | None, wanted: Format
) -> list[Section]:
    """Arrange summary and breakdown; a list of runs only where, in csv, there is nothing else."""
    counted = [section for section in sections if section.name not in _OTHERS] or sections
    return [*arranged(counted, columns, sort, partial(holds, wanted)), *sections[len(counted) :]]


def _title(heading: str, scope: Scope, recorded: tuple[date, date] | None) -> str:
    of_whom = f" of {', '.join(scope.instruments)}" if scope.instruments is not None else ""
    return f"{heading}{of_whom}: {scope.period.of_recorded(recorded)}, {scope.settings.facility_timezone}"


def _days(period: Period) -> dict[str, str | int]:
    return {**period.facts, "days": period.days}


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
            help="The previous period of the same length (with --cycle: the previous cycle), or the same "
            "dates (with --cycle: the cycle with the same number) a year earlier.",
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
        typer.Option(
            "--resolved", help="The runs that failed earlier and then passed.", rich_help_panel=_SHOW
        ),
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
    pending: Annotated[
        bool,
        typer.Option(
            "--pending", help="The jobs that are waiting or being processed.", rich_help_panel=_SHOW
        ),
    ] = False,
    problems: Annotated[
        bool,
        typer.Option(
            "--problems", help="The jobs whose data needed a rule to be read.", rich_help_panel=_SHOW
        ),
    ] = False,
    all_: Annotated[
        bool,
        typer.Option(
            "--all",
            help="All of these and the outages, by day unless --by says otherwise.",
            rich_help_panel=_SHOW,
        ),
    ] = False,
    columns: Annotated[str | None, columns_option(COUNTED_NAMES)] = None,
    sort: Annotated[str | None, sort_option(COUNTED_NAMES)] = None,
    build: Annotated[
        str | None,
        typer.Option(
            "--build",
            metavar="BUILD",
            help="The statistics of a published build, such as 20261128T001530123456Z. Default: the newest.",
            rich_help_panel="Period",
            show_default=False,
        ),
    ] = None,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print the statistics of a period: one row per instrument, then a total.

    The default period is the last seven days that are complete in the statistics.
    A job belongs to the local day on which it was created. Distinct runs, means
    and percentiles are recounted from the jobs of the whole period. If instruments
    have polls, their availability follows; if `autostats archive` counts their
    files, what the archive says comes before. What needs attention now comes first,
    if the period reaches the last complete day and there is anything.

    html is a page with everything, charts included; --by adds a breakdown.

    csv and parquet hold one table: the one you ask for, or else the summary. The last row of
    the summary, without a name, is the total of all instruments.
    """
    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain, also=(Format.HTML, Format.PROMETHEUS))
    if wanted is Format.PROMETHEUS and (
        against or by or resolved or unresolved or missing or pending or problems or all_ or columns or sort
    ):
        raise UsageError(
            "Prometheus gets all figures of the summary and nothing else.",
            "Choose only instruments and a period: leave out --columns, --sort and anything else to show.",
        )
    whole = wanted is Format.HTML
    if whole:
        from autostats.page.gather import check_page, gather_page

        check_page(output)
    setup = Setup.resolve(home, target)
    heading = str(setup.configuration["title"].value)
    links = configured_links(setup.configuration)
    opened = connect(setup, notes) if build is None else connect_to_build(setup, build)
    with opened as warehouse:
        scope = chosen_scope(warehouse, instruments, from_, to, last, cycle)
        settings, period = scope.settings, scope.period
        comparison = compare(scope, cycle, against) if against is not None else None
        sections = _sections(
            scope,
            wanted,
            comparison=comparison,
            by=by or (By.DAY if all_ else None),
            resolved=resolved or all_ or whole,
            unresolved=unresolved or all_ or whole,
            missing=missing or all_ or whole,
            pending=pending or all_ or whole,
            problems=problems or all_ or whole,
            outages=all_ or whole,
        )
        metrics = report_metrics(scope, sections[0].rows) if wanted is Format.PROMETHEUS else ()
        attention = current_attention(scope) if wanted not in (*ONE_TABLE, Format.PROMETHEUS) else None
        recorded = recorded_days(scope)
        remarks = not_recorded(period, recorded)
        for remark in remarks:
            notes(remark)
        page = gather_page(scope, cycle, comparison, sections, remarks, notes) if whole else None
    document = Document(
        schema="autostats/report/1",
        title=_title(heading, scope, recorded),
        facts={
            "period": _days(period),
            "recorded": Period.facts_of(recorded),
            **(
                {"compared": {"now": _days(comparison.now), "then": _days(comparison.then)}}
                if comparison
                else {}
            ),
            "settings": settings.facts,
        },
        sections=_arranged(sections, columns, sort, wanted),
        metrics=metrics,
        attention=attention,
        timezone=settings.facility_timezone,
        captions=[age_caption(settings, wanted, notes)],
        links=links,
        brand=configured_brand(setup.configuration, notes) if whole else NO_BRAND,
        lead=next((archive_lead(each.rows) for each in sections if each.name == "archive"), ""),
    )
    if page is not None:
        from autostats.page.as_html import as_html

        emit_text(as_html(document, page, heading), output)
        return
    emit(document, wanted, output, paged=not no_pager)
