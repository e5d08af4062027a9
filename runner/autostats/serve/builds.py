"""The builds that are open: each request reads one, while newer ones appear and old ones go."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from autostats.errors import AutostatsError, NoStatisticsError, UsageError
from autostats.home import Home
from autostats.published.files import KEPT, build_files, build_name
from autostats.published.reader import Published, expired


class _Open:
    """An open build, and how many requests read it."""

    def __init__(self, published: Published) -> None:
        self.published = published
        self.readers = 0
        self.is_retired = False


def _made_in(published: Published, ident: str) -> str:
    """Return the build that the rows of a statistic are from; `~`, which is after all others, if unknown."""
    try:
        built_at = published.statistic(ident).built_at
    except UsageError:
        built_at = None
    return "~" if built_at is None else build_name(built_at)


class Builds:
    """The newest builds of a home, each open until it has been taken away and its last request has ended."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()

    def look(self) -> list[AutostatsError]:
        """Open builds that are new, and let go of those that went; return what could not be opened."""
        wanted = sorted(build_files(self._home).items())[-KEPT:]
        failures = []
        for build, path in wanted:
            if build not in self._open:
                try:
                    opened = _Open(Published.of_file(path))
                except AutostatsError as error:
                    failures.append(error)
                    continue
                with self._lock:
                    self._open[build] = opened
        kept = {build for build, _ in wanted}
        # A build that cannot be opened does not take the place of the last good one.
        if not kept & self._open.keys() and self._open:
            kept.add(max(self._open))
        with self._lock:
            for build in [build for build in self._open if build not in kept]:
                self._retire(self._open.pop(build))
        return failures

    @contextmanager
    def reading(self, build: str | None = None, ident: str | None = None) -> Iterator[Published]:
        """Yield a build, by default the newest, which stays open meanwhile.

        If the named one is not kept, it is the newest if the rows of the statistic `ident` are still the
        same. Raises ExpiredBuild when there is none, and NoStatisticsError when there are no builds at all.
        """
        with self._lock:
            opened = self._chosen(build, ident)
            opened.readers += 1
        try:
            yield opened.published
        finally:
            with self._lock:
                opened.readers -= 1
                self._close_when_done(opened)

    def close(self) -> None:
        """Close every build as soon as nobody reads it."""
        with self._lock:
            while self._open:
                self._retire(self._open.popitem()[1])

    def _chosen(self, build: str | None, ident: str | None) -> _Open:
        if build is not None and build in self._open:
            return self._open[build]
        if build is None and not self._open:
            raise NoStatisticsError("No statistics are published yet.", "`autostats run` publishes them.")
        newest = max(self._open, default="")
        # Live builds come every few seconds, and leave most statistics as they are.
        if build is None or (
            newest and ident and _made_in(self._open[newest].published, ident) <= build <= newest
        ):
            return self._open[newest]
        raise expired(build)

    def _retire(self, opened: _Open) -> None:
        opened.is_retired = True
        self._close_when_done(opened)

    @staticmethod
    def _close_when_done(opened: _Open) -> None:
        if opened.is_retired and not opened.readers:
            opened.published.close()
