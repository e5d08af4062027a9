"""`/`: the dashboard, and the script that makes it better."""

import logging
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from importlib.resources import files

from fastapi import APIRouter, Request, Response

from autostats.errors import AutostatsError, NoStatisticsError, UsageError
from autostats.links import Links
from autostats.page.dashboard import Around, Filters, dashboard_of_problem, dashboard_page
from autostats.page.sorting import sorting_script
from autostats.published.files import marts_file
from autostats.published.reader import Published, TooSlow
from autostats.published.words import BadWord, unknown_word
from autostats.queries.settings import Settings
from autostats.sections.age import age_sentence
from autostats.serve.answers import cache_headers, is_known, not_modified, tag
from autostats.serve.negotiation import MEDIA_TYPES, Served
from autostats.serve.pages import Opened
from autostats.serve.report_queue import QueueFull
from autostats.serve.request_words import Words, taken, words_of
from autostats.serve.state import State, state_of
from autostats.text import printable
from autostats.warehouse import Warehouse, connect, connect_to_build

router = APIRouter()
_PERIOD = ("last", "from", "to", "cycle")
_OPTION = re.compile(r"--(?=(?:last|from|to|cycle)\b)")
_UNREADABLE = "The figures of this build cannot be read.", "The log of the server says why."
_log = logging.getLogger("autostats")


@dataclass(frozen=True)
class _Wanted:
    """What the address of a dashboard says."""

    instruments: tuple[str, ...]
    period: Mapping[str, str]


class _NoFigures(AutostatsError):
    """A page has no figures, for a reason that it says."""

    def __init__(self, status: int, page: str) -> None:
        super().__init__("There are no figures.")
        self.status = status
        self.page = page


@router.api_route("/static/dashboard.js", methods=["GET", "HEAD"], include_in_schema=False)
async def script(request: Request) -> Response:
    """Return the script of the pages."""
    body = _script()
    entity_tag = tag("script", body)
    headers = cache_headers(request, entity_tag)
    if is_known(request, entity_tag):
        return not_modified(headers)
    return Response(body, headers=headers, media_type="text/javascript")


@cache
def _script() -> bytes:
    dashboard = files("autostats").joinpath("page/dashboard.js").read_text(encoding="utf-8")
    return f"{sorting_script()}\n{dashboard}".encode()


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def dashboard(request: Request) -> Response:
    """Return the dashboard of a period and instruments."""
    state = state_of(request)
    with ExitStack() as stack:
        around = Around(_title(state), request.app.version, Filters(), brand=state.brand)
        try:
            published = stack.enter_context(state.builds.reading())
            around = replace(around, statistics=published.statistics(), build=published.facts.build)
            wanted = _wanted(words_of(request))
        except NoStatisticsError as error:
            return _problem(503, error, around)
        except BadWord as error:
            return _problem(400, error, around)
        now = state.clock()
        words = (wanted.instruments, tuple(wanted.period.items()))
        looks = (around.kind, state.brand.mark)
        key = ("dashboard", published.facts.build, *words, *_of_now(published, now), *looks)
        entity_tag = tag(*key)
        headers = cache_headers(request, entity_tag)
        if is_known(request, entity_tag):
            return not_modified(headers)
        body = state.answers.get(key)
        if body is None:
            make = partial(_made, state, published, wanted, now, replace(around, tag=entity_tag))
            try:
                body = await state.pages.page(key, make, partial(state.answers.put, key))
            except _NoFigures as none:
                return _answer(none.status, none.page)
            except (TooSlow, QueueFull) as error:
                return _problem(504 if isinstance(error, TooSlow) else 429, error, around)
    return Response(body, headers=headers, media_type=MEDIA_TYPES[Served.HTML])


def _title(state: State) -> str:
    return str(state.setup.configuration["title"].value)


def _of_now(published: Published, now: datetime) -> tuple[str, str]:
    """Return what of a page depends on the present: today at the facility, and what is said about its age."""
    facts = published.facts
    settings = Settings(0, facts.autostats_version, facts.facility_timezone, facts.as_of, now)
    return settings.clock.today.isoformat(), age_sentence(settings)


def _wanted(words: Words) -> _Wanted:
    """Return what a query says; an empty field of the form says nothing. Raises BadWord."""
    instruments = tuple(dict.fromkeys(value for name, value in words if name == "instrument" and value))
    words = [word for word in words if word[0] != "instrument"]
    period = {name: value for name in _PERIOD if (value := taken(words, name))}
    for name, _ in words:
        raise unknown_word(name, ("instrument", *_PERIOD))
    for value in (*instruments, *period.values()):
        if "\0" in value:
            raise BadWord("A parameter holds a null character.", "Leave it out.")
    return _Wanted(instruments, period)


def _answer(status: int, page: str) -> Response:
    headers = {"cache-control": "no-store", "vary": "Accept, Origin"}
    if status in (429, 503, 504):
        headers["retry-after"] = "60"
    return Response(page, status, headers, MEDIA_TYPES[Served.HTML])


def _problem(status: int, error: AutostatsError, around: Around) -> Response:
    return _answer(status, dashboard_of_problem(around.kind, str(error), error.remedy, around))


def _opened(state: State, build: str) -> Warehouse:
    """Open the statistics of a build, or on a server the only ones that there are."""
    if state.setup.server is not None:
        return connect(state.setup)
    return connect_to_build(state.setup, build)


def _made(
    state: State, published: Published, wanted: _Wanted, now: datetime, around: Around, opened: Opened
) -> bytes:
    """Return the page. Raises _NoFigures, which has one that says why."""
    build = published.facts.build
    if state.setup.server is None and not marts_file(state.setup.home, build).exists():
        error = NoStatisticsError("This build has no figures beside it.", "`autostats run` publishes them.")
        raise _NoFigures(503, dashboard_of_problem(around.kind, str(error), error.remedy, around))
    try:
        warehouse = _opened(state, build)
    except AutostatsError as error:
        # Its message may name files and servers.
        _log.warning("The dashboard cannot be made: %s %s", error, error.remedy)
        raise _NoFigures(503, dashboard_of_problem(around.kind, *_UNREADABLE, around)) from error
    with warehouse:
        opened(warehouse.connection)
        return _page(warehouse, wanted, now, around, state.links)


def _page(warehouse: Warehouse, wanted: _Wanted, now: datetime, around: Around, links: Links) -> bytes:
    from autostats.page.dashboard_content import known_filters, period_content
    from autostats.queries.choice import chosen_scope

    filters = known_filters(warehouse, wanted.period)
    # The form has no control characters, and neither have the addresses that it leads to.
    by_look = {printable(name): name for name in filters.instruments}
    names = [name if name in filters.instruments else by_look.get(name, name) for name in wanted.instruments]
    first, to, last, cycle = (wanted.period.get(name) for name in ("from", "to", "last", "cycle"))
    try:
        scope = chosen_scope(warehouse, names, first, to, last, cycle, now)
    except UsageError as error:
        around = replace(around, filters=filters)
        said, remedy = (_OPTION.sub("", text) for text in (str(error), error.remedy))
        raise _NoFigures(400, dashboard_of_problem(around.kind, said, remedy, around)) from error
    around = replace(around, filters=replace(filters, chosen=scope.instruments or ()))
    document, page = period_content(scope, cycle, around.kind)
    return dashboard_page(replace(document, links=links), page, around).encode()
