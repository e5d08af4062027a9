"""A message as text, as Markdown and as HTML."""

from functools import cache
from typing import TYPE_CHECKING

from autostats.digest.message import Line, Message, listed
from autostats.render.templates import html_templates
from autostats.text import for_markdown

if TYPE_CHECKING:
    from jinja2 import Environment

# A name must not notify people: chat services look for `@here` and the like in any text.
_UNCALLED = "@\u200b"
# Apprise breaks lines around a <code> when it makes the text of an email.
_CODE = '<span style="font-family:monospace">{}</span>'


def _lead(message: Message) -> str:
    return f"Since {message.since}: {listed(message.counts)}." if message.counts else ""


def as_text(message: Message) -> str:
    """Return the message as plain text."""

    def line(line: Line) -> str:
        rest = f" and {line.rest}" if line.rest else ""
        command = f" ({line.command})" if line.command else ""
        return f"  {line.count}{': ' if line.which else ''}{line.which}{rest}{command}"

    parts = ["\n".join([part.instrument, *map(line, part.lines)]) for part in message.parts]
    sentences = [message.warning, _lead(message), *parts, message.rest, message.caption]
    return "\n\n".join(filter(None, sentences)).replace("`", "").replace("@", _UNCALLED) + "\n"


def as_markdown(message: Message) -> str:
    """Return the message as Markdown that chat services also understand: no tables, no HTML."""

    def line(line: Line) -> str:
        rest = f" and {line.rest}" if line.rest else ""
        command = f" (`{line.command}`)" if line.command else ""
        which = f": {for_markdown(line.which)}" if line.which else ""
        return f"- **{line.count}**{which}{rest}{command}"

    parts = [
        "\n".join([f"**{for_markdown(part.instrument)}**", "", *map(line, part.lines)])
        for part in message.parts
    ]
    warning = f"**{message.warning}**" if message.warning else ""
    caption = f"*{for_markdown(message.caption)}*"
    sentences = [warning, _lead(message), *parts, message.rest, caption]
    return "\n\n".join(filter(None, sentences)).replace("@", _UNCALLED) + "\n"


def as_html(message: Message) -> str:
    """Return the message as part of a page, with inline styles: mail programs drop all others."""
    return _environment().get_template("body.html.j2").render(message=message) + "\n"


def as_page(message: Message) -> str:
    """Return the message as a page for a browser."""
    return _environment().get_template("page.html.j2").render(message=message) + "\n"


@cache
def _environment() -> "Environment":
    environment = html_templates("digest")
    environment.filters["code"] = _code
    return environment


def _code(sentence: str) -> str:
    """Return a sentence with the parts between backticks as code."""
    from markupsafe import Markup, escape

    parts = sentence.split("`")
    return Markup("").join(
        Markup(_CODE).format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
