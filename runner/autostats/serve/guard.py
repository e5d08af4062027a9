"""Who may ask, from where, and how much: before anything of a request is looked at."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from autostats.page.sorting import sorting_hash

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MOST_BODY_BYTES = 65_536
MOST_HEAD_BYTES = 16_384
MOST_REQUESTS = 200
BODY_SECONDS = 10.0
_OPEN_PATHS = ("/healthz",)
# What a GET starts, although it should not: an older system's path.
_STARTING_PATHS = ("/trigger_report",)
_CLOSE = ((b"connection", b"close"),)
_POLICY = (
    f"default-src 'self'; script-src 'self' {sorting_hash()}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = [
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


@dataclass(frozen=True)
class _Refusal:
    """An answer that says no, and what to do about it."""

    status: int
    error: str
    remedy: str
    headers: Sequence[tuple[bytes, bytes]] = ()


_OTHER_HOST = _Refusal(
    400, "The Host header names another host.", "Ask for localhost, 127.0.0.1, [::1] or the name in --host."
)
_NO_TOKEN = _Refusal(
    401,
    "A token is needed.",
    "Send the server's AUTOSTATS_TOKEN as `Authorization: Bearer TOKEN`.",
    ((b"www-authenticate", b'Bearer realm="autostats"'),),
)
_OTHER_SITE = _Refusal(
    403, "A page of another site asked for this.", "Name its origin in AUTOSTATS_CORS_ORIGINS."
)
_LONG_HEAD = _Refusal(
    431, "The address and the headers are too large.", f"Send at most {MOST_HEAD_BYTES} bytes.", _CLOSE
)
_TOO_LARGE = _Refusal(413, "The body is too large.", f"Send at most {MOST_BODY_BYTES} bytes.", _CLOSE)
_LATE = _Refusal(408, "The body did not arrive in time.", "Send it at once.", _CLOSE)
_BUSY = _Refusal(503, "The server is busy.", "Ask again in a second.", ((b"retry-after", b"1"),))


class Guard:
    """Middleware that refuses what has no token, no known host, or too large a body, and what is too much.

    `hosts`: the names under which the server may be asked, None for any. Without a token, a page of any site
    could otherwise read the statistics through a name of its own that leads to 127.0.0.1.
    """

    def __init__(
        self,
        app: App,
        *,
        token: str | None,
        hosts: Collection[str] | None,
        origins: Collection[str] = (),
        most_requests: int = MOST_REQUESTS,
    ) -> None:
        self._app = app
        self._token = token.encode() if token else None
        self._hosts = hosts
        self._origins = {origin.encode() for origin in origins}
        self._most = most_requests
        self._active = 0

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))

        async def safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(safely, refusal)
            return
        self._active += 1
        try:
            if scope["method"] in ("POST", "PUT", "PATCH"):
                body = await _whole_body(receive)
                if isinstance(body, _Refusal):
                    await _refuse(safely, body)
                    return
                receive = _then(body, receive)
            await self._app(scope, receive, safely)
        finally:
            self._active -= 1

    def _refusal(self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> _Refusal | None:
        if _head_bytes(scope) > MOST_HEAD_BYTES:
            return _LONG_HEAD
        is_open = scope["path"] in _OPEN_PATHS
        if self._token is None and self._hosts is not None and _host(headers) not in self._hosts:
            return _OTHER_HOST
        if self._token is not None and not is_open:
            scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
            if not hmac.compare_digest(given.strip(), self._token) or scheme.lower() != b"bearer":
                return _NO_TOKEN
        if (
            headers.get(b"sec-fetch-site") == b"cross-site"
            and (scope["method"] == "POST" or scope["path"] in _STARTING_PATHS)
            and headers.get(b"origin") not in self._origins
        ):
            return _OTHER_SITE
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MOST_BODY_BYTES:
            return _TOO_LARGE
        if self._active >= self._most and not is_open:
            return _BUSY
        return None


async def _whole_body(receive: Receive) -> bytes | _Refusal:
    """Return the body of a request if it is small and comes in time."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if len(body) > MOST_BODY_BYTES:
                    return _TOO_LARGE
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return _LATE


def _then(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body at first."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return messages.pop() if messages else await receive()

    return next_message


def _head_bytes(scope: Mapping[str, Any]) -> int:
    named = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
    return named + len(scope["raw_path"]) + len(scope["query_string"])


def _host(headers: Mapping[bytes, bytes]) -> str:
    """Return the host in the Host header, without its port and its brackets."""
    text = headers.get(b"host", b"").decode("latin-1").strip().lower()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.rpartition(":")[0] if ":" in text else text


async def _refuse(send: Send, refusal: _Refusal) -> None:
    body = json.dumps({"error": refusal.error, "remedy": refusal.remedy}).encode()
    start: Message = {
        "type": "http.response.start",
        "status": refusal.status,
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *refusal.headers,
        ],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})
