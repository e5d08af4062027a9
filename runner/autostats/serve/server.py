"""The server: its address, its limits, and how it starts and ends."""

import asyncio
import ipaddress
import logging
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from autostats.errors import UsageError
from autostats.serve.guard import MOST_HEAD_BYTES, App
from autostats.serve.patience import PatientProtocol

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_KEEP_ALIVE_SECONDS = 5
_SHUTDOWN_SECONDS = 10
_BACKLOG = 1024
_FILES = 8192


@dataclass(frozen=True)
class Address:
    """Where the server listens."""

    host: str
    port: int

    @property
    def is_local(self) -> bool:
        """Whether only this computer can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def url(self) -> str:
        """The address for a browser."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


class _Server(uvicorn.Server):
    """uvicorn's server without handlers of signals: those of the command stop it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def bound(address: Address) -> socket.socket:
    """Return a socket that listens at an address. Raises UsageError when it cannot."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, place = found[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UsageError(
            f"There is no address {address.host!r} here: {error.strerror or error}.",
            "Name one of this computer's with --host.",
        ) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise UsageError(
            f"{address.url} cannot be used: {error.strerror or error}.",
            "Stop what listens there, or choose another --port.",
        ) from error
    return listening


def serve(app: App, listening: socket.socket, *, access_log: bool = False) -> int | None:
    """Answer requests until SIGTERM or Ctrl-C; return the signal. What has begun is answered first."""
    _allow_files()
    _keep_log(access_log=access_log)
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=access_log,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        h11_max_incomplete_event_size=MOST_HEAD_BYTES,
    )
    server = _Server(config)
    received: list[int] = []

    def stop(number: int) -> None:
        # A second Ctrl-C does not wait for answers.
        server.force_exit = number == signal.SIGINT and bool(received)
        server.should_exit = True
        received.append(number)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop, number)
        await server.serve(sockets=[listening])

    asyncio.run(run())
    return received[0] if received else None


def _keep_log(*, access_log: bool) -> None:
    """Let what the server says go where autostats writes its log, and nowhere else."""
    ours = logging.getLogger("autostats")
    for name in ("uvicorn.error", "uvicorn.access", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = list(ours.handlers)
        logger.propagate = False
        logger.setLevel(logging.INFO if access_log else logging.ERROR)


def _allow_files() -> None:
    """Let as many connections be open as the system allows, up to a number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
