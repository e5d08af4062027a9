"""Polls of instruments: what a monitor, or somebody, has found each to be at one moment."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autostats.csv_file import Told, csv_rows
from autostats.errors import UsageError

STATES = {"up": "up", "active": "up", "down": "down", "inactive": "down", "unknown": "unknown"}
INSTRUMENT_COLUMN = ("instrument", "store_id")
_COLUMNS = {
    "instrument": INSTRUMENT_COLUMN,
    "state": ("status", "state"),
    "polled_at": ("timestamp_utc", "polled_at"),
}
_LONGEST_NAME = 200
_LONGEST_REASON = 500
Poll = dict[str, Any]


def read_polls(path: Path, told: Told = lambda position: None) -> Iterator[Poll]:
    """Yield the polls of a CSV file, as `poll` returns them.

    Its columns: `instrument` or `store_id`; `status` or `state`; `timestamp_utc` or `polled_at`; and, if
    there is one, `reason`. `told` hears how far it has read (bytes). Raises UsageError, which names the line,
    for the first that is no poll.
    """
    for place, row in csv_rows(path, _COLUMNS, ["reason"], told):
        yield poll(place, **row)


def poll(place: str, instrument: str, state: str, polled_at: str, reason: str | None = None) -> Poll:
    """Return instrument, state (up, down, unknown), polled_at (UTC, without a zone) and reason.

    `place` says where the poll stands, for messages. Raises UsageError when it is none.
    """
    found = STATES.get(state.strip().lower())
    if found is None:
        raise UsageError(f"{place} has the status {state!r}.", f"Known are {', '.join(STATES)}.")
    return {
        "instrument": instrument_name(place, instrument),
        "state": found,
        "polled_at": _moment(place, polled_at),
        "reason": (reason or "").replace("\0", "").strip()[:_LONGEST_REASON] or None,
    }


def instrument_name(place: str, text: str) -> str:
    """Return the name of an instrument, any text. Raises UsageError when there is none, or it is too long."""
    name = text.strip()
    if not name:
        raise UsageError(f"{place} names no instrument.", "Add its name.")
    if "\0" in name:
        raise UsageError(f"{place} has a name with a NUL character.", "Fix the line.")
    if len(name) > _LONGEST_NAME:
        raise UsageError(f"{place} has a name of more than {_LONGEST_NAME} characters.", "Shorten it.")
    return name


def _moment(place: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip().removesuffix("UTC").rstrip())
    except ValueError:
        raise UsageError(f"{place} has the time {text!r}.", "Write it as 2023-01-22 12:09:39 UTC.") from None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    if not 1970 <= moment.year < 2100:
        raise UsageError(f"{place} has the time {text!r}.", "Times lie between the years 1970 and 2100.")
    return moment
