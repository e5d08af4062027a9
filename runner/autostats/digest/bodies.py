"""A message as text, as Markdown and as HTML."""

from functools import cache
from typing import TYPE_CHECKING

from autostats.digest.message import Line, Message
from autostats.render.text import for_markdown

if TYPE_CHECKING:
    from jinja2 import Template

# A name must not call people up: chat services look for `@here` and the like in any text.
_UNCALLED = "@\u200b"


def as_text(message: Message) -> str:
    """Return the message as plain text."""

    def line(line: Line) -> str:
        rest = f" and {line.rest}" if line.rest else ""
        command = f" ({line.command})" if line.command else ""
        return f"  {line.count:,} {line.what}{': ' if line.runs else ''}{line.runs}{rest}{command}"

    parts = ["\n".join([part.instrument, *map(line, part.lines)]) for part in message.parts]
    sentences = [message.warning, message.lead, *parts, message.rest, message.caption]
    return "\n\n".join(filter(None, sentences)).replace("`", "").replace("@", _UNCALLED) + "\n"


def as_markdown(message: Message) -> str:
    """Return the message as Markdown that chat services, too, understand: no tables, no HTML."""

    def line(line: Line) -> str:
        rest = f" and {line.rest}" if line.rest else ""
        command = f" (`{line.command}`)" if line.command else ""
        return f"- **{line.count:,} {line.what}**{': ' if line.runs else ''}{line.runs}{rest}{command}"

    parts = [
        "\n".join([f"**{for_markdown(part.instrument)}**", "", *map(line, part.lines)])
        for part in message.parts
    ]
    warning = f"**{message.warning}**" if message.warning else ""
    caption = f"*{for_markdown(message.caption)}*"
    sentences = [warning, message.lead, *parts, message.rest, caption]
    return "\n\n".join(filter(None, sentences)).replace("@", _UNCALLED) + "\n"


def as_html(message: Message) -> str:
    """Return the message as a part of a page, its styles in the elements: mail programs drop all others."""
    return _template().render(message=message) + "\n"


@cache
def _template() -> "Template":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autostats.digest", "."),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["code"] = _code
    return environment.get_template("body.html")


def _code(sentence: str) -> str:
    """Return a sentence with what stands between backticks as code."""
    from markupsafe import Markup, escape

    parts = sentence.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )
