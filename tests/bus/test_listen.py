"""`autostats listen` on RabbitMQ and Redis: nothing is lost, and nothing counts twice."""

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.bus import BROKERS, OwnQueue, announcement, listening, queue_of, until
from support.extent import Extent, long_only
from support.reliability.disk import small_disk
from support.reliability.proxy import proxy_to

pytestmark = pytest.mark.slow

KILLS = Extent(3, 25)
LOOKS = 'select collector, state, sum("rows") from obs_collections group by 1, 2'


@pytest.fixture(params=sorted(BROKERS))
def queue(request: pytest.FixtureRequest) -> Iterator[OwnQueue]:
    with queue_of(request.param) as made:
        yield made


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_messages_are_recorded_and_acknowledged(
    queue: OwnQueue, tmp_path: Path, number: int, code: int
) -> None:
    queue.publish([announcement(run) for run in range(1, 51)])
    # Malformed, sent twice, without an id, and naming several runs.
    queue.publish([b"{", announcement("x"), b"\xff\x00"])
    queue.publish([announcement(51)] * 2, ids=["same", "same"])
    queue.publish([announcement(52)] * 2, ids=[None, None])
    queue.publish([announcement([53, 54])])
    with listening(queue, tmp_path / "listener") as listener:
        until(lambda: listener.has(54))
        queue.publish([announcement(55)])
        until(lambda: listener.has(55))
        until(lambda: queue.waiting() == 0)
        assert listener.stop(number) == code
        told = listener.told
    assert queue.waiting() == 0
    assert told.startswith("Listening to queue ")
    assert told.count("could not be read") == 1
    assert "Traceback" not in told
    assert "guest:guest" not in told
    assert listener.rows("select count(*), count(distinct reason) from obs_rejected_messages") == "[(3, 2)]"
    assert listener.rows(LOOKS) == "[('listen', 'complete', 58)]"
    found = listener.rows("select distinct topic, instrument, rb_number, sent_at from obs_messages")
    assert found == f"[('{queue.name}', 'WISH', '1910245', None)]"


def test_a_broker_that_restarts(queue: OwnQueue, tmp_path: Path) -> None:
    """It vanishes amid messages, twice, and refuses connections for some seconds."""
    with (
        proxy_to(*queue.server) as proxy,
        listening(queue, tmp_path / "listener", url=queue.through(proxy.port)) as listener,
    ):
        until(lambda: "Listening to" in listener.told)
        for number in range(2):
            queue.publish([announcement(1000 * number + run) for run in range(1, 501)])
            time.sleep(0.3 * number)
            proxy.limit = 0
            proxy.cut()
            queue.publish([announcement(1000 * number + run) for run in range(501, 601)])
            time.sleep(3)
            proxy.limit = None
            until(lambda number=number: listener.has(600 * (number + 1)), 60)
        until(lambda: queue.waiting() == 0)
        assert listener.stop() == 0
    assert listener.told.count("Listening to") == 3
    assert listener.told.count(" is lost: ") == 2
    assert "Traceback" not in listener.told


def test_a_listener_that_is_killed(queue: OwnQueue, tmp_path: Path) -> None:
    """Between receipt and acknowledgement, or wherever it happens to be."""
    chance = random.Random(1)
    published = 0
    with listening(queue, tmp_path / "listener") as listener:
        for _ in range(KILLS.now):
            until(lambda: listener.told.count("Listening to") > 0)
            queue.publish([announcement(published + run) for run in range(1, 1501)])
            published += 1500
            time.sleep(chance.random() * 1.5)
            listener.stop(signal.SIGKILL)
            listener.told_in.write_text("")
            listener.start()
        until(lambda: "Listening to" in listener.told)
        until(lambda: listener.has(published), 60)
        until(lambda: queue.waiting() == 0)
        assert listener.stop() == 0
    assert listener.has(published)


def test_a_full_disk(queue: OwnQueue, tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", 900_000) as disk,
        listening(queue, tmp_path / "listener", home=disk / "home") as listener,
    ):
        queue.publish([announcement(1)])
        until(lambda: listener.has(1))
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        queue.publish([announcement(run) for run in range(2, 1502)])
        until(lambda: "Free some space on its disk" in listener.told)
        time.sleep(2)
        # Nothing is acknowledged that is not recorded.
        listener.stop(signal.SIGKILL)
        until(lambda: queue.waiting() == 1500, 10)
        listener.start()
        until(lambda: listener.told.count("Free some space") > 1)
        ballast.unlink()
        until(lambda: listener.has(1501), 60)
        until(lambda: queue.waiting() == 0)
        assert listener.stop() == 0
    assert "Traceback" not in listener.told


def test_a_queue_of_its_own(tmp_path: Path) -> None:
    """An exchange fills it, also while nobody listens."""
    from kombu import Connection, Exchange

    with queue_of("amqp") as queue:
        name = f"{queue.name}-own"
        exchange = Exchange(f"{queue.name}-exchange", "topic", durable=True)
        with Connection(queue.url) as connection, connection.channel() as channel:
            exchange.bind(channel).declare()
            producer = connection.Producer(channel, exchange)
            try:
                with listening(OwnQueue(queue.url, name), tmp_path / "first") as listener:
                    until(lambda: "does not have what was asked" in listener.told)
                    assert listener.process is not None
                    assert listener.process.wait(30) == 2
                    more = ("--exchange", exchange.name, "--topic", "data.*", "--topic", "more")
                    listener.start(*more)
                    until(lambda: "Listening to" in listener.told)
                    producer.publish(announcement(1), routing_key="data.ready")
                    producer.publish(announcement(2), routing_key="other")
                    producer.publish(announcement(3), routing_key="more")
                    until(lambda: listener.has(2))
                    assert listener.stop() == 0
                    producer.publish(announcement(4), routing_key="data.ready")
                    listener.start(*more)
                    until(lambda: listener.has(3))
                    assert listener.stop() == 0
                    topics = listener.rows("select topic from obs_messages order by run_number")
                    assert topics == "[('data.ready',), ('more',), ('data.ready',)]"
            finally:
                channel.queue_delete(name)
                channel.exchange_delete(exchange.name)


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=long_only)])
def test_a_thousand_messages_a_second(queue: OwnQueue, tmp_path: Path, seconds: int) -> None:
    with listening(queue, tmp_path / "listener") as listener:
        until(lambda: "Listening to" in listener.told)
        begin = time.monotonic()
        for second in range(seconds):
            queue.publish([announcement(1000 * second + run) for run in range(1, 1001)])
            time.sleep(max(0.0, begin + second + 1 - time.monotonic()))
        published = time.monotonic()
        until(lambda: listener.has(1000 * seconds))
        behind = time.monotonic() - published
        assert listener.stop() == 0
    # For people: pytest shows it with -s.
    print(f"\n{seconds * 1000} messages in {published - begin:.1f} s; recorded {behind:.1f} s later")
    assert behind < 10
