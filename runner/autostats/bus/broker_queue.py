"""A queue of a broker, through kombu."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from amqp.exceptions import AccessRefused, NotAllowed, NotFound
from kombu import Connection, Consumer, Exchange, Queue

from autostats.bus.messages import Message
from autostats.bus.sources import MOST_WAITING, Bus, LostError
from autostats.errors import RefusedError, UsageError
from autostats.freshness.moments import utc_moment
from autostats.log import redact
from autostats.text import printable
from autostats.warehouse import utc_now

_HEARTBEAT_SECONDS = 20
_CONNECT_SECONDS = 10


class BrokerQueue:
    """A queue that exists, or one of our own that an exchange fills."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._received: list[Any] = []
        self._unacknowledged: list[Any] = []
        try:
            self._connection = Connection(
                bus.url, heartbeat=_HEARTBEAT_SECONDS, connect_timeout=_CONNECT_SECONDS
            )
            self._errors = (*self._connection.connection_errors, *self._connection.channel_errors, OSError)
        except (KeyError, ValueError, ImportError):
            raise UsageError(f"There is no way to {bus.place}.", "Check the beginning of its URL.") from None
        with self._explained():
            try:
                self._connection.connect()
                queue = self._bound_queue() if bus.exchange else self._existing_queue()
                channel = self._connection.channel()
                self._consumer = Consumer(
                    channel, [queue], on_message=self._received.append, prefetch_count=MOST_WAITING
                )
                self._consumer.consume()
            except BaseException:
                self.close()
                raise

    def receive(self, seconds: float, most: int) -> list[Message]:
        """Return what comes within `seconds`; the broker sends no more than MOST_WAITING at a time."""
        with self._explained():
            self._connection.heartbeat_check()
            with suppress(TimeoutError):
                self._connection.drain_events(timeout=seconds)
                # What has arrived already is taken without waiting again.
                while len(self._received) < most:
                    self._connection.drain_events(timeout=0.001)
        taken, self._received[:] = self._received[:], []
        self._unacknowledged += taken
        now = utc_now()
        return [self._message(each, now) for each in taken]

    def acknowledge(self) -> None:
        """Acknowledge all that was received."""
        with self._explained():
            while self._unacknowledged:
                self._unacknowledged[0].ack()
                self._unacknowledged.pop(0)

    def close(self) -> None:
        """Close the connection: the broker gives what was not acknowledged to the next one."""
        with suppress(Exception):
            self._connection.close()

    def _message(self, found: Any, now: datetime) -> Message:
        body = found.body
        if not isinstance(body, bytes):
            body = str(body).encode("utf-8", "surrogatepass")
        key, sent = found.properties.get("message_id"), found.properties.get("timestamp")
        topic = str((found.delivery_info or {}).get("routing_key") or self._bus.queue)
        sent_at = None
        with suppress(ValueError):
            sent_at = utc_moment(sent, UTC) if sent else None
        return Message(topic, body, now, str(key) if key else None, sent_at)

    def _existing_queue(self) -> Queue:
        """Return the named queue, as it is. Only brokers that know which queues there are can say no."""
        queue = Queue(self._bus.queue, no_declare=True)
        if self._connection.transport.driver_type == "amqp":
            with self._connection.channel() as channel:
                channel.queue_declare(self._bus.queue, passive=True)
        return queue

    def _bound_queue(self) -> Queue:
        """Make a durable queue of our own, unless it is there, and bind it to the exchange."""
        name, exchange = self._bus.queue, self._bus.exchange
        if self._connection.transport.driver_type != "amqp":
            bound = [
                Queue(name, Exchange(exchange, "topic"), topic, durable=True) for topic in self._bus.topics
            ]
            for each in bound:
                each.bind(self._connection.default_channel).declare()
            return bound[0]
        try:
            queue = self._existing_queue()
        except NotFound:
            with self._connection.channel() as channel:
                # A wrong name must not leave a queue behind.
                channel.exchange_declare(exchange, "topic", passive=True)
                channel.queue_declare(name, durable=True, auto_delete=False)
            queue = Queue(name, no_declare=True)
        with self._connection.channel() as channel:
            for topic in self._bus.topics:
                channel.queue_bind(name, exchange, topic)
        return queue

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what kombu raises into one sentence, without the URL."""
        place = self._bus.place
        try:
            yield
        except TimeoutError:
            found: Exception = LostError(f"There is no answer from {place}.", "It is tried again.")
        except (AccessRefused, NotAllowed) as error:
            found = RefusedError(
                f"The broker refuses {place}: {_reason(error)}.", "Check the account's rights."
            )
        except NotFound as error:
            found = UsageError(
                f"The broker does not have what was asked of {place}: {_reason(error)}.",
                "Check the names of the queue and the exchange.",
            )
        except self._errors as error:
            found = LostError(f"The connection to {place} is lost: {_reason(error)}.", "It is tried again.")
        else:
            return
        raise found


def _reason(error: BaseException) -> str:
    said = getattr(error, "reply_text", None) or getattr(error, "strerror", None) or str(error)
    return printable(redact(" ".join(str(said or type(error).__name__).split()))).rstrip(".")
