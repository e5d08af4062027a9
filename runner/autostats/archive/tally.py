"""What a listing adds up to: how many files, how new, and of which runs, in little memory."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf

Range = tuple[int, int]
# Observations can hold what is below.
_TOO_LARGE = 10**18
# Path, run number, bytes, modified, file type, cycle.
Seen = tuple[str, int, int, float, str, str]
# What the group `run` found, path, bytes, modified.
Found = tuple[str | None, str, int, float]


def run_number(text: str | None) -> int | None:
    """Return the number of a run, None if there is none."""
    try:
        run = int(text or "")
    except ValueError:
        return None
    return run if 0 <= run < _TOO_LARGE else None


class Runs:
    """Run numbers as ranges; numbers in a row that come one after the other take no memory."""

    def __init__(self) -> None:
        self._singles, self._firsts, self._lasts = array("q"), array("q"), array("q")
        self._first = self._last = -2

    def add(self, run: int) -> None:
        """Add a number."""
        last = self._last
        if run == last:
            return
        if run != last + 1:
            if self._first < last:
                self._keep()
            elif last >= 0:
                self._singles.append(last)
            self._first = run
        self._last = run

    def _keep(self) -> None:
        self._firsts.append(self._first)
        self._lasts.append(self._last)

    def ranges(self) -> Iterator[Range]:
        """Yield maximal ranges in order. As many begin as end, so either may be sorted by itself."""
        if self._last >= 0:
            self._keep()
            self._first = self._last = -2
        singles = sorted(self._singles)
        # Quick, because most of it is sorted.
        firsts, lasts = (array("q", sorted([*singles, *ends])) for ends in (self._firsts, self._lasts))
        del singles
        first = firsts[0] if firsts else 0
        for last, following in zip(lasts, islice(firsts, 1, None), strict=False):
            if following > last + 1:
                yield first, last
                first = following
        if lasts:
            yield first, lasts[-1]


class Known:
    """Runs that were settled when an earlier look saw them, by ranges in order."""

    def __init__(self, ranges: Sequence[Range] = ()) -> None:
        self._firsts = array("q", [first for first, _ in ranges])
        self._lasts = array("q", [last for _, last in ranges])

    def around(self, run: int) -> Range | None:
        """Return the range that holds a run; None if it is not known."""
        place = bisect_right(self._firsts, run) - 1
        if place < 0 or run > self._lasts[place]:
            return None
        return self._firsts[place], self._lasts[place]


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

    key: tuple[str, str]
    settled_until: float
    known: Known
    since: float
    found: Newest | None
    count: int = 0
    bytes: int = 0
    newest: float | None = None
    _runs: Runs = field(default_factory=Runs)
    _unsettled: Runs = field(default_factory=Runs)

    def add(self, folder: str, files: Sequence[Found]) -> None:
        """Count files."""
        if not files:
            return
        self.count += len(files)
        self.bytes += sum([size for _, _, size, _ in files])
        newest = max([modified for _, _, _, modified in files])
        self.newest = newest if self.newest is None else max(newest, self.newest)
        if self.found is None:
            return
        # Each attribute that is not looked up again makes a difference here.
        settled_until, since, add = self.settled_until, self.since, self._runs.add
        low, high = 0, -1
        for text, path, size, modified in files:
            run = run_number(text)
            if run is None:
                continue
            add(run)
            if modified > settled_until:
                self._unsettled.add(run)
            if modified > since and not low <= run <= high:
                known = self.known.around(run)
                if known is None:
                    self.found.add((folder + path, run, size, modified, *self.key))
                else:
                    low, high = known

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
