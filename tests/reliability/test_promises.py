"""The figures of docs/reliability.md are those of the suites."""

import re
from pathlib import Path

from autostats import log
from autostats.source.connection import CONNECT_SECONDS, PAUSES_SECONDS
from autostats.time_limits import DEFAULT_SECONDS
from support.reliability import figures
from support.reliability.hostile import MARKS, NAMES

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"

FIGURES = {
    "nightly runs killed": figures.NIGHTLY_KILLS,
    "first loads killed": figures.FIRST_LOAD_KILLS,
    "full refreshes killed": figures.FULL_REFRESH_KILLS,
    "runs stopped by Ctrl-C": figures.INTERRUPTS,
    "command lines made at random": figures.COMMAND_LINES,
    "hostile instrument names": len(NAMES),
    "marked secrets searched for": len(MARKS),
    "nights of arbitrary events, at least": figures.NIGHTS,
}
SETTINGS = {
    "a report waits": figures.REPORT_WAIT_SECONDS,
    "a connection may take": CONNECT_SECONDS,
    "attempts to connect": len(PAUSES_SECONDS) + 1,
    "a run may go without progress": int(DEFAULT_SECONDS),
    "log files kept": log.BACKUPS + 1,
}


def _rows(title: str) -> dict[str, int]:
    """Return the table below a title: what is counted, and how many."""
    section = PAGE.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \| ([\d,]+)[^|]* \|", section, re.MULTILINE)
    return {what: int(number.replace(",", "")) for what, number in rows}


def test_what_we_test() -> None:
    assert _rows("What we test") == FIGURES


def test_the_limits() -> None:
    assert _rows("Limits") == SETTINGS
