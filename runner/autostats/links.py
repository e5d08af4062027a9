"""Addresses of pages about an instrument, a run or a job: templates, checked, and filled in with values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote, urlsplit

# What a template may ask for, each by the word for it.
PLACEHOLDERS = ("instrument", "run", "job", "rb")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# RFC 3986: everything else in an address is percent-encoded.
_FOREIGN = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")


class BadTemplate(ValueError):
    """A template is no address: the message says why, as the end of a sentence; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(frozen=True)
class Links:
    """The templates by what they lead to: `instrument`, `run`, `job`."""

    templates: Mapping[str, str] = field(default_factory=dict)

    def address(self, thing: str, values: Mapping[str, Any]) -> str | None:
        """Return the address of a thing; None if it has no template, or a value that it needs is missing."""
        template = self.templates.get(thing)
        return None if template is None else filled(template, values)


NO_LINKS = Links()


def checked(template: str, allowed: tuple[str, ...] = PLACEHOLDERS) -> str:
    """Return a template that is an http or https address. Raises BadTemplate."""
    template = template.strip()
    for name in _PLACEHOLDER.findall(template):
        if name not in allowed:
            raise BadTemplate(f"has an unknown placeholder, {{{name}}}", _meant(name, allowed))
    bare = _PLACEHOLDER.sub("0", template)
    if not re.match(r"https?://", bare, re.IGNORECASE):
        raise BadTemplate(
            "does not begin with http:// or https://", "Write the whole address, scheme included."
        )
    if foreign := _FOREIGN.search(bare):
        raise BadTemplate(
            f"has a character that an address cannot have, {foreign[0]!r}",
            f"Percent-encode it: {quote(foreign[0], safe='')}.",
        )
    try:
        parts = urlsplit(bare)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_whole = False
    if not is_whole:
        raise BadTemplate("does not name a host", "Write it after the scheme: https://host/path.")
    if "@" in parts.netloc:
        raise BadTemplate("has a login", "Everybody who gets a report could read it: leave it out.")
    if "{" in template.split("://", 1)[1].partition("/")[0].partition("?")[0]:
        raise BadTemplate("has a placeholder in its host", "Use placeholders after the host.")
    return template


def filled(template: str, values: Mapping[str, Any]) -> str | None:
    """Return the address with each value percent-encoded; None if one that it needs is missing."""
    found = {name: values.get(name) for name in _PLACEHOLDER.findall(template)}
    if any(value is None or value == "" for value in found.values()):
        return None
    address = _PLACEHOLDER.sub(lambda place: quote(str(found[place[1]]), safe=""), template)
    # Chat services look for names of people behind it.
    return address.replace("@", "%40")


def _meant(name: str, allowed: tuple[str, ...]) -> str:
    known = f"There are {', '.join(f'{{{each}}}' for each in allowed)}." if allowed else "It takes none."
    near = get_close_matches(name.lower(), allowed, 1)
    return f"Did you mean {{{near[0]}}}? {known}" if near else known
