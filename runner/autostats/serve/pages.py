"""Making pages: one at a time, in a thread of its own, and each once for all who wait for it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from autostats.published.reader import TooSlow
from autostats.serve.report_queue import QueueFull

if TYPE_CHECKING:
    import duckdb

PAGE_SECONDS = 30.0
_MOST_WAITING = 8
# Gets the connection that a page is made from, to be interrupted when it takes too long.
Opened = Callable[["duckdb.DuckDBPyConnection"], None]


class Pages:
    """Makes pages while the event loop serves others, and the threads of queries serve queries."""

    def __init__(self, limit: float = PAGE_SECONDS) -> None:
        self._limit = limit
        self._thread = ThreadPoolExecutor(1, "autostats-page")
        self._tasks: dict[object, asyncio.Task[bytes]] = {}

    async def page(
        self, key: object, make: Callable[[Opened], bytes], keep: Callable[[bytes], None]
    ) -> bytes:
        """Return a page that `make` makes; it is kept also if nobody waits until it is there.

        Raises TooSlow, QueueFull, and what `make` raises.
        """
        task = self._tasks.get(key)
        if task is None:
            if len(self._tasks) >= _MOST_WAITING:
                raise QueueFull(f"{len(self._tasks)} pages are being made or wait for it.", "Ask again soon.")
            task = self._tasks[key] = asyncio.create_task(self._made(make))

            def done(task: asyncio.Task[bytes]) -> None:
                del self._tasks[key]
                if not task.cancelled() and task.exception() is None:
                    keep(task.result())

            task.add_done_callback(done)
        finished, _ = await asyncio.wait([task], timeout=self._limit)
        if not finished:
            raise _too_slow()
        return task.result()

    async def _made(self, make: Callable[[Opened], bytes]) -> bytes:
        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []
        late = False

        def interrupt(connection: "duckdb.DuckDBPyConnection") -> None:
            nonlocal late
            late = True
            connection.interrupt()

        def opened(connection: "duckdb.DuckDBPyConnection") -> None:
            loop.call_soon_threadsafe(
                lambda: timers.append(loop.call_later(self._limit, interrupt, connection))
            )

        try:
            return await loop.run_in_executor(self._thread, make, opened)
        except Exception:
            if late:
                raise _too_slow() from None
            raise
        finally:
            for timer in timers:
                timer.cancel()

    def close(self) -> None:
        """Let the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _too_slow() -> TooSlow:
    return TooSlow("The page took too long.", "Ask again in a minute, or for fewer days or instruments.")
