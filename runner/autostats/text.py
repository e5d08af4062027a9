"""Text for people: names and other foreign text made safe for each place, and counts."""

import re
from collections.abc import Sequence

# Control characters, and marks that change the direction of the surrounding text.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_UNPRINTABLE_IN_CSV = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
# What a spreadsheet takes for the start of a formula, full-width forms included.
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#!|~])")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def printable(text: str) -> str:
    """Return `text` on one line, with each control character as a visible escape."""
    return _UNPRINTABLE.sub(_escape, text)


def for_csv(text: str) -> str:
    """Return `text` as a CSV cell that no spreadsheet runs: a formula gets a `'` before it."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        text = f"'{text}"
    return _UNPRINTABLE_IN_CSV.sub(_escape, text)


def for_markdown(text: str) -> str:
    """Return `text` as a cell in a markdown table: no markup, no HTML, one line."""
    escaped = printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", escaped)


def markdown_link(escaped: str, address: str) -> str:
    """Return a link in Markdown; the address has no characters that are not allowed in one."""
    return f"[{escaped}]({address.replace('(', '%28').replace(')', '%29')})"


def first_few(names: Sequence[str], most: int, thing: str) -> str:
    """Return `a, b and 3 more things`: the first names, and how many others there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {counted(more, f'more {thing}')}" if more > 0 else "")


def plural(number: int, thing: str) -> str:
    """Return the noun for a number of things: `run` for one, else `runs`."""
    return thing if number == 1 else f"{thing}s"


def counted(number: int, thing: str) -> str:
    """Return `1 run` or `2,000 runs`."""
    return f"{number:,} {plural(number, thing)}"
