"""What all answers have in common: tags, what caches may keep, and errors."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from autostats import __version__
from autostats.errors import AutostatsError, NoStatisticsError
from autostats.log import redact
from autostats.published.query import PageBeyondEnd
from autostats.published.reader import ExpiredBuild, TooSlow, UnknownStatistic
from autostats.published.words import BadWord
from autostats.serve.negotiation import NotAcceptable
from autostats.serve.rendering import json_bytes
from autostats.serve.report_queue import QueueFull
from autostats.serve.report_store import NotComplete, UnknownReport
from autostats.serve.state import state_of

_TAG = re.compile(r'(?:W/)?("[^"]*")')
_STATUS: Mapping[type[AutostatsError], int] = {
    BadWord: 400,
    PageBeyondEnd: 400,
    UnknownStatistic: 404,
    NotAcceptable: 406,
    NotComplete: 409,
    UnknownReport: 404,
    ExpiredBuild: 410,
    QueueFull: 429,
    NoStatisticsError: 503,
    TooSlow: 504,
}
_RETRY_AFTER = {429: "60", 503: "60", 504: "60"}


def tag(*parts: object) -> str:
    """Return the entity tag of an answer that follows from `parts` and the version of autostats."""
    return f'"{hashlib.sha256(repr((__version__, *parts)).encode()).hexdigest()[:32]}"'


def is_known(request: Request, entity_tag: str) -> bool:
    """Return whether the client has the answer with this tag already."""
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    return given.strip() == "*" or entity_tag in _TAG.findall(given)


def cache_headers(request: Request, entity_tag: str, *, is_fixed: bool = False) -> dict[str, str]:
    """Return the headers that say what may be kept: for long if the request names a build (`is_fixed`)."""
    state = state_of(request)
    whose = "private" if state.has_token else "public"
    return {
        "etag": entity_tag,
        "cache-control": f"{whose}, max-age=86400, immutable" if is_fixed else f"{whose}, no-cache",
        "vary": "Accept, Origin" if state.origins else "Accept",
    }


def not_modified(headers: Mapping[str, str]) -> Response:
    """Return the answer to a client that has it already."""
    return Response(status_code=304, headers=dict(headers))


def json_response(content: Any, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """Return an object as JSON."""
    return Response(json_bytes(content), status, dict(headers or {}), "application/json")


def failed(status: int, message: str, remedy: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """Return an error: one sentence and its remedy."""
    kept = {"cache-control": "no-store", "vary": "Accept, Origin", **(headers or {})}
    if status in _RETRY_AFTER:
        kept.setdefault("retry-after", _RETRY_AFTER[status])
    return JSONResponse({"error": redact(message), "remedy": redact(remedy)}, status, kept)


async def explained(request: Request, error: Exception) -> Response:
    """Return what a client is told about a failure of ours."""
    for kind, status in _STATUS.items():
        if isinstance(error, kind):
            assert isinstance(error, AutostatsError)
            return failed(status, str(error), error.remedy)
    # Anything else may name files of the server, and is for its log alone.
    return failed(500, "The server could not answer this.", "The log of the server says why.")
