"""The figures of docs/reliability.md are those of the suites."""

import re
from pathlib import Path

from autostats import log
from autostats.source.connection import CONNECT_SECONDS, PAUSES_SECONDS
from autostats.time_limits import DEFAULT_SECONDS
from support.extent import Extent
from support.reliability import figures
from support.reliability.hostile import MARKS, NAMES

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"

EXTENTS = {
    "nightly runs killed": figures.NIGHTLY_KILLS,
    "first loads killed": figures.FIRST_LOAD_KILLS,
    "full refreshes killed": figures.FULL_REFRESH_KILLS,
    "runs stopped by Ctrl-C": figures.INTERRUPTS,
    "command lines made at random": figures.COMMAND_LINES,
    "hostile instrument names": Extent(len(NAMES), len(NAMES)),
    "marked secrets searched for": Extent(len(MARKS), len(MARKS)),
    "nights of arbitrary events, at least": figures.NIGHTS,
}
SETTINGS = {
    "a report waits": figures.REPORT_WAIT_SECONDS,
    "a connection may take": CONNECT_SECONDS,
    "attempts to connect": len(PAUSES_SECONDS) + 1,
    "a run may go without progress": int(DEFAULT_SECONDS),
    "log files kept": log.BACKUPS + 1,
}


def _rows(title: str) -> dict[str, list[int]]:
    """Return the table below a title: what is counted, and how many."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if re.search(r"\| [\d,]+", line)]
    return {what: [int(cell.split()[0].replace(",", "")) for cell in cells] for what, *cells in lines}


def test_what_we_test() -> None:
    extents = {what: [each.with_every_change, each.at_length] for what, each in EXTENTS.items()}
    assert _rows("What we test") == extents


def test_the_limits() -> None:
    assert _rows("Limits") == {what: [number] for what, number in SETTINGS.items()}
