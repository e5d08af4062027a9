"""A list in Redis, such as kombu and Celery use as a queue.

Each message moves to a list of our own, in one step, and leaves that when it has been recorded: kombu itself
would lose one that it has taken and not yet noted.
"""

import json
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    ConnectionError,
    NoPermissionError,
    RedisError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry

from autostats.bus.messages import Message
from autostats.bus.sources import Bus, LostError
from autostats.errors import RefusedError, UsageError
from autostats.log import redact
from autostats.text import printable
from autostats.warehouse import utc_now

_CONNECT_SECONDS = 10
_TO_RIGHT, _TO_LEFT = "RIGHT", "LEFT"


class RedisList:
    """The list with the queue's name: producers push at its left end."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._mine = f"{bus.queue}.autostats"
        self._unacknowledged: list[Any] = []
        try:
            self._redis: Any = Redis.from_url(
                bus.url,
                socket_connect_timeout=_CONNECT_SECONDS,
                socket_timeout=3 * _CONNECT_SECONDS,
                # Tried again by the redis library, a move whose answer was lost would be a second one.
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            raise UsageError(f"There is no way to {bus.place}.", "Check its URL.") from None
        with self._explained():
            # Of a listener that was killed before it recorded them.
            self._left_over: list[Any] = self._redis.lrange(self._mine, 0, -1)[::-1]

    def receive(self, seconds: float, most: int) -> list[Message]:
        """Return what comes within `seconds`, at first what is left over from before."""
        if most <= 0:
            time.sleep(seconds)
            return []
        if self._left_over:
            taken, self._left_over = self._left_over[:most], self._left_over[most:]
        else:
            taken = []
            with self._explained():
                first = self._redis.blmove(self._bus.queue, self._mine, seconds, _TO_RIGHT, _TO_LEFT)
                if first is not None:
                    others = self._redis.pipeline(transaction=False)
                    for _ in range(min(most - 1, self._redis.llen(self._bus.queue))):
                        others.lmove(self._bus.queue, self._mine, _TO_RIGHT, _TO_LEFT)
                    taken = [first, *(each for each in others.execute() if each is not None)]
        self._unacknowledged += taken
        now = utc_now()
        return [_message(each, self._bus.queue, now) for each in taken]

    def acknowledge(self) -> None:
        """Take what was received off our own list."""
        with self._explained():
            removed = self._redis.pipeline(transaction=False)
            for each in self._unacknowledged:
                removed.lrem(self._mine, -1, each)
            removed.execute()
        self._unacknowledged.clear()

    def close(self) -> None:
        """Close the connection: what was not acknowledged is left over for the next one."""
        with suppress(RedisError, OSError):
            self._redis.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        place = self._bus.place
        try:
            yield
        except (AuthenticationError, NoPermissionError) as error:
            found: Exception = RefusedError(f"Redis refuses {place}: {_reason(error)}.", "Check the account.")
        except (ConnectionError, TimeoutError, OSError) as error:
            found = LostError(f"The connection to {place} is lost: {_reason(error)}.", "It is tried again.")
        except ResponseError as error:
            found = UsageError(
                f"Redis does not take messages from {place}: {_reason(error)}.",
                "The queue must be a list, and Redis 6.2 or newer.",
            )
        else:
            return
        raise found


def _message(raw: bytes, queue: str, now: datetime) -> Message:
    """Return what a list holds: a message in the envelope of kombu, or a bare one."""
    with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):
        envelope: dict[str, Any] = json.loads(raw)
        properties = envelope["properties"]
        body = envelope["body"].encode()
        if properties.get("body_encoding") == "base64":
            body = b64decode(body)
        key = properties.get("message_id")
        topic = properties.get("delivery_info", {}).get("routing_key") or queue
        return Message(str(topic), body, now, str(key) if key else None)
    return Message(queue, raw, now)


def _reason(error: BaseException) -> str:
    return printable(redact(" ".join((str(error) or type(error).__name__).split()))).rstrip(".")
