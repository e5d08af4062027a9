"""Which cells of a table lead to a page: by the kinds of its columns."""

from collections.abc import Callable
from typing import Any

from autostats.links import Links
from autostats.render.section import Column, Kind, Row, Section

Linker = Callable[[Column, Row], str | None]

# What jobs without an instrument belong to.
_NO_INSTRUMENT = "unknown"
_THINGS = {Kind.INSTRUMENT: "instrument", Kind.RUN: "run", Kind.JOB: "job", Kind.RB: "rb"}


def linker(links: Links, section: Section) -> Linker:
    """Return the function that gives the address for a cell of the section's rows, or None.

    A cell leads to what it names. What else its address needs is in the row, in the first column of that
    kind, or is what the whole section is about.
    """
    places: dict[str, str] = {}
    for column in section.columns:
        if column.kind in _THINGS:
            places.setdefault(_THINGS[column.kind], column.name)

    def address(column: Column, row: Row) -> str | None:
        thing = _THINGS.get(column.names or column.kind, "")
        value = row.get(column.name)
        if thing not in links.templates or value is None or (column.names and not str(value).isdecimal()):
            return None
        values: dict[str, Any] = dict(section.about)
        values |= {name: row.get(place) for name, place in places.items()}
        values[thing] = value
        if values.get("instrument") == _NO_INSTRUMENT:
            del values["instrument"]
        return links.address(thing, values)

    return address
