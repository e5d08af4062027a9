"""What is rendered: sections of rows, with columns that say how to read each value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Row = Mapping[str, Any]


class Kind(Enum):
    """How a value is shown to people; programs get it unchanged."""

    TEXT = "text"
    NUMBER = "number"  # an identifier: no thousands, no colour
    COUNT = "count"
    BAD_COUNT = "bad count"  # red when above zero
    SHARE = "share"  # 0 to 1, shown in per cent
    PERCENT = "percent"  # 0 to 100
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAY = "day"
    TIME = "time"  # UTC, shown in the facility's time zone
    HOUR = "hour"  # the beginning of one, UTC, shown in the facility's time zone with its offset
    FLAG = "flag"
    SERIES = "series"  # one value a day, shown as a sparkline


@dataclass(frozen=True)
class Column:
    """A column: `name` is the key in rows and machine formats, `heading` what a table writes above it.

    `spoken` is its form in a sentence, with `{}` for the value and `(s)` for a plural; without it, heading
    and value are used. `description` says what it holds, with its unit, for a day or a run.
    """

    name: str
    kind: Kind = Kind.TEXT
    heading: str = ""
    spoken: str = ""
    description: str = ""
    # Without it, the narrowest layouts also use the heading.
    short_heading: str = ""
    is_nullable: bool = False
    # The Prometheus metric that holds it: a name, or name{label=value}.
    metric: str = ""
    # False: made only for tables, from values that have their own columns in the machine formats.
    machine: bool = True
    # A difference of two values of this kind, shown with its sign.
    is_change: bool = False


@dataclass(frozen=True)
class Section:
    """A table: rows, at most one total row, and the layouts to choose from, widest first."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    layouts: Sequence[Sequence[str]]
    total: Row | None = None
    empty: str = "None."
    notes: Sequence[str] = field(default_factory=tuple)
    # What is shown after a column that is chosen by name, because that says too little alone.
    companions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """Return the column called `name`."""
        return next(column for column in self.columns if column.name == name)

    @property
    def total_label(self) -> str | None:
        """The column that labels the total row: the first shown column that holds text."""
        return next((name for name in self.layouts[0] if self.column(name).kind is Kind.TEXT), None)

    @property
    def machine_columns(self) -> list[Column]:
        """The columns for csv and markdown: all that hold one value per row."""
        return [column for column in self.columns if column.machine and column.kind is not Kind.SERIES]


@dataclass(frozen=True)
class Metric:
    """A gauge for Prometheus: pairs of labels and a value, in the unit that its name ends in."""

    name: str
    help: str
    samples: Sequence[tuple[Mapping[str, str], float]]


@dataclass(frozen=True)
class Document:
    """Everything that one command prints."""

    title: str
    # Key and value pairs that come before the sections in json.
    facts: Mapping[str, Any]
    sections: Sequence[Section]
    timezone: str
    captions: Sequence[str] = ()
    # A sentence below the title.
    lead: str = ""
    # The schema of the json and its version; it is in the folder schemas.
    schema: str = ""
    # What Prometheus gets instead of the sections.
    metrics: Sequence[Metric] = ()
