"""Where messages come from: a queue of whatever broker kombu reaches, or a list in Redis."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Protocol
from urllib.parse import quote, urlsplit

from autostats.bus.messages import Message
from autostats.errors import UnreachableError, UsageError
from autostats.installation import install_line
from autostats.log import hide

VARIABLE = "AUTOSTATS_BUS"
# How many messages may wait for being recorded; a broker sends no more.
MOST_WAITING = 1_000
QUEUE = "autostats"
_REDIS = {"redis", "rediss"}
_MODULES = ("kombu", "redis", "jsonpath_ng")


class LostError(UnreachableError):
    """The connection to the broker could not be made, or is gone."""


class BusSource(Protocol):
    """An open queue. Each message stays with the broker until it is acknowledged."""

    def receive(self, seconds: float, most: int) -> list[Message]:
        """Return what comes within `seconds`, up to `most` messages, and keep the connection alive.

        Raises LostError.
        """

    def acknowledge(self) -> None:
        """Acknowledge all that was received. Raises LostError."""

    def close(self) -> None:
        """Give the connection up, and what was not acknowledged back."""


@dataclass(frozen=True)
class Bus:
    """A broker and what to take from it: a queue, or what an exchange passes on for some topics."""

    url: str = field(repr=False)
    queue: str = QUEUE
    exchange: str | None = None
    topics: Sequence[str] = ()

    @property
    def place(self) -> str:
        """The broker and its queue, for people."""
        parts = urlsplit(self.url)
        return f"queue {self.queue} of {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def is_redis(self) -> bool:
        """Whether the queue is a list in Redis."""
        return urlsplit(self.url).scheme in _REDIS


def chosen_bus(url: str | None, queue: str | None, exchange: str | None, topics: Sequence[str]) -> Bus:
    """Return the bus of the options. Raises UsageError, which never repeats the URL."""
    given = (url or "").strip()
    try:
        parts = urlsplit(given)
        is_url = bool(parts.scheme) and (parts.port is None or parts.port >= 0) and "://" in given
    except ValueError:
        is_url = False
    if not is_url:
        what = "--url is no URL" if given else f"No broker is named, neither by --url nor by {VARIABLE}"
        raise UsageError(f"{what}.", "Name one such as amqp://user:password@host:5672/vhost.")
    if missing := [name for name in _MODULES if not _is_there(name)]:
        raise UsageError(
            f"`autostats listen` needs the extra `bus`: {missing[0]} is not installed.",
            f"`{install_line('bus')}`",
        )
    if parts.password:
        hide({parts.password, quote(parts.password, safe="")})
    if parts.scheme in _REDIS and (exchange or not queue):
        raise UsageError("In Redis, a queue is a list, and has no exchange.", "Name the list with --queue.")
    if topics and not exchange:
        raise UsageError("--topic needs --exchange.", "Name the exchange whose messages you want.")
    if not queue and not exchange:
        raise UsageError(
            "No queue is named.", "Name one with --queue, or have one made with --exchange and --topic."
        )
    return Bus(given, queue or QUEUE, exchange, topics or ["#"])


def _is_there(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True
