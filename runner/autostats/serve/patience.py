"""How long the server waits for clients that say nothing, say it letter by letter, or do not listen."""

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol


class PatientProtocol(H11Protocol):
    """HTTP/1.1 with a limit on the time until a whole request has come, and on how many are waited for.

    uvicorn itself limits only the silence after an answer. If too many connections say nothing, the one that
    has waited longest is closed.
    """

    head_seconds = 10.0
    # A client that takes nothing of an answer for so long is cut off.
    send_seconds = 20.0
    most_waiting = 2000
    _waiting: ClassVar[dict["PatientProtocol", None]] = {}
    _timer: asyncio.TimerHandle | None = None
    _sending: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()
        if len(self._waiting) > self.most_waiting:
            next(iter(self._waiting)).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_more()
        self._sent()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Stop waiting once a request has begun to be answered."""
        super().handle_events()
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            self._wait_no_more()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._wait()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Begin to wait for the client to take what was sent."""
        self._sent()
        self._sending = self.loop.call_later(self.send_seconds, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        """Send more."""
        self._sent()
        super().resume_writing()

    def _sent(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _wait(self) -> None:
        self._wait_no_more()
        self._waiting[self] = None
        self._timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _wait_no_more(self) -> None:
        self._waiting.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self.transport.close()
        self._timer = self.loop.call_later(self.send_seconds, self.transport.abort)
