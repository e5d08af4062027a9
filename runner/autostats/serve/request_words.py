"""The words of a request's query."""

from datetime import date, datetime
from urllib.parse import parse_qsl

from fastapi import Request

from autostats.published.words import MOST_ROWS_PER_PAGE, BadWord, Order, Query

_MOST_WORDS = 300
Words = list[tuple[str, str]]


def words_of(request: Request) -> Words:
    """Return the names and values in the query of a request. Raises BadWord when there are too many."""
    text = request.scope["query_string"].decode("latin-1")
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_WORDS)
    except ValueError:
        raise BadWord("The query has too many parameters.", f"Give at most {_MOST_WORDS}.") from None


def taken(words: Words, name: str) -> str | None:
    """Take a parameter out of the words of a query. Raises BadWord when it is there twice."""
    values = [value for each, value in words if each == name]
    if len(values) > 1:
        raise BadWord(f"{name} is given {len(values)} times.", "Give it once.")
    words[:] = [word for word in words if word[0] != name]
    return values[0] if values else None


def as_words(query: Query) -> Words:
    """Return the words that mean a query."""
    once = {
        "order": query.order if query.order is not Order.DESC else None,
        "start": moment_text(query.start),
        "stop": moment_text(query.stop),
        "limit": query.limit,
        "rows_per_page": query.rows_per_page if query.rows_per_page != MOST_ROWS_PER_PAGE else None,
        "page": query.page,
    }
    filters = [(name, text) for name, texts in query.filters for text in texts]
    return [*filters, *((name, str(value)) for name, value in once.items() if value is not None)]


def moment_text(moment: date | None) -> str | None:
    """Return a day or an instant (UTC) as a query names it."""
    if moment is None:
        return None
    return f"{moment.isoformat()}Z" if isinstance(moment, datetime) else moment.isoformat()
