"""The dashboard: the page of a period with what needs attention first, filters, and what else is served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from autostats.brand import NO_BRAND, Brand
from autostats.page.as_html import look_of_pages, page_content, page_templates
from autostats.page.gather import Page
from autostats.published.reader import Statistic
from autostats.render.cells import Look
from autostats.render.section import Document

if TYPE_CHECKING:
    from markupsafe import Markup

SPANS = {
    "": "7 days",
    "yesterday": "yesterday",
    "today": "today",
    "4w": "4 weeks",
    "3m": "3 months",
    "1y": "1 year",
}


@dataclass(frozen=True)
class Filters:
    """What there is to choose from, and what was chosen."""

    instruments: Sequence[str] = ()
    chosen: Sequence[str] = ()
    # The newest first.
    cycles: Sequence[str] = ()
    # The words for the period: last, from, to and cycle.
    period: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Around:
    """What is on the dashboard whatever the period: its title, the filters, and the build's statistics."""

    kind: str
    version: str
    filters: Filters
    statistics: Sequence[Statistic] = ()
    build: str = ""
    # Of the answer that the page is.
    tag: str = ""
    brand: Brand = NO_BRAND


def interactive_style() -> "Markup":
    """Return the style sheet of pages that are served."""
    from markupsafe import Markup

    return Markup(files("autostats").joinpath("page/interactive.css").read_text(encoding="utf-8").strip())


def dashboard_page(document: Document, page: Page, around: Around) -> str:
    """Return the dashboard of a period, whose tables are those of a report."""
    content = page_content(document, page, around.kind) | {"problem": None}
    return _rendered(content, around)


def dashboard_of_problem(title: str, error: str, remedy: str, around: Around) -> str:
    """Return the dashboard with a sentence on why it shows no figures."""
    look = look_of_pages(Look(ZoneInfo("UTC"), unicode=True))
    content = look | {"title": title, "kind": around.kind, "problem": (error, remedy), "page": None}
    return _rendered(content, around)


def _rendered(content: dict[str, Any], around: Around) -> str:
    words = {
        "around": around,
        "filters": around.filters,
        "spans": SPANS,
        "sortable": True,
        "brand": around.brand,
    }
    style = {"interactive": interactive_style()}
    return page_templates().get_template("dashboard.html.j2").render(content | words | style)
