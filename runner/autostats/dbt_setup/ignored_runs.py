"""The seed of run numbers that will never arrive: `ignored_runs.csv`."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autostats.dbt_setup.seeds import seed_header, seed_lines, seed_text, with_rows, write_seed
from autostats.errors import UsageError
from autostats.home import Home
from autostats.text import printable

FILE_NAME = "ignored_runs.csv"
_COLUMNS = ("instrument", "first_run_number", "last_run_number", "reason")
_RANGE = re.compile(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", re.ASCII)
# What the columns of the statistics have room for.
_HIGHEST = 2**63 - 1
_LONGEST_REASON = 200
_EXAMPLE = "Write them as 100-120, 100 or 100,105-107."

Range = tuple[int, int]


@dataclass(frozen=True)
class Added:
    """The ranges that were added to the file `path`; none if all were listed before."""

    path: Path
    ranges: Sequence[Range]


def parse_ranges(text: str) -> list[Range]:
    """Return the ranges of run numbers in a list such as `100,105-107`, in order and without overlaps.

    Raises UsageError for anything else.
    """
    found = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            raise UsageError(f"{text!r} are no run numbers.", _EXAMPLE)
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first:
            raise UsageError(f"The range {first}-{last} ends before it starts.", _EXAMPLE)
        if first < 1 or last > _HIGHEST:
            raise UsageError(f"{first if first < 1 else last} is no run number.", _EXAMPLE)
        found.append((first, last))
    return _merged(found)


def in_words(ranges: Sequence[Range]) -> str:
    """Return ranges as people write them."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def ignore_runs(
    home: Home, project_dir: Path, instrument: str, ranges: Sequence[Range], reason: str
) -> Added:
    """Add those runs to the home's own file that are not in it yet; the rest of the file stays as it is.

    The file begins as a copy of the project's. Raises UsageError when the reason is empty or too long, or
    when the file is broken or cannot be written.
    """
    # A seed has one row per line.
    why = printable(" ".join(reason.split()))
    if not why:
        raise UsageError("--reason is empty.", "Say why these runs will never arrive.")
    if len(why) > _LONGEST_REASON:
        raise UsageError(
            f"--reason has {len(why)} characters.", f"There is room for {_LONGEST_REASON}: shorten it."
        )
    own = home.seeds / FILE_NAME
    path = own if own.exists() else project_dir / "seeds" / FILE_NAME
    new = _without(ranges, _listed(path, instrument))
    if new:
        rows = [dict(zip(_COLUMNS, (instrument, first, last, why), strict=True)) for first, last in new]
        write_seed(own, with_rows(path, _COLUMNS, rows))
    return Added(own, new)


def _listed(path: Path, instrument: str) -> list[Range]:
    """Return the ranges of an instrument that the file lists."""
    lines = list(seed_lines(seed_text(path)))
    header = seed_header(path, lines, _COLUMNS)
    # A name may go over several lines.
    reader = csv.reader((f"{line}\n" for _, line in lines[1:]), strict=True)
    found = []
    try:
        for cells in reader:
            row = dict(zip(header, cells, strict=False))
            first, last = int(row["first_run_number"]), int(row["last_run_number"])
            if row["instrument"] == instrument:
                found.append((first, last))
    except (csv.Error, KeyError, ValueError):
        number = lines[reader.line_num][0]
        raise UsageError(
            f"{path}, line {number}, is no range of runs.", f"Its columns are {','.join(_COLUMNS)}."
        ) from None
    return _merged(found)


def _merged(ranges: Sequence[Range]) -> list[Range]:
    """Return the same numbers as ranges in order, none of which touches another."""
    merged: list[Range] = []
    for first, last in sorted(ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    return merged


def _without(ranges: Sequence[Range], known: Sequence[Range]) -> list[Range]:
    """Return what of the `ranges` no known one has; both are in order, without overlaps."""
    rest = []
    for first, last in ranges:
        start = first
        for before, after in known:
            if start <= last and before <= last and after >= start:
                if before > start:
                    rest.append((start, before - 1))
                start = after + 1
        if start <= last:
            rest.append((start, last))
    return rest
