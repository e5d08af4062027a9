"""The paths of reports: ordered by POST, made beside, and fetched when they are complete.

`/trigger_report` and `/get_report` are those of an older monitor, with its file of availability.
"""

import asyncio
import uuid
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response

from autostats.published.files import marts_file
from autostats.serve.answers import json_response
from autostats.serve.command import options_of
from autostats.serve.negotiation import MEDIA_TYPES, Served
from autostats.serve.report_queue import Order, ReportQueue
from autostats.serve.report_store import NotComplete, Report, ReportState, UnknownReport
from autostats.serve.report_words import ReportFormat, ReportWords
from autostats.serve.state import State, state_of

router = APIRouter()
_NO_STORE = {"cache-control": "no-store"}
_SUFFIXES = {ReportFormat.PROMETHEUS: ".prom"}
_STORE_MONITORING = ("availability", "report", "--now", "--preset=store-monitoring", "--format=csv")


def _queue(request: Request) -> ReportQueue:
    queue = state_of(request).reports
    assert queue is not None
    return queue


async def _found(request: Request, report_id: str) -> Report:
    try:
        is_id = str(uuid.UUID(report_id)) == report_id
    except ValueError:
        is_id = False
    report = await asyncio.to_thread(_queue(request).store.find, report_id) if is_id else None
    if report is None:
        raise UnknownReport("There is no such report, or it has expired.", "POST /reports makes another.")
    return report


def _newest(state: State) -> tuple[str, str]:
    """Return the newest build, and today at the facility."""
    with state.builds.reading() as published:
        facts = published.facts
    return facts.build, facts.settings(state.clock()).clock.today.isoformat()


def _told(report: Report) -> dict[str, object]:
    place = f"/reports/{report.report_id}"
    return {
        "report_id": report.report_id,
        "state": report.state,
        "build": report.build,
        "created_at": report.created_at,
        "ended_at": report.ended_at,
        "url": place,
        "file": f"{place}/file" if report.state == ReportState.COMPLETE else None,
        "reason": report.reason,
    }


@router.post("/reports", operation_id="order")
async def order(request: Request, words: Annotated[ReportWords, Body()]) -> Response:
    """Order a report. If the same one of the same build was ordered before, it is not made again."""
    state = state_of(request)
    build, today = _newest(state)
    suffix = _SUFFIXES.get(words.format, f".{words.format}")

    def arguments(path: Path) -> list[str]:
        # A build whose statistics are on a server has no file of them.
        of_build = [f"--build={build}"] if marts_file(state.setup.home, build).exists() else []
        return ["report", *options_of(state.setup), *of_build, f"--output={path}", *words.arguments]

    key = f"{build} {today} report {words.key}"
    report = await _queue(request).order(
        Order(key, build, arguments, suffix, MEDIA_TYPES[Served(words.format)])
    )
    headers = _NO_STORE | {"location": f"/reports/{report.report_id}"}
    return json_response(_told(report), headers, 202 if report.state == ReportState.RUNNING else 200)


@router.get("/reports/{report_id}", operation_id="state_of_report")
async def state_of_report(request: Request, report_id: str) -> Response:
    """Say how far a report is: Running, Complete with its file, or Failed with the reason."""
    return json_response(_told(await _found(request, report_id)), _NO_STORE)


@router.get("/reports/{report_id}/file", operation_id="file_of_report")
async def file_of_report(request: Request, report_id: str) -> Response:
    """Return the file of a complete report."""
    return await _file(request, await _found(request, report_id))


@router.get("/trigger_report", operation_id="trigger")
async def trigger(request: Request) -> Response:
    """Order the availability of the last hour, day and week, as an older monitor has it."""
    state = state_of(request)
    build, today = _newest(state)

    def arguments(path: Path) -> list[str]:
        return [*_STORE_MONITORING, *options_of(state.setup), f"--output={path}"]

    # Polls that no build has counted yet count too: what was ordered a minute ago may have changed.
    minute = state.clock().strftime("%H:%M")
    key = f"{build} {today} {minute} store-monitoring"
    report = await _queue(request).order(Order(key, build, arguments, ".csv", MEDIA_TYPES[Served.CSV]))
    return json_response({"report_id": report.report_id}, _NO_STORE)


@router.get("/get_report", operation_id="get_report")
async def get_report(request: Request, report_id: Annotated[str, Query(max_length=100)]) -> Response:
    """Say Running, or Failed and why, or return the file of a complete report."""
    report = await _found(request, report_id)
    if report.state == ReportState.COMPLETE:
        return await _file(request, report)
    reason = f": {report.reason}" if report.reason else ""
    return Response(f"{report.state}{reason}", headers=_NO_STORE, media_type="text/plain")


async def _file(request: Request, report: Report) -> Response:
    if report.state != ReportState.COMPLETE:
        raise NotComplete(f"The report is {report.state}.", f"GET /reports/{report.report_id} says more.")
    try:
        content = await asyncio.to_thread(_queue(request).store.file(report).read_bytes)
    except FileNotFoundError:
        raise UnknownReport("The file of the report has expired.", "POST /reports makes another.") from None
    headers = {
        "cache-control": "private, max-age=3600, immutable",
        "content-disposition": f'inline; filename="report-{report.report_id}{report.suffix}"',
        "x-report-state": report.state,
    }
    return Response(content, headers=headers, media_type=report.media_type)
