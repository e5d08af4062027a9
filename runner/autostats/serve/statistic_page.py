"""What the page of a statistic has besides its rows: filters, and what an empty field of them means."""

from functools import partial
from urllib.parse import quote, urlencode

from autostats.page.statistic import Around, Choice
from autostats.published.dimensions import dimension_values
from autostats.published.reader import Published, Reading
from autostats.published.words import Query
from autostats.serve.request_words import Words, moment_text
from autostats.serve.state import State
from autostats.text import printable

# As many as somebody looks through.
_MOST_VALUES = 200
_MAY_BE_EMPTY = ("start", "stop")


async def as_meant(state: State, published: Published, ident: str, words: Words) -> Words:
    """Return the words that a form means: an empty time is none, and control characters come escaped."""
    words = [word for word in words if word[1] or word[0] not in _MAY_BE_EMPTY]
    if not any("\\" in value for _, value in words):
        return words
    read = partial(dimension_values, published, ident=ident, most=_MOST_VALUES)
    values = await state.work.read(published, lambda reading: read(reading))
    by_look = {
        (name, printable(value)): value
        for name, found in values.items()
        for value in found
        if value is not None
    }
    return [(name, by_look.get((name, value), value)) for name, value in words]


def around(
    published: Published,
    reading: Reading,
    query: Query,
    words: Words,
    previous: str | None,
    after: str | None,
) -> Around:
    """Return the filters of a page, and the addresses around it."""
    values = dimension_values(published, reading, query.ident, _MOST_VALUES)
    chosen, headings = (
        dict(query.filters),
        {each.name: each.heading for each in published.columns(query.ident)},
    )
    kind = published.types(query.ident).get(published.statistic(query.ident).time_column or "", "")
    has_times = kind == "DATE" or kind.startswith("TIMESTAMP")
    return Around(
        address=f"/api/{quote(query.ident)}",
        query=urlencode([word for word in words if word[0] not in ("page", "rows_per_page")]),
        choices=[
            Choice(
                name=name,
                heading=headings[name].replace("-\n", "").replace("\n", " "),
                values=list(dict.fromkeys((*(value or "" for value in found), *chosen.get(name, ())))),
                chosen=chosen.get(name, ()),
            )
            for name, found in values.items()
        ],
        start=(moment_text(query.start) or "") if has_times else None,
        stop=(moment_text(query.stop) or "") if has_times else None,
        previous=previous,
        next=after,
    )
