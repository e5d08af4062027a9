"""What a dashboard shows of a period, as the report has it."""

from collections.abc import Mapping

from autostats.charts.extra import can_draw
from autostats.page.dashboard import Filters
from autostats.page.gather import Page, gather_page
from autostats.queries.cycles import all_cycles
from autostats.queries.days import recorded_days
from autostats.queries.instruments import named_instruments
from autostats.queries.scope import Scope
from autostats.render.notes import Notes
from autostats.render.section import Document
from autostats.sections.age import age_sentence, not_recorded
from autostats.sections.attention import attention_section
from autostats.sections.availability import availability_sections
from autostats.sections.missing import missing_section
from autostats.sections.summary import summary_section
from autostats.sections.table_freshness import tables_now_sections
from autostats.warehouse import Warehouse


def known_filters(warehouse: Warehouse, period: Mapping[str, str]) -> Filters:
    """Return the instruments and cycles that there are to choose from."""
    cycles = [cycle.label for cycle in reversed(all_cycles(warehouse))]
    return Filters(instruments=named_instruments(warehouse), cycles=cycles, period=period)


def period_content(scope: Scope, cycle: str | None, kind: str) -> tuple[Document, Page]:
    """Return the tables, with what needs attention whatever the period, and the rest of the page.

    `cycle` is the name of the period if it has one.
    """
    sections = [
        summary_section(scope),
        missing_section(scope),
        *availability_sections(scope, with_outages=True),
        *(tables_now_sections(scope, whole=True) if scope.instruments is None else ()),
    ]
    remarks = not_recorded(scope.period, recorded_days(scope))
    page = gather_page(scope, cycle, None, sections, remarks, Notes(quiet=True), drawn=can_draw())
    document = Document(
        title=f"{kind}: {scope.period}",
        facts={},
        sections=sections,
        timezone=scope.settings.facility_timezone,
        captions=[age_sentence(scope.settings)],
        attention=attention_section(scope),
    )
    return document, page
