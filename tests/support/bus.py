"""Real brokers, what is published to them, and a listener in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from kombu import Connection, Queue

from support.installed import COMMAND, bare_environment, hear_ctrl_c
from support.observations import sqlite

BROKERS = {
    "amqp": os.environ.get("AUTOSTATS_TEST_AMQP", "amqp://guest:guest@127.0.0.1:5672//"),
    "redis": os.environ.get("AUTOSTATS_TEST_REDIS", "redis://127.0.0.1:6379/9"),
}
COUNT = "select count(*), count(distinct run_number) from obs_messages"


def until(condition: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def announcement(run_number: object, instrument: object = "WISH", **more: object) -> dict[str, object]:
    """Return a message as the reduction service writes it."""
    return {
        "description": "",
        "facility": "ISIS",
        "run_number": run_number,
        "instrument": instrument,
        "rb_number": "1910245",
        "started_by": 0,
        "data": "/archive/NDXWISH/Instrument/data/cycle_19_4/WISH00000100.nxs",
        "overwrite": None,
        **more,
    }


@dataclass(frozen=True)
class OwnQueue:
    """A queue of a test's own."""

    url: str
    name: str

    @property
    def is_redis(self) -> bool:
        return self.url.startswith("redis")

    @property
    def server(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 5672

    def through(self, port: int) -> str:
        """Return the URL by way of a proxy."""
        parts = urlsplit(self.url)
        login = parts.netloc.rpartition("@")[0]
        netloc = f"{login}@127.0.0.1:{port}" if login else f"127.0.0.1:{port}"
        # Not normalised: the vhost is `/`.
        return urlunsplit(parts._replace(netloc=netloc))

    def publish(self, bodies: Sequence[object], *, ids: Sequence[str | None] | None = None) -> None:
        """Publish messages, durable and each with an id of its own, unless `ids` says otherwise."""
        with Connection(self.url) as connection, connection.channel() as channel:
            producer = connection.Producer(channel)
            for body, key in zip(bodies, ids or [str(uuid.uuid4()) for _ in bodies], strict=True):
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                more = {} if key is None else {"message_id": key}
                producer.publish(
                    raw,
                    routing_key=self.name,
                    content_type="application/json",
                    content_encoding="binary",
                    **more,
                )

    def waiting(self) -> int:
        """Return how many messages nobody has acknowledged."""
        if self.is_redis:
            from redis import Redis

            with Redis.from_url(self.url) as redis:
                return int(redis.llen(self.name)) + int(redis.llen(f"{self.name}.autostats"))
        with Connection(self.url) as connection, connection.channel() as channel:
            return int(channel.queue_declare(self.name, passive=True).message_count)


@contextmanager
def queue_of(broker: str) -> Iterator[OwnQueue]:
    """Make a durable queue, and remove it afterwards; skip where there is no broker."""
    made = OwnQueue(BROKERS[broker], f"autostats-test-{uuid.uuid4().hex[:12]}")
    try:
        with Connection(made.url, connect_timeout=2) as connection, connection.channel() as channel:
            Queue(made.name, durable=True, channel=channel, routing_key=made.name).declare()
    except OSError:
        pytest.skip(f"no broker at {broker}")
    try:
        yield made
    finally:
        with Connection(made.url) as connection, connection.channel() as channel:
            channel.queue_delete(made.name)
        if made.is_redis:
            from redis import Redis

            with Redis.from_url(made.url) as redis:
                redis.delete(made.name, f"{made.name}.autostats", f"_kombu.binding.{made.name}")


@dataclass
class Listener:
    """`autostats listen` in a process of its own."""

    home: Path
    url: str
    queue: str
    told_in: Path
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> None:
        # In a variable, which keeps a password off the list of processes.
        env = {"AUTOSTATS_BUS": self.url, "AUTOSTATS_WAIT": "1", **self.env}
        with self.told_in.open("a") as err:
            self.process = subprocess.Popen(
                [str(COMMAND), "listen", "--queue", self.queue, "--home", str(self.home), *more],
                env=bare_environment(self.told_in.with_suffix(".user"), env),
                stderr=err,
                stdout=subprocess.DEVNULL,
                preexec_fn=hear_ctrl_c,
            )

    def stop(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    @property
    def told(self) -> str:
        return self.told_in.read_text()

    def rows(self, query: str) -> str:
        """Return what a query of the observations finds, as Python shows it; nothing before there are any."""
        if not (self.home / "observations.sqlite").exists():
            return ""
        try:
            return sqlite(self.home / "observations.sqlite", query)[0]
        except subprocess.CalledProcessError:
            return ""

    def has(self, rows: int, distinct: int | None = None) -> bool:
        """Return whether so many messages, of so many runs, are recorded."""
        return self.rows(COUNT) == f"[({rows}, {rows if distinct is None else distinct})]"


@contextmanager
def listening(
    queue: OwnQueue, folder: Path, *, url: str | None = None, home: Path | None = None
) -> Iterator[Listener]:
    """Start a listener, and end it if the test has not."""
    folder.mkdir(exist_ok=True)
    made = Listener(home or folder / "home", url or queue.url, queue.name, folder / "told.txt")
    made.start()
    try:
        yield made
    finally:
        if made.process is not None and made.process.poll() is None:
            made.process.kill()
            made.process.wait()
