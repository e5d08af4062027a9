"""CSV that the database puts together is the one that Python would write."""

from datetime import datetime

import pytest
from autostats.home import Home
from autostats.published.csv_lines import csv_block, csv_lines
from autostats.published.query import count, rows, select
from autostats.published.reader import Published
from autostats.published.words import Order, Query
from hypothesis import given, settings
from hypothesis import strategies as st
from support.published import Made, publish

_texts = st.one_of(
    st.none(),
    st.sampled_from(["", "=1", "-1", "-x", "a-b", "'a'", " a", "ünï", "\uff1d1", "+1.5"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6),
)
_rows = st.lists(
    st.tuples(
        st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)),
        _texts,
        st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
        st.one_of(st.none(), st.floats()),
        st.one_of(st.none(), st.booleans()),
    ),
    min_size=1,
    max_size=40,
)


@pytest.mark.slow
@settings(deadline=None, max_examples=12)
@given(made=_rows, order=st.sampled_from(Order))
def test_both_write_the_same(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[object, ...]], order: Order
) -> None:
    folder = tmp_path_factory.mktemp("home")
    literal = ", ".join(f"({', '.join(map(_sql, row))})" for row in made)
    measures = {"number": "count", "ratio": "share", "flag": "flag"}
    query = (
        "select moment::timestamp as moment, name::varchar as name, number::bigint as number,"
        " ratio::double as ratio, flag::boolean as flag"
        f" from (values {literal}) as made (moment, name, number, ratio, flag)"
    )
    publish(folder, [Made("odd-1s", "second", "moment", ["name"], measures, query)])
    with Published.newest(Home(folder)) as published, published.reading() as reading:
        asked = Query("odd-1s", order)
        selection = select(published, reading, asked)
        found = rows(published, reading, asked, selection, 0, count(selection, asked))
        assert len(found) == len(made)
        assert csv_block(published, reading, asked, selection, 0, len(found)) == csv_lines(found)


def _sql(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return f"{value}::boolean"
        case float():
            return f"'{value}'::double"
        case int():
            return f"'{value}'::bigint"
        case datetime():
            return f"timestamp '{value}'"
        case _:
            return "'" + str(value).replace("'", "''") + "'"
