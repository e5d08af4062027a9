"""A message as text, as Markdown and as HTML."""

import re
from functools import cache, partial
from typing import TYPE_CHECKING

from autostats.charts.palette import COLOURS
from autostats.digest.message import Group, Item, Line, Message, listed
from autostats.render.cells import TO_THE_LEFT, Look
from autostats.render.linked import linker
from autostats.render.section import Column, Document
from autostats.render.templates import html_templates
from autostats.text import for_markdown, markdown_link

if TYPE_CHECKING:
    from jinja2 import Environment

# A name must not notify people: chat services look for `@here` and the like in any text.
_UNCALLED = "@\u200b"
_IN_TEXT = re.compile(r"@(?![^<]*>)")
# Apprise breaks lines around a <code> when it makes the text of an email.
_CODE = '<span style="font-family:monospace">{}</span>'
_TEXT_WIDTH = 76
# What a message in a chat says of the last day, where a table would be too much.
_IN_A_SENTENCE = ("jobs_total", "jobs_passed", "jobs_failed", "pass_rate", "missing_runs")


def _lead(message: Message) -> str:
    return f"Since {message.since}: {listed(message.counts)}." if message.counts else ""


def _rest(group: Group) -> list[str]:
    return [f"and {group.more:,} more: `autostats attention` lists all"] if group.more else []


def _day_sentence(message: Message) -> str:
    """Return the last day of all instruments together in one sentence, or nothing."""
    if message.day is None or message.day.total is None:
        return ""
    look, total = Look(message.zone, unicode=False), message.day.total
    parts = []
    for name in _IN_A_SENTENCE:
        column = message.day.column(name)
        if total[name]:
            words = column.spoken or f"{_flat(column.heading).lower()} {{}}"
            text = look.text(column, total[name])
            parts.append(words.replace("(s)", "" if text == "1" else "s").replace("{}", text))
    return f"{message.day.title}: {', '.join(parts)}."


def _heading(column: Column) -> str:
    return _flat(column.short_heading or column.heading)


def _flat(heading: str) -> str:
    """Return a heading on one line, of whole words."""
    return heading.replace("-\n", "").replace("\n", " ")


def _day_table(message: Message) -> str:
    """Return the last day as a table of text, or nothing."""
    if message.day is None:
        return ""
    import io

    from rich.console import Console

    from autostats.render.as_table import as_table

    console = Console(file=io.StringIO(), width=_TEXT_WIDTH, force_terminal=False, color_system=None)
    document = Document(message.day.title, {}, [message.day], "UTC")
    return as_table(document, console, Look(message.zone, unicode=False)).strip("\n")


def as_text(message: Message) -> str:
    """Return the message as plain text."""

    def item(item: Item) -> str:
        words = f", {item.words}" if item.words else ""
        address = f"\n      {item.address}" if item.address else ""
        return f"    {item.runs}{words}{address}"

    def line(line: Line) -> str:
        rest = f" and {line.rest}" if line.rest else ""
        command = f" ({line.command})" if line.command else ""
        if line.items:
            more = [f"   {rest}{command}"] if rest else []
            return "\n".join([f"  {line.count}:", *map(item, line.items), *more])
        return f"  {line.count}{': ' if line.which else ''}{line.which}{rest}{command}"

    parts = ["\n".join([part.instrument, *map(line, part.lines)]) for part in message.parts]
    attention = [
        "\n".join([group.title, *(f"  {each}" for each in (*group.notices, *_rest(group)))]).replace("`", "")
        for group in message.attention
    ]
    page = f"The whole report: {message.page}" if message.page else ""
    sentences = [
        message.warning.replace("`", ""),
        *attention,
        _lead(message),
        _day_table(message),
        *parts,
        message.rest.replace("`", ""),
        page,
        message.caption,
    ]
    return "\n\n".join(filter(None, sentences)).replace("@", _UNCALLED) + "\n"


def as_markdown(message: Message) -> str:
    """Return the message as Markdown that chat services also understand: no tables, no HTML."""

    def named(text: str, address: str | None) -> str:
        return for_markdown(text) if address is None else markdown_link(for_markdown(text), address)

    def which(line: Line) -> str:
        if any(item.address for item in line.items):
            return ", ".join(named(item.runs, item.address) for item in line.items)
        return for_markdown(line.which)

    def line(line: Line) -> str:
        rest = f" and {line.rest}" if line.rest else ""
        command = f" (`{line.command}`)" if line.command else ""
        return f"- **{line.count}**{': ' if line.which else ''}{which(line)}{rest}{command}"

    parts = [
        "\n".join([f"**{named(part.instrument, part.address)}**", "", *map(line, part.lines)])
        for part in message.parts
    ]
    attention = [
        "\n".join(
            [
                f"**{group.title}**",
                "",
                *(f"- {for_markdown(str(notice))}" for notice in group.notices),
                *(f"- {rest}" for rest in _rest(group)),
            ]
        )
        for group in message.attention
    ]
    warning = f"**{message.warning}**" if message.warning else ""
    page = markdown_link("The whole report", message.page) if message.page else ""
    caption = f"*{for_markdown(message.caption)}*"
    sentences = [
        warning,
        *attention,
        _lead(message),
        _day_sentence(message),
        *parts,
        message.rest,
        page,
        caption,
    ]
    return "\n\n".join(filter(None, sentences)).replace("@", _UNCALLED) + "\n"


def as_html(message: Message) -> str:
    """Return the message as part of a page, with inline styles: chat services drop all others, and tables."""
    return _IN_TEXT.sub(_UNCALLED, _rendered("body.html.j2", message)) + "\n"


def as_page(message: Message) -> str:
    """Return the message as a page for a browser or a mail program, in light or dark."""
    return _rendered("page.html.j2", message) + "\n"


def _rendered(template: str, message: Message) -> str:
    look = Look(message.zone, unicode=True)
    return (
        _environment()
        .get_template(template)
        .render(
            message=message,
            cell=look.text,
            style=look.style,
            linker=partial(linker, message.links),
            day_sentence=_day_sentence(message),
        )
    )


@cache
def _environment() -> "Environment":
    environment = html_templates("digest")
    environment.filters["code"] = _code
    environment.globals |= {
        "colours": COLOURS,
        "heading": _heading,
        "is_left": lambda column: column.kind in TO_THE_LEFT,
    }
    return environment


def _code(sentence: str) -> str:
    """Return a sentence with the parts between backticks as code."""
    from markupsafe import Markup, escape

    parts = sentence.split("`")
    return Markup("").join(
        Markup(_CODE).format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
