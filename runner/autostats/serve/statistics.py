"""The paths of statistics: `/api/`, `/api/IDENT` and `/api/IDENT/layout`."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Self
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from autostats.brand import Brand
from autostats.errors import UsageError
from autostats.published.csv_lines import csv_block, csv_header
from autostats.published.query import (
    Selection,
    blocks,
    count,
    is_everything,
    page_range,
    page_span,
    rows,
    select,
)
from autostats.published.reader import Published, Reading
from autostats.published.words import Query, read_query, unknown_word
from autostats.serve.answers import cache_headers, is_known, json_response, not_modified, tag
from autostats.serve.negotiation import MEDIA_TYPES, NotAcceptable, Served, chosen
from autostats.serve.rendering import Content, rendered
from autostats.serve.request_words import Words, as_words, taken, words_of
from autostats.serve.state import State, state_of
from autostats.serve.statistic_page import around, as_meant

router = APIRouter()
# As many as a picture, or the newest time of one statistic, has use for.
_MOST_DRAWN = 5000
_WHOLE = (Served.SVG, Served.PNG, Served.PROMETHEUS)


def _only_json(request: Request, words: Words) -> str | None:
    """Return the build that a request for JSON names. Raises BadWord for any other parameter."""
    build = taken(words, "build")
    chosen(taken(words, "format"), request.headers.get("accept", ""), (Served.JSON,))
    for name, _ in words:
        raise unknown_word(name, ("build", "format"))
    return build


@router.api_route("/api/", methods=["GET", "HEAD"], operation_id="listing")
async def listing(request: Request) -> Response:
    """List the statistics."""
    build = _only_json(request, words_of(request))
    with state_of(request).builds.reading(build) as published:
        entity_tag = tag(published.facts.build, "list")
        headers = cache_headers(request, entity_tag, is_fixed=build is not None)
        if is_known(request, entity_tag):
            return not_modified(headers)
        found = [
            {
                "ident": each.ident,
                "summary": each.summary,
                "bucket": each.bucket,
                "url": f"/api/{quote(each.ident)}" if each.bucket is not None else None,
                "state": each.state,
                **({"error": each.error} if each.error is not None else {}),
            }
            for each in published.statistics()
        ]
    return json_response(found, headers)


@router.api_route("/api/{ident}/layout", methods=["GET", "HEAD"], operation_id="layout")
async def layout(request: Request, ident: str) -> Response:
    """Describe the columns of a statistic."""
    build = _only_json(request, words_of(request))
    with state_of(request).builds.reading(build) as published:
        statistic = published.statistic(ident)
        entity_tag = tag(published.facts.build, "layout", ident)
        headers = cache_headers(request, entity_tag, is_fixed=build is not None)
        if is_known(request, entity_tag):
            return not_modified(headers)
        types = published.types(ident)
        content = {
            "ident": ident,
            "build": published.facts.build,
            "name": statistic.name,
            "model": statistic.model,
            "plugin": statistic.plugin,
            "summary": statistic.summary,
            "bucket": statistic.bucket,
            "time_column": statistic.time_column,
            "dimensions": statistic.dimensions,
            "measures": statistic.measures,
            "chart": statistic.chart,
            "row_count": statistic.row_count,
            "state": statistic.state,
            "error": statistic.error,
            "built_at": statistic.built_at,
            "columns": [{**row, "type": types[row["name"]]} for row in published.layout(ident)],
        }
    return json_response(content, headers)


@router.api_route("/api/{ident}", methods=["GET", "HEAD"], operation_id="rows_of")
async def rows_of(request: Request, ident: str) -> Response:
    """Return rows of a statistic."""
    state, words = state_of(request), words_of(request)
    named = taken(words, "format")
    wanted = chosen(named, request.headers.get("accept", ""), tuple(Served))
    build = taken(words, "build")
    with ExitStack() as stack:
        published = stack.enter_context(state.builds.reading(build, ident))
        if wanted is Served.HTML:
            words = await as_meant(state, published, ident, words)
        query = read_query(published, ident, words)
        key = (published.facts.build, query, wanted, named is None, state.brand.mark)
        entity_tag = tag(*key)
        headers = cache_headers(request, entity_tag, is_fixed=build is not None)
        if is_known(request, entity_tag):
            return not_modified(headers)
        is_stream = wanted is Served.CSV and query.page is None
        if is_stream and request.method == "HEAD":
            return Response(headers=headers, media_type=MEDIA_TYPES[wanted])
        selection = await _selected(state, published, query)
        if is_stream:
            lines = _lines(state, published, query, selection, stack.pop_all())
            return StreamingResponse(lines, headers=headers, media_type=MEDIA_TYPES[wanted])
        pages = _Pages.of(query, selection, published.facts.build, named)
        if wanted not in _WHOLE:
            headers |= pages.headers
        body = state.answers.get(key)
        if body is None:
            made = partial(_made, state.brand, published, query, selection, wanted, pages)
            body = await state.work.read(published, made)
            state.answers.put(key, body)
    return Response(body, headers=headers, media_type=MEDIA_TYPES[wanted])


@dataclass(frozen=True)
class _Pages:
    """Where a page stands, and the addresses of those around it, which keep to its build."""

    number: int
    pages: int
    previous: str | None
    next: str | None

    @classmethod
    def of(cls, query: Query, selection: Selection, build: str, named: str | None) -> Self:
        """Return where the page of a query stands. Raises PageBeyondEnd."""
        number, pages = page_span(selection, query)

        def address(page: int) -> str | None:
            if not 1 <= page <= pages:
                return None
            words = [*as_words(replace(query, page=page)), ("build", build)]
            words += [("format", named)] if named is not None else []
            return f"/api/{quote(query.ident)}?{urlencode(words)}"

        return cls(number, pages, address(number - 1), address(number + 1))

    @property
    def headers(self) -> dict[str, str]:
        links = {"next": self.next, "prev": self.previous}
        link = ", ".join(f'<{to}>; rel="{rel}"' for rel, to in links.items() if to is not None)
        return {
            **({"link": link} if link else {}),
            "x-link-number": str(self.number),
            "x-link-count": str(self.pages),
        }


async def _selected(state: State, published: Published, query: Query) -> Selection:
    """Return which rows fit; if anybody has asked for them lately, without asking again."""
    if is_everything(query):
        rows = published.statistic(query.ident).row_count
        return Selection(rows, 0, rows)
    key = (published.facts.build, query.ident, query.start, query.stop, query.filters)
    found = state.selections.get(key)
    if found is None:
        found = await state.work.read(published, lambda reading: select(published, reading, query))
        state.selections.put(key, found)
    return found


def _made(
    brand: Brand,
    published: Published,
    query: Query,
    selection: Selection,
    wanted: Served,
    pages: _Pages,
    reading: Reading,
) -> bytes:
    total = count(selection, query)
    if wanted in _WHOLE and query.page is None:
        begin, end = 0, min(total, _MOST_DRAWN)
    else:
        begin, end = page_range(selection, query)
    if wanted is Served.CSV:
        lines = csv_block(published, reading, query, selection, begin, end)
        return csv_header(published, query.ident) + lines
    is_page = wanted is Served.HTML
    is_first = is_page and pages.number == 1
    content = Content(
        facts=published.facts,
        statistic=published.statistic(query.ident),
        columns=published.columns(query.ident),
        rows=rows(published, reading, query, selection, begin, end),
        total=total,
        number=pages.number,
        pages=pages.pages,
        drawn=rows(published, reading, query, selection, 0, min(total, _MOST_DRAWN)) if is_first else (),
        around=around(published, reading, query, as_words(query), pages.previous, pages.next)
        if is_page
        else None,
        brand=brand,
    )
    try:
        return rendered(wanted, content)
    except UsageError:
        raise NotAcceptable(
            "The server cannot draw: it lacks the extra `charts`.", "Ask for html, json, csv or md."
        ) from None


async def _lines(
    state: State, published: Published, query: Query, selection: Selection, kept: ExitStack
) -> AsyncIterator[bytes]:
    """Yield all rows as CSV; the build stays open until the last is sent, or nobody takes any more."""
    with kept:
        yield csv_header(published, query.ident)
        for begin, end in blocks(query, selection):
            block = partial(_block, published, query, selection, begin, end)
            yield await state.work.read(published, block)


def _block(
    published: Published, query: Query, selection: Selection, begin: int, end: int, reading: Reading
) -> bytes:
    return csv_block(published, reading, query, selection, begin, end)
