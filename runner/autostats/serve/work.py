"""Queries in threads of their own, each with a limit on its time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from autostats.published.reader import Published, Reading

QUERY_SECONDS = 10.0
_THREADS = 3
Result = TypeVar("Result")


class Work:
    """Threads that read builds while the event loop serves others."""

    def __init__(self, limit: float = QUERY_SECONDS) -> None:
        self._limit = limit
        self._threads = ThreadPoolExecutor(_THREADS, "autostats-query")

    async def read(self, published: Published, query: Callable[[Reading], Result]) -> Result:
        """Return the result of a query. Raises TooSlow when it takes longer than it may."""
        loop = asyncio.get_running_loop()
        with published.reading() as reading:
            timer = loop.call_later(self._limit, reading.interrupt)
            future = loop.run_in_executor(self._threads, query, reading)
            try:
                return await asyncio.shield(future)
            except asyncio.CancelledError:
                # The thread uses the connection until it ends.
                reading.interrupt()
                await asyncio.wait([future])
                raise
            finally:
                timer.cancel()

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
