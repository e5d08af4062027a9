"""What a listing adds up to: how many files, how new, and of which runs, in little memory."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf

Range = tuple[int, int]
# A run number that observations can hold.
_DIGITS = 18
# Path, run number, bytes, modified, file type, cycle, instrument.
Seen = tuple[str, int, int, float, str, str, str]


def run_number(text: str | None) -> int | None:
    """Return the number of a run, None if there is none."""
    if not text or not text.isdecimal() or len(text.lstrip("0")) > _DIGITS:
        return None
    return int(text)


class Runs:
    """Run numbers as ranges; neighbours that come one after the other take no memory."""

    def __init__(self) -> None:
        self._firsts, self._lasts = array("q"), array("q")
        self._newest = -2

    def add(self, run: int) -> None:
        """Add a number."""
        if run == self._newest:
            return
        if run == self._newest + 1:
            self._lasts[-1] = run
        else:
            self._firsts.append(run)
            self._lasts.append(run)
        self._newest = run

    def ranges(self) -> Iterator[Range]:
        """Yield maximal ranges in order. As many begin as end, so either may be sorted by itself."""
        if not self._firsts:
            return
        firsts, lasts = array("q", sorted(self._firsts)), array("q", sorted(self._lasts))
        first = firsts[0]
        for place in range(1, len(firsts)):
            if firsts[place] > lasts[place - 1] + 1:
                yield first, lasts[place - 1]
                first = firsts[place]
        yield first, lasts[-1]


class Known:
    """Runs that were settled when an earlier look saw them, by ranges in order."""

    def __init__(self, ranges: Sequence[Range] = ()) -> None:
        self._firsts = array("q", [first for first, _ in ranges])
        self._lasts = array("q", [last for _, last in ranges])

    def __contains__(self, run: int) -> bool:
        place = bisect_right(self._firsts, run)
        return place > 0 and run <= self._lasts[place - 1]


class Newest:
    """The newest files of all that are added."""

    def __init__(self, most: int) -> None:
        self._most, self._files, self._older = most, list[Seen](), -inf

    def add(self, seen: Seen) -> None:
        """Add a file, unless there are enough that are newer."""
        if seen[3] <= self._older:
            return
        self._files.append(seen)
        if len(self._files) >= self._most * 5 // 4:
            self._prune()

    def _prune(self) -> None:
        self._files.sort(key=lambda seen: seen[3], reverse=True)
        if len(self._files) > self._most:
            self._older = self._files[self._most][3]
            del self._files[self._most :]

    def files(self) -> list[Seen]:
        """Return them, the newest first."""
        self._prune()
        return self._files


@dataclass
class Tally:
    """The files of one file type in one cycle; a file that is newer than `settled_until` may still change.

    Files of runs that are not `known`, and that are newer than `since`, are handed to `found`.
    """

    place: tuple[str, str, str]
    settled_until: float
    known: Known
    since: float
    found: Newest | None
    count: int = 0
    bytes: int = 0
    newest: float | None = None
    _runs: Runs = field(default_factory=Runs)
    _unsettled: Runs = field(default_factory=Runs)

    def add(self, folder: str, path: str, size: int, modified: float, run: int | None) -> None:
        """Count a file."""
        self.count += 1
        self.bytes += size
        if self.newest is None or modified > self.newest:
            self.newest = modified
        if run is None or self.found is None:
            return
        self._runs.add(run)
        if modified > self.settled_until:
            self._unsettled.add(run)
        if modified > self.since and run not in self.known:
            self.found.add((folder + path, run, size, modified, *self.place))

    @property
    def is_settled(self) -> bool:
        """Whether the newest file is old enough."""
        return self.newest is None or self.newest <= self.settled_until

    def ranges(self) -> Iterator[tuple[int, int, bool]]:
        """Yield ranges of runs in order, and whether they are settled."""
        return divided(self._runs.ranges(), self._unsettled.ranges())


def divided(ranges: Iterable[Range], unsettled: Iterable[Range]) -> Iterator[tuple[int, int, bool]]:
    """Yield ranges cut at the `unsettled` ones, each of which lies in one of them, and which are settled."""
    ahead = iter(unsettled)
    cut = next(ahead, None)
    for first, last in ranges:
        while cut is not None and cut[0] <= last:
            if first < cut[0]:
                yield first, cut[0] - 1, True
            yield *cut, False
            first = cut[1] + 1
            cut = next(ahead, None)
        if first <= last:
            yield first, last, True
