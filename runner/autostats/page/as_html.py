"""The page: one file with everything in it, for a browser without a network, and for paper."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from autostats.brand import NO_BRAND, Brand
from autostats.catalogue import Catalogue
from autostats.charts.chart import Chart, ChartName
from autostats.charts.palette import PROPERTIES
from autostats.links import NO_LINKS, Links
from autostats.page.chart_table import chart_section
from autostats.page.gather import Page
from autostats.page.headline import Figure
from autostats.page.sorting import sorting_script
from autostats.render.cells import TO_THE_LEFT, Look, badness, difference, is_nothing
from autostats.render.linked import linker
from autostats.render.section import Column, Document, Kind, Row, Section
from autostats.render.sparkline import squeeze
from autostats.render.templates import html_templates
from autostats.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

# As many rows as a reader may want to scroll through and print; the commands list the rest.
_MOST_ROWS = 200
_BARS_WIDTH, _BARS_HEIGHT, _WIDEST_BAR = 120, 24, 8.0
_MOST_BARS = 60
_MARKED = re.compile(r"(`[^`]+`|\d{4}-\d\d-\d\d)")
# What a browser's field for dates can show.
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)?")
# Lists that are too long for the page begin with the newest.
_NEWEST: dict[str, Callable[[Row], Any]] = {
    "resolved": lambda row: row["resolved_at"],
    "unresolved": lambda row: row["last_failed_at"],
    "outages": lambda row: row["started_at"],
}
_LISTS = ("resolved", "unresolved", "missing", "pending", "problems")
# Shown only where there are any.
_OPTIONAL = ("archive", "availability", "outages", "tables")


def bars(values: Sequence[float]) -> str:
    """Return the SVG path of a row of bars that stand on the bottom of a box of 120 by 24."""
    points = squeeze(values, _MOST_BARS)
    top = max(points, default=0)
    pitch = min(_WIDEST_BAR, _BARS_WIDTH / max(1, len(points)))
    heights = [max(1.0, point / top * _BARS_HEIGHT) if top > 0 else 1.0 for point in points]
    return "".join(
        f"M{place * pitch:.1f} {_BARS_HEIGHT}v{-height:.1f}h{pitch * 0.8:.1f}v{height:.1f}z"
        for place, height in enumerate(heights)
    )


def change(figure: Figure) -> str:
    """Return the difference with its sign and its word: `+12, worse`; `unchanged` if it rounds to zero."""
    if figure.difference is None:
        return "not comparable"
    shown = difference(figure.column.kind, figure.difference)
    if shown == "0":
        return "unchanged"
    rise, fall = figure.words
    word = rise if figure.difference > 0 else fall
    return f"{shown.replace('pp', ' points').replace('-', chr(0x2212))}, {word}"


def _columns(section: Section) -> list[Column]:
    """Return the columns of the widest layout, with bars beside the name, where no scrolling hides them."""
    first, *others = (section.column(name) for name in section.layouts[0])
    return [first, *sorted(others, key=lambda column: column.kind is not Kind.SERIES)]


def _kept_column(columns: Sequence[Column]) -> str:
    """Return the column that stays in sight where a table scrolls: the instrument's, or else the first."""
    names = [column.name for column in columns]
    return "instrument" if "instrument" in names else names[0]


def _capped(section: Section, rest: str) -> Section:
    """Return the section with as many rows as the page has room for; `rest` says where the others are."""
    rows = list(section.rows)
    if section.name in _NEWEST:
        rows.sort(key=_NEWEST[section.name], reverse=True)
    more = len(rows) - _MOST_ROWS
    notes = [f"{more} more rows: {rest}"] if more > 0 else []
    return replace(section, rows=rows[:_MOST_ROWS], notes=[*notes, *section.notes])


def sentence(text: str) -> "Markup":
    """Return a sentence with its `commands` marked up and its dates kept on one line."""
    from markupsafe import Markup

    parts = []
    for place, part in enumerate(_MARKED.split(printable(text))):
        if not place % 2:
            parts.append(Markup("{}").format(part))
        elif part.startswith("`"):
            parts.append(Markup("<code>{}</code>").format(part.strip("`")))
        else:
            parts.append(Markup('<span class="day">{}</span>').format(part))
    return Markup("").join(parts)


def sort_key(value: Any) -> "Markup":
    """Return the attribute by which a page sorts a cell, if the cell's text does not say enough."""
    from markupsafe import Markup

    if value is None or isinstance(value, str):
        return Markup("" if value else ' data-key=""')
    key = value.isoformat() if isinstance(value, date) else float(value)
    return Markup(' data-key="{}"').format(key)


def linked(words: str, address: str | None) -> "Markup | str":
    """Return words as a link, if there is an address."""
    from markupsafe import Markup

    if address is None:
        return words
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(address, words)


def page_style() -> "Markup":
    """Return the style sheet of pages."""
    from markupsafe import Markup

    return Markup(files("autostats").joinpath("page/style.css").read_text(encoding="utf-8").strip())


def _numbers(catalogue: Catalogue, chart: Chart, command: str) -> Section:
    """Return the table behind a chart; only those with a strip for each instrument can be too long."""
    if chart.name is ChartName.AVAILABILITY:
        return _capped(chart_section(catalogue, chart), "a page of fewer instruments or days has them all.")
    ranges = f"{command.replace(' report ', ' missing ')} --state all"
    return _capped(chart_section(catalogue, chart), f"`{ranges}` lists them all.")


def _listing(name: str, command: str) -> str:
    """Return the command that lists all rows of the section `name`."""
    if name == "archive":
        return command
    if name == "tables":
        return "autostats freshness report"
    if name in _OPTIONAL:
        return command.replace(" report ", " availability report ", 1)
    return f"{command} --{name if name in _LISTS else f'by {name[:-1]}'}"


def _looks(look: Look) -> dict[str, Callable[..., Any]]:
    """Return the functions that the template applies to a column and its values."""

    def classes(column: Column, value: Any, kept: str) -> str:
        words = [] if column.kind in TO_THE_LEFT else ["number"]
        if column.name == kept:
            words.append("kept")
        if is_nothing(column, value):
            words.append("nothing")
        if how_bad := badness(column, value):
            words.append(f"bad-{how_bad}")
        return " ".join(words)

    return {
        "bars": bars,
        "cell": look.text,
        "change": change,
        "classes": classes,
        "columns": _columns,
        "kept_column": _kept_column,
        "is_series": lambda column: column.kind is Kind.SERIES,
        "is_text": lambda column: column.kind.is_text,
    }


def page_templates() -> "Environment":
    """Return the templates of pages. Names are data: none of their control characters reaches a page."""
    environment = html_templates("page", lambda value: printable(value) if type(value) is str else value)
    environment.filters["sentence"] = sentence
    environment.filters["sort_key"] = sort_key
    environment.filters["linked"] = linked
    environment.filters["choice"] = lambda value: value or "none"
    environment.filters["is_day"] = lambda text: _DAY.fullmatch(text) is not None
    return environment


def page_content(document: Document, page: Page, kind: str) -> dict[str, Any]:
    """Return what the templates of a period's page show."""
    from markupsafe import Markup

    sections = {
        section.name: _capped(section, f"`{_listing(section.name, page.command)}` lists them all.")
        for section in document.sections
    }
    return {
        "page": page,
        "title": document.title,
        "kind": kind,
        "captions": document.captions,
        "lead": document.lead,
        "attention": document.attention,
        "summary": document.sections[0],
        "more": [
            section for name, section in sections.items() if name not in ("summary", *_LISTS, *_OPTIONAL)
        ],
        **{name: sections.get(name) for name in (*_LISTS, *_OPTIONAL)},
        # The drawing code escapes what it writes.
        "charts": {chart.name: (chart, Markup(svg) if svg else None) for chart, svg in page.charts},
        "numbers": partial(_numbers, page.catalogue, command=page.command),
        **look_of_pages(Look(page.settings.zone, unicode=True), document.links, document.brand),
    }


def look_of_pages(look: Look, links: Links = NO_LINKS, brand: Brand = NO_BRAND) -> dict[str, Any]:
    """Return what every template needs: the facility, style sheet, colours, how cells look, links."""
    return {
        "brand": brand,
        "colours": PROPERTIES,
        "style": page_style(),
        "sortable": False,
        "linker": partial(linker, links),
        **_looks(look),
    }


def as_html(document: Document, page: Page, kind: str) -> str:
    """Return the page of a report as one self-contained document.

    `kind` is what the report is called at the very top.
    """
    from markupsafe import Markup

    content = page_content(document, page, kind) | {"sortable": True, "sorting": Markup(sorting_script())}
    return page_templates().get_template("report.html.j2").render(content)
