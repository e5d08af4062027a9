"""The page: one file with everything in it, for a browser without a network, and for paper."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from autostats.catalogue import Catalogue
from autostats.charts.chart import Chart, ChartName
from autostats.charts.palette import PROPERTIES
from autostats.page.chart_table import chart_section
from autostats.page.gather import Page
from autostats.page.headline import Figure
from autostats.render.cells import TO_THE_LEFT, Look, difference
from autostats.render.section import Column, Document, Kind, Row, Section
from autostats.render.sparkline import squeeze
from autostats.render.templates import html_templates
from autostats.text import printable

if TYPE_CHECKING:
    from markupsafe import Markup

# As many rows as a reader may want to scroll through and print; the commands list the rest.
_MOST_ROWS = 200
_BARS_WIDTH, _BARS_HEIGHT, _WIDEST_BAR = 120, 24, 8.0
_MOST_BARS = 60
_MARKED = re.compile(r"(`[^`]+`|\d{4}-\d\d-\d\d)")
# Lists that are too long for the page begin with the newest.
_NEWEST: dict[str, Callable[[Row], Any]] = {
    "resolved": lambda row: row["resolved_at"],
    "unresolved": lambda row: row["last_failed_at"],
    "outages": lambda row: row["started_at"],
}
_LISTS = ("resolved", "unresolved", "missing")
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


def _heading(column: Column) -> str:
    """Return the heading on one line: terminal tables break it, even within words."""
    return column.heading.replace("-\n", "").replace("\n", " ")


def _columns(section: Section) -> list[Column]:
    """Return the columns of the widest layout, with bars beside the name, where no scrolling hides them."""
    first, *others = (section.column(name) for name in section.layouts[0])
    return [first, *sorted(others, key=lambda column: column.kind is not Kind.SERIES)]


def _capped(section: Section, rest: str) -> Section:
    """Return the section with as many rows as the page has room for; `rest` says where the others are."""
    rows = list(section.rows)
    if section.name in _NEWEST:
        rows.sort(key=_NEWEST[section.name], reverse=True)
    more = len(rows) - _MOST_ROWS
    notes = [f"{more} more rows: {rest}"] if more > 0 else []
    return replace(section, rows=rows[:_MOST_ROWS], notes=[*notes, *section.notes])


def _sentence(text: str) -> "Markup":
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


def _style() -> "Markup":
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

    def classes(column: Column, value: Any) -> str:
        words = [] if column.kind in TO_THE_LEFT else ["number"]
        words += {"dim": ["nothing"], "red": ["bad"]}.get(look.style(column, value), [])
        return " ".join(words)

    return {
        "bars": bars,
        "cell": look.text,
        "change": change,
        "classes": classes,
        "columns": _columns,
        "heading": _heading,
        "is_series": lambda column: column.kind is Kind.SERIES,
        "is_text": lambda column: column.kind is Kind.TEXT,
    }


def as_html(document: Document, page: Page, kind: str) -> str:
    """Return the page of a report as one self-contained document.

    `kind` is what the report is called at the very top.
    """
    from markupsafe import Markup

    # Names are data: none of their control characters reaches the page.
    environment = html_templates("page", lambda value: printable(value) if type(value) is str else value)
    environment.filters["sentence"] = _sentence
    sections = {
        section.name: _capped(section, f"`{_listing(section.name, page.command)}` lists them all.")
        for section in document.sections
    }
    return environment.get_template("report.html.j2").render(
        page=page,
        title=document.title,
        kind=kind,
        captions=document.captions,
        lead=document.lead,
        summary=document.sections[0],
        more=[section for name, section in sections.items() if name not in ("summary", *_LISTS, *_OPTIONAL)],
        **{name: sections[name] for name in _LISTS},
        **{name: sections.get(name) for name in _OPTIONAL},
        # The drawing code escapes what it writes.
        charts={chart.name: (chart, Markup(svg) if svg else None) for chart, svg in page.charts},
        colours=PROPERTIES,
        numbers=partial(_numbers, page.catalogue, command=page.command),
        style=_style(),
        **_looks(Look(page.settings.zone, unicode=True)),
    )
