"""Queries on the rows of published statistics, compared with plain Python."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from autostats.errors import NoStatisticsError
from autostats.home import Home
from autostats.published.query import PageBeyondEnd, Selection, blocks, count, page, page_span, rows, select
from autostats.published.reader import ExpiredBuild, Published, UnknownStatistic
from autostats.published.words import BadWord, Order, Query, read_query
from hypothesis import given, settings
from hypothesis import strategies as st
from support.published import INSTRUMENTS, jobs_by_day, odd_values, publish, volume_by_second

SECONDS = 2_345


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("published")
    publish(
        folder, [jobs_by_day(), odd_values(), volume_by_second(SECONDS)], failed={"mine": "no such column"}
    )
    return Home(folder)


@pytest.fixture(scope="module")
def published(home: Home) -> Published:
    return Published.newest(home)


def everything(published: Published, query: Query) -> list[tuple[object, ...]]:
    with published.reading() as reading:
        selection = select(published, reading, query)
        return [
            row
            for begin, end in blocks(query, selection)
            for row in rows(published, reading, query, selection, begin, end)
        ]


def test_it_knows_what_is_published(published: Published) -> None:
    assert [each.ident for each in published.statistics()] == ["jobs-1d", "mine", "odd-1h", "volume-1s"]
    assert published.facts.facility_timezone == "Europe/London"
    assert [column.name for column in published.columns("jobs-1d")] == [
        *("day", "instrument", "jobs_total", "pass_rate")
    ]
    with pytest.raises(UnknownStatistic, match="no statistic 'job-1d'") as caught:
        published.statistic("job-1d")
    assert caught.value.remedy == "Did you mean jobs-1d?"
    with pytest.raises(UnknownStatistic, match="mine has not been built yet: no such column"):
        published.statistic("mine")


def test_a_build_that_is_gone_has_expired(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ExpiredBuild):
        Published.of(home, "../published/x")
    with pytest.raises(NoStatisticsError):
        Published.newest(Home(tmp_path))


def test_nobody_can_write_to_a_build_or_leave_it(published: Published) -> None:
    import duckdb

    with published.reading() as reading:
        for statement in ("create table served.x as select 1", "select * from read_csv('/etc/passwd')"):
            with pytest.raises(duckdb.Error):
                reading.rows(statement)


_moments = st.one_of(
    st.none(),
    st.integers(-10, SECONDS + 10).map(lambda second: datetime(2020, 1, 1) + timedelta(seconds=second)),
)


@settings(deadline=None)
@given(
    order=st.sampled_from(Order),
    start=_moments,
    stop=_moments,
    names=st.lists(st.integers(0, 25).map(lambda number: f"INST{number:02}"), max_size=4, unique=True),
    limit=st.one_of(st.none(), st.integers(1, SECONDS + 5)),
    rows_per_page=st.integers(1, 100),
    data=st.data(),
)
def test_a_page_is_the_slice_of_all_rows_that_fit(
    published: Published,
    order: Order,
    start: datetime | None,
    stop: datetime | None,
    names: list[str],
    limit: int | None,
    rows_per_page: int,
    data: st.DataObject,
) -> None:
    every = everything(published, Query("volume-1s", Order.ASC))
    assert len(every) == SECONDS
    fitting = [
        row
        for row in every
        if (start is None or row[0] >= start)
        and (stop is None or row[0] < stop)
        and (not names or row[1] in names)
    ]
    expected = (fitting if order is Order.ASC else fitting[::-1])[:limit]
    pages = max(1, -(-len(expected) // rows_per_page))
    number = data.draw(st.integers(1, pages + 1))
    filters = (("instrument", tuple(sorted(names))),) if names else ()
    query = Query("volume-1s", order, start, stop, filters, limit, number, rows_per_page)
    with published.reading() as reading:
        selection = select(published, reading, query)
        assert count(selection, query) == len(expected)
        if number > pages:
            with pytest.raises(PageBeyondEnd):
                page(published, reading, query, selection)
            return
        found = page(published, reading, query, selection)
    begin = (number - 1) * rows_per_page
    assert found == expected[begin : begin + rows_per_page]
    assert page_span(selection, query) == (number, pages)
    assert everything(published, query) == expected


def test_values_without_a_number_are_none(published: Published) -> None:
    assert everything(published, Query("odd-1h", Order.ASC)) == [
        (datetime(2020, 2, 10, 10), "=1+1", None, None, True),
        (datetime(2020, 2, 10, 11, 0, 0, 500_000), 'a,"b"\nc', None, 1.25, False),
        (datetime(2020, 2, 10, 12), "<b>über</b> 🚀", 1.5, -3.0, None),
        (datetime(2020, 2, 10, 13), "", 0.1, 10.5, True),
        (datetime(2020, 2, 10, 14), None, 1e300, 2.0, True),
    ]
    empty = read_query(published, "odd-1h", [("name", "")])
    assert [row[1] for row in everything(published, empty)] == [None, ""]


@pytest.mark.parametrize(
    ("ident", "words", "start", "stop"),
    [
        ("jobs-1d", {"start": "2020-02-10"}, date(2020, 2, 10), None),
        (
            "jobs-1d",
            {"start": "2020-02-10T00:00:00Z", "stop": "2020-02-11T00:00:01Z"},
            *[date(2020, 2, 10), date(2020, 2, 12)],
        ),
        ("jobs-1d", {"start": "2020-07-10T00:00:00Z"}, date(2020, 7, 11), None),
        ("jobs-1d", {"start": "2020-07-10T00:00:00+01:00"}, date(2020, 7, 10), None),
        ("odd-1h", {"start": "2020-07-10"}, datetime(2020, 7, 9, 23), None),
        ("odd-1h", {"stop": "2020-02-10T10:00:00 01:00"}, None, datetime(2020, 2, 10, 9)),
        ("odd-1h", {"stop": "2020-02-10 10:00"}, None, datetime(2020, 2, 10, 10)),
    ],
)
def test_days_are_local_and_instants_utc(
    published: Published, ident: str, words: dict[str, str], start: object, stop: object
) -> None:
    query = read_query(published, ident, words.items())
    assert (query.start, query.stop) == (start, stop)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([("instrumnt", "WISH")], "Did you mean instrument"),
        ([("order", "up")], "order='up'"),
        ([("page", "0")], "page='0'"),
        ([("page", "1"), ("page", "2")], "given 2 times"),
        ([("page", "²")], "page="),
        ([("rows_per_page", "101")], "1 to 100"),
        ([("limit", "-1")], "limit='-1'"),
        ([("limit", "9" * 30)], "limit="),
        ([("start", "yesterday")], "neither a day nor a time"),
        ([("start", "0001-01-01T00:00:00+10:00")], "neither a day nor a time"),
        ([("stop", "9999-12-31T23:59:59Z")], "neither a day nor a time"),
        ([("instrument", "a\0b")], "null character"),
        ([("instrument", "x" * 1001)], "too long"),
        ([("day", "2020-02-10")], "no parameter 'day'"),
    ],
)
def test_words_without_a_meaning_are_refused(
    published: Published, words: list[tuple[str, str]], message: str
) -> None:
    with pytest.raises(BadWord, match=message) as caught:
        read_query(published, "jobs-1d", words)
    assert caught.value.remedy


def test_a_filter_takes_any_of_its_values(published: Published) -> None:
    query = read_query(published, "jobs-1d", [("instrument", "GEM"), ("instrument", "WISH"), ("limit", "4")])
    assert [row[1] for row in everything(published, query)] == ["WISH", "GEM", "WISH", "GEM"]
    assert INSTRUMENTS == ("GEM", "MARI", "WISH")
    hostile = read_query(published, "jobs-1d", [("instrument", "x' or 1=1 --")])
    assert everything(published, hostile) == []
    with published.reading() as reading:
        assert select(published, reading, hostile) == Selection(
            0, 0, 90, select(published, reading, hostile).marks
        )
