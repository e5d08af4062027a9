"""Recording what a bus announces until somebody stops it."""

import time
from collections.abc import Callable
from threading import Event

from autostats.bus.journal import Journal
from autostats.bus.messages import Message
from autostats.bus.sources import MOST_WAITING, Bus, BusSource, LostError
from autostats.errors import AutostatsError

_BATCH_SECONDS = 0.5
_IDLE_SECONDS = 1.0
_LONGEST_PAUSE = 30.0


def listen(
    bus: Bus, journal: Journal, stop: Event, told: Callable[[str], None], progress: Callable[[], None]
) -> None:
    """Record messages until `stop` is set. A broker that is gone, or observations that cannot be written, are
    told once and tried again.

    Raises UsageError when the broker refuses the account or lacks the queue at first.
    """
    teller = _Teller(told)
    pause, has_listened = 1.0, False
    while not stop.is_set():
        progress()
        try:
            source = _opened(bus)
        except AutostatsError as error:
            if not has_listened and not isinstance(error, LostError):
                raise
            teller.trouble(error)
            _note(journal, teller, str(error))
            stop.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            continue
        pause, has_listened = 1.0, True
        teller.well(f"Listening to {bus.place}.")
        try:
            _take(source, journal, stop, teller, progress)
        except AutostatsError as error:
            teller.trouble(error)
            stop.wait(pause)
        finally:
            source.close()


def _opened(bus: Bus) -> BusSource:
    """Connect. Raises LostError when trying again may help, and else UsageError."""
    if bus.is_redis:
        from autostats.bus.redis_list import RedisList

        return RedisList(bus)
    from autostats.bus.broker_queue import BrokerQueue

    return BrokerQueue(bus)


def _take(
    source: BusSource, journal: Journal, stop: Event, teller: "_Teller", progress: Callable[[], None]
) -> None:
    """Record what comes, batch by batch: acknowledged only when it has been recorded. Raises LostError."""
    waiting: list[Message] = []
    first = 0.0
    _note(journal, teller)
    try:
        while not stop.is_set():
            progress()
            seconds = _BATCH_SECONDS / 5 if waiting else _IDLE_SECONDS
            found = source.receive(seconds, MOST_WAITING - len(waiting))
            first = first if waiting else time.monotonic()
            waiting += found
            if not waiting:
                _note(journal, teller)
            elif len(waiting) < MOST_WAITING and time.monotonic() - first < _BATCH_SECONDS:
                continue
            elif _recorded(waiting, journal, teller):
                source.acknowledge()
                waiting.clear()
            else:
                stop.wait(_IDLE_SECONDS)
    finally:
        # Recorded without an acknowledgement, a message comes again and counts once.
        if waiting and _recorded(waiting, journal, teller):
            source.acknowledge()


def _recorded(waiting: list[Message], journal: Journal, teller: "_Teller") -> bool:
    try:
        journal.write(waiting)
    except AutostatsError as error:
        teller.trouble(error)
        return False
    teller.well()
    return True


def _note(journal: Journal, teller: "_Teller", problem: str = "") -> None:
    """Record once a minute that somebody listens, or tries to."""
    if journal.is_quiet():
        try:
            journal.write([], problem)
        except AutostatsError as error:
            teller.trouble(error)


class _Teller:
    """Tells each trouble once, and its end."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._trouble = ""
        self._is_well = False

    def trouble(self, error: AutostatsError) -> None:
        # A connection that is gone may fail in several ways.
        trouble = "lost" if isinstance(error, LostError) else str(error)
        if trouble != self._trouble:
            self._told(f"{error} {error.remedy}".strip())
        self._trouble, self._is_well = trouble, False

    def well(self, message: str = "Messages are recorded again.") -> None:
        if not self._is_well:
            self._told(message)
        self._trouble, self._is_well = "", True
