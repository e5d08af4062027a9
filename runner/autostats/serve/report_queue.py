"""Making the reports that are asked for: a few at a time, each by the command that people use."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from autostats.errors import TryAgainError
from autostats.serve.command import CommandFailed
from autostats.serve.report_store import Report, ReportStore

AT_A_TIME = 2
MOST_WAITING = 16
MAKE_SECONDS = 300.0
_FORGET_SECONDS = 60.0
_STOPPED = "The server was stopped before the report was made."
_log = logging.getLogger("autostats")


class QueueFull(TryAgainError):
    """As many reports wait as may."""


@dataclass(frozen=True)
class Order:
    """A report that is wanted: what makes it, and what says that it is the same as another."""

    key: str
    build: str
    # For the file that it goes to.
    arguments: Callable[[Path], Sequence[str]]
    suffix: str
    media_type: str


class ReportQueue:
    """Takes orders and carries them out, until it is closed."""

    def __init__(
        self,
        store: ReportStore,
        run: Callable[[Sequence[str]], Awaitable[None]],
        clock: Callable[[], datetime],
        keep: timedelta,
    ) -> None:
        self.store = store
        self._run = run
        self._clock = clock
        self._keep = keep
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self._ordering = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._forgetting = asyncio.create_task(self._forget())

    async def order(self, order: Order) -> Report:
        """Return the report of an order: one that was asked for before, or one that is made from now on.

        Raises QueueFull.
        """
        async with self._ordering:
            found = await asyncio.to_thread(self.store.like, order.key)
            if found is not None and (found.ended_at is None or self.store.file(found).exists()):
                return found
            if len(self._tasks) >= MOST_WAITING:
                raise QueueFull(
                    f"{len(self._tasks)} reports are being made or wait for it.", "Ask again in a minute."
                )
            report = await asyncio.to_thread(
                self.store.add, order.key, order.build, order.suffix, order.media_type, self._clock()
            )
            task = asyncio.create_task(self._make(report, order))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return report

    async def close(self) -> None:
        """End what is being made; it has failed."""
        for task in (self._forgetting, *self._tasks):
            task.cancel()
        await asyncio.gather(self._forgetting, *self._tasks, return_exceptions=True)
        self.store.fail_running(_STOPPED, self._clock())

    async def _make(self, report: Report, order: Order) -> None:
        reason: str | None = None
        try:
            async with self._turn:
                await self._run(order.arguments(self.store.file(report)))
        except CommandFailed as error:
            reason = " ".join(filter(None, (str(error), error.remedy)))
        except Exception:
            # Else it would be Running for ever, and nobody could order it again.
            _log.exception("A report could not be made.")
            reason = "The server could not make the report; its log says why."
        await asyncio.to_thread(self.store.end, report.report_id, self._clock(), reason)

    async def _forget(self) -> None:
        while True:
            await asyncio.sleep(_FORGET_SECONDS)
            try:
                await asyncio.to_thread(self.store.forget, self._clock() - self._keep)
            except Exception:
                _log.exception("Old reports could not be removed.")
