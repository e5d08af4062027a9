"""What a listing adds up to: how many files, how new, and of which runs, in little memory."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import inf

from autostats.archive.storage import File

Range = tuple[int, int]
# Observations can hold what is below.
_TOO_LARGE = 10**18
_MOST_NUMBERS = 1 << 20
# Numbers are marked in a row of bytes, which takes a fraction of sorting them, if it is not much longer.
_DENSE = 8
_ROW = re.compile(b"\x01+")
# Path, run number, bytes, modified, file type, cycle.
Seen = tuple[str, int, int, float, str, str]


def run_number(text: str | None) -> int | None:
    """Return the number of a run, None if there is none."""
    try:
        run = int(text or "")
    except ValueError:
        return None
    return run if 0 <= run < _TOO_LARGE else None


def run_numbers(texts: Sequence[str | None]) -> tuple[Sequence[int | None], Sequence[int]]:
    """Return the number of each run, as `run_number` does, and those that there are.

    If all have one, it takes a fraction of the time.
    """
    try:
        # None is no number either.
        numbers = list(map(int, texts))  # type: ignore[arg-type]
        if min(numbers) >= 0 and max(numbers) < _TOO_LARGE:
            return numbers, numbers
    except (TypeError, ValueError):
        pass
    runs = [run_number(text) for text in texts]
    return runs, [run for run in runs if run is not None]


class Runs:
    """Run numbers, which become ranges as soon as there are many."""

    def __init__(self) -> None:
        self._numbers, self._firsts, self._lasts = array("q"), array("q"), array("q")

    def extend(self, runs: Iterable[int]) -> None:
        """Add numbers."""
        self._numbers.extend(runs)
        if len(self._numbers) >= _MOST_NUMBERS:
            self._fold()

    def _fold(self) -> None:
        for first, last in _ranges(self._numbers):
            self._firsts.append(first)
            self._lasts.append(last)
        self._numbers = array("q")

    def ranges(self) -> Iterator[Range]:
        """Yield maximal ranges in order. As many begin as end, so either may be sorted by itself."""
        self._fold()
        firsts, lasts = (array("q", sorted(ends)) for ends in (self._firsts, self._lasts))
        first = firsts[0] if firsts else 0
        for last, following in zip(lasts, islice(firsts, 1, None), strict=False):
            if following > last + 1:
                yield first, last
                first = following
        if lasts:
            yield first, lasts[-1]


def _ranges(numbers: Sequence[int]) -> Iterator[Range]:
    """Yield the ranges of numbers, the maximal ones of those that lie close together."""
    if not numbers:
        return
    low, high = min(numbers), max(numbers)
    if high - low > _DENSE * len(numbers):
        yield from ((number, number) for number in sorted(set(numbers)))
        return
    marks = bytearray(high - low + 1)
    for number in numbers:
        marks[number - low] = 1
    for row in _ROW.finditer(marks):
        yield low + row.start(), low + row.end() - 1


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

    def add(self, folder: str, files: Sequence[File], texts: Sequence[str | None]) -> None:
        """Count files; `texts` are what the group `run` found in each."""
        if not files:
            return
        self.count += len(files)
        self.bytes += sum([size for _, size, _ in files])
        newest = max([modified for _, _, modified in files])
        self.newest = newest if self.newest is None else max(newest, self.newest)
        if self.found is None:
            return
        runs, numbers = run_numbers(texts)
        self._runs.extend(numbers)
        if newest > self.settled_until:
            self._unsettled.extend(
                run
                for run, (_, _, modified) in zip(runs, files, strict=True)
                if run is not None and modified > self.settled_until
            )
        if numbers and newest > self.since:
            self._find(folder, files, runs, numbers, self.found)

    def _find(
        self,
        folder: str,
        files: Sequence[File],
        runs: Sequence[int | None],
        numbers: Sequence[int],
        found: Newest,
    ) -> None:
        """Hand over the files of runs that are not known."""
        low, high = self.known.around(min(numbers)) or (0, -1)
        if max(numbers) <= high:
            return
        for run, (path, size, modified) in zip(runs, files, strict=True):
            if run is None or modified <= self.since or low <= run <= high:
                continue
            known = self.known.around(run)
            if known is None:
                found.add((folder + path, run, size, modified, *self.key))
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
