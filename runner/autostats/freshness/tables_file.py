"""The monitored tables of a facility: a CSV file with a line for each."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytz

from autostats.csv_file import csv_rows
from autostats.errors import UsageError

FILE_NAME = "monitored_tables.csv"
# What tells a monitored table from others: dbobject, `database.table`, column.
Key = tuple[str, str, str]
_NAMES = ("dbobject", "database", "table", "column", "timezone", "interval", "active")
_TRUE = frozenset({"true", "yes", "y", "t", "1", "active"})
_FALSE = frozenset({"false", "no", "n", "f", "0", "inactive"})
_LONGEST = {"dbobject": 200, "name": 500, "column": 200}
_MOST_MINUTES = 1_000_000_000


@dataclass(frozen=True)
class MonitoredTable:
    """A table to check: `column` tells when it was last updated, on the clock of `zone` if it has no offset.

    A lag of `warn_seconds` is a warning, one of `error_seconds` is stale.
    """

    dbobject: str
    database: str
    table: str
    column: str
    zone: ZoneInfo
    interval_seconds: int
    warn_seconds: int
    error_seconds: int

    @property
    def name(self) -> str:
        """`database.table`, as in the file."""
        return f"{self.database}.{self.table}" if self.database else self.table

    @property
    def key(self) -> Key:
        """What tells it from others, in the observations too."""
        return self.dbobject, self.name, self.column

    @property
    def variable(self) -> str:
        """The environment variable with the URL of its database."""
        return "AUTOSTATS_DB_" + re.sub(r"[^A-Z0-9]", "_", self.dbobject.upper())


def read_tables(path: Path) -> list[MonitoredTable]:
    """Return the active tables of a CSV file.

    Raises UsageError, which names the line, for the first that cannot be used. Inactive lines are not read
    any further.
    """
    if not path.exists():
        names = ", ".join(_NAMES)
        raise UsageError(f"There is no {path}.", f"List the tables there, as CSV with the columns {names}.")
    found: dict[Key, MonitoredTable] = {}
    for place, cells in csv_rows(path, {name: [name] for name in _NAMES}, ["warn_after", "error_after"]):
        row = {name: cell.strip() for name, cell in cells.items()}
        if not _is_active(place, row["active"]):
            continue
        table = _table(place, row)
        if table.key in found:
            raise UsageError(
                f"{place} repeats {table.name}, column {table.column}.", "Remove one of the two."
            )
        found[table.key] = table
    return list(found.values())


def _is_active(place: str, text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise UsageError(f"{place} has {text!r} in the column active.", "Write true or false.")
    return text.lower() in _TRUE


def _table(place: str, row: dict[str, str]) -> MonitoredTable:
    for name in ("dbobject", "table", "column"):
        if not row[name]:
            raise UsageError(f"{place} has no {name}.", "Fill it in, or remove the line.")
    if row["timezone"] not in pytz.all_timezones_set:
        raise UsageError(
            f"{place} has the time zone {row['timezone']!r}.", "Use an IANA name such as Europe/London."
        )
    interval = _seconds(place, "interval", row["interval"])
    warn, error = (
        _seconds(place, name, row[name]) if row.get(name) else times * interval
        for name, times in (("warn_after", 2), ("error_after", 4))
    )
    if warn > error:
        raise UsageError(
            f"{place} warns after {warn / 60:g} minutes, but a lag of {error / 60:g} is stale already.",
            "Set both warn_after and error_after, the smaller one first.",
        )
    names = (row["dbobject"], row["database"], row["table"], row["column"])
    table = MonitoredTable(*names, ZoneInfo(row["timezone"]), interval, warn, error)
    for name, longest in _LONGEST.items():
        text = str(getattr(table, name))
        if len(text) > longest or "\0" in text:
            raise UsageError(
                f"{place} has a name of more than {longest} characters, or with a NUL.", "Fix the line."
            )
    return table


def _seconds(place: str, name: str, minutes: str) -> int:
    try:
        number = float(minutes)
    except ValueError:
        number = math.nan
    seconds = round(60 * number) if 0 < number <= _MOST_MINUTES else 0
    if seconds < 1:
        raise UsageError(
            f"{place} has {minutes!r} in the column {name}.",
            f"Write a number of minutes above 0, and of at most {_MOST_MINUTES:,}.",
        )
    return seconds
