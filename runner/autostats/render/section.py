"""What is rendered: sections of rows, with columns that say how to read each value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import Enum
from typing import Any

from autostats.brand import NO_BRAND, Brand
from autostats.links import NO_LINKS, Links

Row = Mapping[str, Any]


class Kind(Enum):
    """How a value is shown to people; programs get it unchanged."""

    TEXT = "text"
    NUMBER = "number"  # an identifier: no thousands, no colour
    INSTRUMENT = "instrument"  # its name
    RUN = "run"  # its number
    JOB = "job"  # its id
    RB = "rb"  # the number of an experiment
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
    SEVERITY = "severity"  # high or medium: high is red
    SERIES = "series"  # one value a day, shown as a sparkline

    @property
    def is_text(self) -> bool:
        """Whether values are text of any length."""
        return self in (Kind.TEXT, Kind.INSTRUMENT)


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
    # What a text that is a single number names.
    names: Kind | None = None

    @property
    def heading_line(self) -> str:
        """The heading on one line: terminal tables break it, even within words."""
        return self.heading.replace("-\n", "").replace("\n", " ")


@dataclass(frozen=True)
class Section:
    """A table: rows, at most one total row, and the layouts to choose from, widest first.

    `count` is how many things it lists, whether all are shown or not; None for a table that is no list.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    layouts: Sequence[Sequence[str]]
    total: Row | None = None
    empty: str = "None."
    notes: Sequence[str] = field(default_factory=tuple)
    count: int | None = None
    # What follows the title and the count: which things it lists.
    which: str = ""
    # What is shown after a column that is chosen by name, because that says too little alone.
    companions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # The instrument, run or job that all rows are about, where no column says it.
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows_and_total(self) -> list[Row]:
        """The rows, and the total as the last one if there is one."""
        return [*self.rows, *([self.total] if self.total is not None else [])]

    @property
    def heading(self) -> str:
        """The title, how many things are listed, and which: `Missing runs (7), noticed in this period`."""
        counted = f"{self.title} ({self.count:,})" if self.count else self.title
        return f"{counted}, {self.which}" if self.which else counted

    def column(self, name: str) -> Column:
        """Return the column called `name`."""
        return next(column for column in self.columns if column.name == name)

    @property
    def total_label(self) -> str | None:
        """The column that labels the total row: the first shown column that holds text."""
        return next((name for name in self.layouts[0] if self.column(name).kind.is_text), None)

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
    # Where people find what cells name.
    links: Links = NO_LINKS
    # Whose it is; only pages show it.
    brand: Brand = NO_BRAND
    # What needs somebody now, before all else; people see it only if there is anything.
    attention: Section | None = None

    @property
    def shown_first(self) -> list[Section]:
        """What people read before the sections."""
        return [self.attention] if self.attention is not None and self.attention.rows else []

    @property
    def zone(self) -> tzinfo:
        """Its time zone, or UTC where this computer does not know that."""
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")
