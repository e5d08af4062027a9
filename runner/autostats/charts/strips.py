"""Run numbers as strips of columns, each of which shows the worst state among its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from autostats.queries.rows import Row
from autostats.queries.run_numbers import SEEN

# From the best to the worst.
STATES = (SEEN, "arrived", "ignored", "open")
STATE_WORDS = {SEEN: "seen in time", "arrived": "came late", "ignored": "ignored", "open": "still missing"}
# Breaks are left out if they would take more than this share of the columns.
_MOST_BREAKS = 1 / 8


@dataclass(frozen=True)
class Strip:
    """The run numbers of one instrument; a column is a state, or None where numbers are omitted."""

    instrument: str
    first: int
    last: int
    missing: int
    columns: Sequence[str | None]

    @property
    def stretches(self) -> list[tuple[str, int, int]]:
        """Adjacent columns with the same state: the state, the first column and the one after the last."""
        found, place = [], 0
        for state, group in groupby(self.columns):
            width = len(list(group))
            if state is not None:
                found.append((state, place, place + width))
            place += width
        return found


def _strip(instrument: str, ranges: Sequence[Row], width: int, gap: int) -> Strip:
    breaks = [
        place
        for place, (before, after) in enumerate(pairwise(ranges), start=1)
        if after["first_run_number"] > before["last_run_number"] + 1
    ]
    if len(breaks) * gap > width * _MOST_BREAKS:
        breaks = []
    room = width - len(breaks) * gap
    total = sum(row["runs"] for row in ranges)
    ranks = [-1] * room
    gaps = []
    before = 0
    for place, row in enumerate(ranges):
        first = before * room // total
        if place in breaks:
            # What comes before it and what comes after it are both visible.
            gaps.append(min(max(round(before * room / total), 1), room - 1))
        before += row["runs"]
        for column in range(first, -(-before * room // total)):
            ranks[column] = max(ranks[column], STATES.index(row["state"]))
    columns: list[str | None] = [STATES[rank] for rank in ranks]
    for place in reversed(gaps):
        columns[place:place] = [None] * gap
    return Strip(
        instrument,
        ranges[0]["first_run_number"],
        ranges[-1]["last_run_number"],
        sum(row["runs"] for row in ranges if row["state"] == "open"),
        columns,
    )


def strips(rows: Sequence[Row], width: int, gap: int = 1) -> list[Strip]:
    """Return a strip of `width` columns for each instrument of `rows` (ranges by instrument and number).

    `gap` columns stand for the numbers omitted between two ranges.
    """
    return [
        _strip(instrument, list(ranges), width, gap)
        for instrument, ranges in groupby(rows, key=lambda row: str(row["instrument"]))
    ]
