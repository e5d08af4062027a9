"""`/metrics`: the figures of the newest build for Prometheus, and the server's own."""

import logging
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import APIRouter, Request, Response

from autostats.published.files import marts_file
from autostats.published.reader import Published
from autostats.render.as_prometheus import as_prometheus
from autostats.render.section import Document, Metric
from autostats.serve.command import CommandFailed, options_of, run_autostats
from autostats.serve.negotiation import MEDIA_TYPES, Served
from autostats.serve.state import State, state_of

router = APIRouter()
_TRY_AGAIN_SECONDS = 60.0
_log = logging.getLogger("autostats")


@router.api_route("/metrics", methods=["GET", "HEAD"], operation_id="metrics")
async def metrics(request: Request) -> Response:
    """Return the metrics of `autostats report --format prometheus`, and a few of the server."""
    state = state_of(request)
    with state.builds.reading() as published:
        of_report = await _of_report(state, published.facts.build)
        own = _of_server(published, state.clock(), has_report=of_report is not None)
    body = (of_report or b"") + as_prometheus(Document("", {}, [], "UTC", metrics=own)).encode()
    return Response(body, headers={"cache-control": "no-store"}, media_type=MEDIA_TYPES[Served.PROMETHEUS])


def _of_server(published: Published, now: datetime, *, has_report: bool) -> list[Metric]:
    states = Counter(each.state for each in published.statistics())
    published_at = published.facts.published_at
    return [
        Metric(
            "autostats_served_build_timestamp_seconds",
            "The moment at which the build that is served was published.",
            [({}, published_at.replace(tzinfo=UTC).timestamp())],
        ),
        Metric(
            "autostats_served_build_age_seconds",
            "How long ago the build that is served was published.",
            [({}, (now - published_at).total_seconds())],
        ),
        Metric(
            "autostats_served_statistics",
            "The statistics that are served, by state.",
            [({"state": state}, states[state]) for state in ("ok", "failed")],
        ),
        Metric(
            "autostats_served_report_metrics",
            "1 if the metrics of the report are here too, 0 if they could not be read.",
            [({}, int(has_report))],
        ),
    ]


async def _of_report(state: State, build: str) -> bytes | None:
    """Return the metrics of the report, made once for each build; None if that has just failed."""
    key = (build, "metrics")
    async with state.making_metrics:
        kept = state.answers.get(key)
        if kept is None and time.monotonic() >= state.metrics_failed_until:
            kept = await _made(state, build)
            if kept is None:
                state.metrics_failed_until = time.monotonic() + _TRY_AGAIN_SECONDS
            else:
                state.answers.put(key, kept)
    return kept


async def _made(state: State, build: str) -> bytes | None:
    of_build = [f"--build={build}"] if marts_file(state.setup.home, build).exists() else []
    try:
        with TemporaryDirectory(prefix="autostats-metrics-") as folder:
            file = Path(folder) / "metrics.prom"
            words = ["report", *options_of(state.setup), *of_build, "--format=prometheus", f"--output={file}"]
            await run_autostats(words, state.setup.home.root)
            return file.read_bytes()
    except CommandFailed as error:
        _log.warning("The metrics of the report are not there: %s %s", error, error.remedy)
    except OSError as error:
        # Such as a full disk: the server's own metrics say so.
        _log.warning("The metrics of the report are not there: %s", error)
    return None
