"""The rows of a statistic that a query means: how many there are, a page of them, or all by and by.

The rows of a published statistic are numbered by time and dimensions. A page is therefore a range of these
numbers, whichever page it is; with filters, a mark at every hundredth row that fits says where to begin.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autostats.errors import UsageError
from autostats.published.reader import Published, Reading
from autostats.published.words import Order, Query
from autostats.sql_text import quoted

_MARK_EVERY = 100
_ROWS_AT_A_TIME = 10_000
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_AS_THEY_ARE = (*INTEGERS, "BOOLEAN", "VARCHAR", "DATE", "TIMESTAMP")
Values = tuple[Any, ...]


class PageBeyondEnd(UsageError):
    """A page that the rows do not reach."""


@dataclass(frozen=True)
class Selection:
    """The rows that fit: their count, and the positions from `first` up to and without `after`.

    `marks` holds the position of every hundredth of them if others lie between.
    """

    total: int
    first: int
    after: int
    marks: Sequence[int] = field(default=(), repr=False)


def select(published: Published, reading: Reading, query: Query) -> Selection:
    """Return which rows fit the times and filters of a query, in no order yet."""
    table = _table(query)
    first, after = 0, published.statistic(query.ident).row_count
    if is_everything(query):
        return Selection(after, first, after)
    if query.start is not None or query.stop is not None:
        column = quoted(published.statistic(query.ident).time_column or "")
        bounds = [(">=", query.start), ("<", query.stop)]
        given = [(sign, bound) for sign, bound in bounds if bound is not None]
        condition = " and ".join(f"{column} {sign} ?" for sign, _ in given)
        found = reading.rows(
            f"select min(position), max(position) + 1 from {table} where {condition}",
            [bound for _, bound in given],
        )
        first, after = found[0] if found[0][0] is not None else (0, 0)
    if not query.filters:
        return Selection(after - first, first, after)
    fits, parameters = _fits(published, query)
    numbered = (
        "select position, row_number() over (order by position) - 1 as place, count(*) over () as total"
        f" from {table} where position >= ? and position < ? and {fits}"
    )
    marks = reading.rows(
        f"select position, total from ({numbered}) where place % {_MARK_EVERY} = 0 order by position",
        [first, after, *parameters],
    )
    total = marks[0][1] if marks else 0
    return Selection(total, first, after, array("q", [position for position, _ in marks]))


def is_everything(query: Query) -> bool:
    """Return whether all rows fit, so that it takes no reading to say how many."""
    return query.start is None and query.stop is None and not query.filters


def count(selection: Selection, query: Query) -> int:
    """Return how many rows a query means, at most its `limit`."""
    return selection.total if query.limit is None else min(selection.total, query.limit)


def page_span(selection: Selection, query: Query) -> tuple[int, int]:
    """Return the number of the page that a query names, else 1, and how many there are.

    Raises PageBeyondEnd.
    """
    number, pages = query.page or 1, max(1, -(-count(selection, query) // query.rows_per_page))
    if number > pages:
        raise PageBeyondEnd(
            f"There is no page {number}: the last one is page {pages}.", f"Ask for page=1 to page={pages}."
        )
    return number, pages


def page_range(selection: Selection, query: Query) -> tuple[int, int]:
    """Return the range of rows on the page that a query names, else on the first. Raises PageBeyondEnd."""
    number, _ = page_span(selection, query)
    begin = (number - 1) * query.rows_per_page
    return begin, min(begin + query.rows_per_page, count(selection, query))


def page(published: Published, reading: Reading, query: Query, selection: Selection) -> list[Values]:
    """Return the rows of the page that a query names, else of the first. Raises PageBeyondEnd."""
    return rows(published, reading, query, selection, *page_range(selection, query))


def rows(
    published: Published, reading: Reading, query: Query, selection: Selection, begin: int, end: int
) -> list[Values]:
    """Return the rows from `begin` up to and without `end`, counted in the order of the query.

    Values are None, bool, int, float, str, date or datetime (UTC); what is no finite number is None.
    """
    if end <= begin:
        return []
    source, parameters = span(published, query, selection, begin, end)
    shown = ", ".join(values(published, query.ident).values())
    return reading.rows(f"select {shown} from {source} order by position {direction(query)}", parameters)


def span(
    published: Published, query: Query, selection: Selection, begin: int, end: int
) -> tuple[str, list[Any]]:
    """Return a source, in SQL, of the rows from `begin` up to and without `end`, and its parameters.

    There must be any. The rows are counted in the order of the query, but come in none.
    """
    backwards = query.order is Order.DESC
    low, high = (selection.total - end, selection.total - begin) if backwards else (begin, end)
    between = f"{_table(query)} where position >= ? and position < ?"
    if not query.filters:
        return f"(from {between})", [selection.first + low, selection.first + high]
    begins, ends = low // _MARK_EVERY, -(-high // _MARK_EVERY)
    marks = selection.marks
    fits, parameters = _fits(published, query)
    after = marks[ends] if ends < len(marks) else selection.after
    return (
        f"(from {between} and {fits} order by position limit ? offset ?)",
        [marks[begins], after, *parameters, high - low, low - begins * _MARK_EVERY],
    )


def direction(query: Query) -> str:
    """Return how to sort by position."""
    return "desc" if query.order is Order.DESC else "asc"


def blocks(query: Query, selection: Selection) -> Iterator[tuple[int, int]]:
    """Yield the ranges of rows, in the order of the query, in which all of them are read by and by."""
    total = count(selection, query)
    for begin in range(0, total, _ROWS_AT_A_TIME):
        yield begin, min(begin + _ROWS_AT_A_TIME, total)


def _table(query: Query) -> str:
    return f"served.{quoted(query.ident)}"


def _fits(published: Published, query: Query) -> tuple[str, list[str]]:
    """Return the condition that the dimensions have the texts of a query, and its parameters."""
    types = published.types(query.ident)
    conditions, parameters = [], list[str]()
    for name, texts in query.filters:
        column = quoted(name) if types[name] == "VARCHAR" else f"cast({quoted(name)} as varchar)"
        # What is empty in csv is asked for as an empty text.
        column = f"coalesce({column}, '')" if "" in texts else column
        conditions.append(f"{column} in ({', '.join('?' for _ in texts)})")
        parameters += texts
    return " and ".join(conditions), parameters


def values(published: Published, ident: str) -> dict[str, str]:
    """Return, in SQL, the value of each column that a format can show, by name."""
    types = published.types(ident)
    return {row["name"]: _value(row["name"], types[row["name"]]) for row in published.layout(ident)}


def _value(name: str, kind: str) -> str:
    """Return a column as a value that each format can show."""
    column = quoted(name)
    if kind in _AS_THEY_ARE:
        return column
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({column}))"
    if kind.startswith("TIMESTAMP"):
        return f"cast({column} as timestamp)"
    if kind in ("FLOAT", "DOUBLE"):
        return f"case when isfinite({column}) then {column} end"
    if kind == "HUGEINT" or kind.startswith("DECIMAL"):
        return f"cast({column} as double)"
    return f"cast({column} as varchar)"
