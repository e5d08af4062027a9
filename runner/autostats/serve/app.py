"""The application: its paths, what is done before and after each, and what runs beside them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from autostats import __version__
from autostats.dbt_setup.setup import Setup
from autostats.errors import AutostatsError, NoStatisticsError
from autostats.published.reader import Statistic
from autostats.serve import dashboard, metrics, reports, statistics
from autostats.serve.answers import explained, failed, json_response
from autostats.serve.builds import Builds
from autostats.serve.command import run_autostats
from autostats.serve.guard import Guard
from autostats.serve.openapi import describe
from autostats.serve.report_queue import ReportQueue
from autostats.serve.report_store import ReportStore
from autostats.serve.settings import ServeSettings
from autostats.serve.state import State, state_of
from autostats.text import printable
from autostats.warehouse import utc_now

_LOOK_SECONDS = 0.5
_log = logging.getLogger("autostats")


def application(
    setup: Setup,
    store: ReportStore,
    settings: ServeSettings,
    *,
    hosts: Collection[str] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """Return the application that serves the published builds of a home, and makes reports of them."""
    token, origins = settings.token, settings.origins
    state = State(
        setup,
        Builds(setup.home),
        clock,
        has_token=token is not None,
        origins=origins,
        links=settings.links,
        brand=settings.brand,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state.reports = ReportQueue(
            store, partial(run_autostats, root=setup.home.root), clock, settings.keep_reports
        )
        watching = asyncio.create_task(_watch(state, _look(state)))
        try:
            yield
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
            await state.reports.close()
            state.work.close()
            state.pages.close()
            state.builds.close()

    app = FastAPI(
        title="autostats",
        version=__version__,
        summary="Statistics of a data-reduction service.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.autostats = state
    for each in (statistics, reports, metrics, dashboard):
        app.include_router(each.router)
    app.add_api_route("/healthz", _health, methods=["GET", "HEAD"], operation_id="health")
    app.openapi = partial(_described, app)  # type: ignore[method-assign]
    for kind in (AutostatsError, Exception):
        app.add_exception_handler(kind, explained)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(Guard, token=token, hosts=hosts, origins=origins)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=["Authorization", "Content-Type", "If-None-Match"],
            expose_headers=["ETag", "Link", "Retry-After", "X-Link-Count", "X-Link-Number"],
        )
    return app


def _look(state: State, told: Collection[str] = ()) -> list[str]:
    """Open new builds and return what is wrong, which the log hears unless it was `told` so before."""
    try:
        troubles = [f"{error} {error.remedy}" for error in state.builds.look()]
    except OSError as error:
        # The folder may be back soon.
        troubles = [f"The published builds cannot be looked at: {error}"]
    for trouble in troubles:
        if trouble not in told:
            _log.warning("%s", trouble)
    return troubles


async def _watch(state: State, told: Collection[str]) -> None:
    """Open new builds as they are published."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        told = await asyncio.to_thread(_look, state, told)


def _described(app: FastAPI) -> dict[str, Any]:
    state: State = app.state.autostats
    statistics: Sequence[Statistic] = ()
    with suppress(NoStatisticsError), state.builds.reading() as published:
        statistics = published.statistics()
    return describe(app, statistics, has_token=state.has_token)


async def _health(request: Request) -> Response:
    """Say that the server is there, and which build it serves, if any is published."""
    build = None
    with suppress(NoStatisticsError), state_of(request).builds.reading() as published:
        build = published.facts.build
    return json_response({"status": "ok", "build": build}, {"cache-control": "no-store"})


async def _unknown(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    match error.status_code:
        case 404:
            return failed(404, "There is nothing at this path.", "/api/ lists the statistics.", headers)
        case 405:
            return failed(405, "This path does not take this method.", "The header Allow has those.", headers)
        case status:
            return failed(status, str(error.detail), "", headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:]) or "The body"
    return failed(400, f"{printable(place)[:80]}: {first['msg']}.", "/openapi.json describes what there is.")
