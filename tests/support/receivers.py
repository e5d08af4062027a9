"""The receivers of digests in tests: a web server and a mail server that keep what they receive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class WebReceiver:
    """A web server; `answer` is the status of its answers, `pause` the seconds before each."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answer: int = 200
    pause: float = 0
    # Called with each request before it is answered.
    on_request: Callable[[], object] = lambda: None


@contextmanager
def web_receiver() -> Iterator[WebReceiver]:
    """Start a web server on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            received.requests.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            received.paths.append(self.path)
            received.on_request()
            time.sleep(received.pause)
            self.send_response(received.answer)
            if received.answer == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET = _answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        received = WebReceiver(server.server_port)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield received
        server.shutdown()


@dataclass
class Mailbox:
    """A mail server; `refused` addresses are temporarily refused."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return "451 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@contextmanager
def mailbox(password: str | None = None) -> Iterator[Mailbox]:
    """Start a mail server on a free port of 127.0.0.1; with `password`, only for those who know it."""
    import socket

    def login(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        return AuthResult(success=given.password == (password or "").encode())

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Mailbox(port)
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        authenticator=login if password else None,
        auth_required=password is not None,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
