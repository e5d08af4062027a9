"""A job as the definitions read it, whether it comes from the source or from our copy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Self

from autostats.verification.settings import DAYS_AHEAD, Cell, Settings

STATUSES = {
    "c": "completed",
    "completed": "completed",
    "e": "error",
    "error": "error",
    "s": "skipped",
    "skipped": "skipped",
    "q": "queued",
    "queued": "queued",
    "p": "processing",
    "processing": "processing",
}
TERMINAL = ("completed", "error")
PENDING = ("queued", "processing")
_LONGEST_TEXT = 200


@dataclass(frozen=True)
class SourceJob:
    """One row of `reductionrun` and what its foreign keys name; times are naive, in the source's time zone.

    A time may be text: text that means nothing, or that ends with an offset.
    """

    job_id: int
    instrument: str | None
    rb_number: int | None
    run_version: int
    started_by: int | None
    status: str
    batch_run: bool
    run_numbers: tuple[int, ...]
    created: Cell
    started: Cell
    finished: Cell
    last_updated: Cell
    reduction_host: str | None = None
    run_title: str | None = None
    software: str | None = None

    def with_cells(self, cells: Mapping[str, Any]) -> Self:
        """Return the row with other values in some columns."""
        return replace(self, **cells)


@dataclass(frozen=True)
class Job:
    """A job as the definitions read it; times are naive UTC, None if the source's value means nothing."""

    source: SourceJob
    settings: Settings
    is_deleted: bool = False

    @property
    def job_id(self) -> int:
        """Its id at the source."""
        return self.source.job_id

    @property
    def instrument(self) -> str:
        """The name of its instrument."""
        return "unknown" if self.source.instrument is None else self.source.instrument

    @cached_property
    def numbers(self) -> list[int]:
        """Its run numbers, sorted, without those below 1."""
        return sorted({number for number in self.source.run_numbers if number >= 1})

    @property
    def unread_cells(self) -> list[str]:
        """The columns whose values mean nothing, in the order of the source."""
        times = [
            name for name in DAYS_AHEAD if getattr(self.source, name) is not None and self.time(name) is None
        ]
        return times + ["run_number"] * any(number < 1 for number in self.source.run_numbers)

    @property
    def has_future_time(self) -> bool:
        """Whether a time was read as empty because it is too far ahead: it may mean something one day."""
        return any(
            (moment := self.settings.read(getattr(self.source, name))) is not None
            and moment > self.settings.as_of + timedelta(days=days)
            for name, days in DAYS_AHEAD.items()
        )

    def time(self, name: str) -> datetime | None:
        """Return one of the four times."""
        return self.settings.means(getattr(self.source, name), DAYS_AHEAD[name])

    @property
    def run_number(self) -> int | None:
        """Its only run number."""
        return self.numbers[0] if len(self.numbers) == 1 else None

    @property
    def is_batch(self) -> bool:
        """Whether it is a batch at the source, or has several run numbers."""
        return self.source.batch_run or len(self.numbers) > 1

    @property
    def status(self) -> str:
        """One of the six statuses."""
        return STATUSES.get(self.source.status.strip().lower(), "other")

    @property
    def starter(self) -> str:
        """Who started it."""
        started_by = self.source.started_by
        if started_by is None or started_by < -1:
            return "unknown"
        return {0: "auto", -1: "devs"}.get(started_by, "users")

    @property
    def reduction_host(self) -> str | None:
        """The computer that ran it."""
        return _read_text(self.source.reduction_host)

    @property
    def run_title(self) -> str | None:
        """The title of its run."""
        return _read_text(self.source.run_title)

    @property
    def software(self) -> str | None:
        """The name and version of what ran it."""
        return _read_text(self.source.software)

    @cached_property
    def created(self) -> datetime | None:
        """When it was created."""
        return self.time("created")

    @cached_property
    def started(self) -> datetime | None:
        """When it started."""
        return self.time("started")

    @cached_property
    def finished(self) -> datetime | None:
        """When it finished."""
        return self.time("finished")

    @cached_property
    def last_updated(self) -> datetime | None:
        """When the source last changed its row."""
        return self.time("last_updated")

    @property
    def arrived(self) -> datetime:
        """When its run numbers arrived: its creation, else the first other time that it has."""
        times = (self.created, self.started, self.finished, self.last_updated)
        return next(filter(None, times), self.settings.earliest_time)

    @cached_property
    def day(self) -> date | None:
        """The local day of its creation."""
        return None if self.created is None else self.settings.local_day(self.created)

    @property
    def end(self) -> datetime | None:
        """When a completed or failed job ended, if it says so."""
        return (self.finished or self.last_updated) if self.status in TERMINAL else None

    @property
    def ended_at(self) -> datetime:
        """The end of a job that has one."""
        assert self.end is not None
        return self.end

    @cached_property
    def end_day(self) -> date | None:
        """The local day of its end."""
        return None if self.end is None else self.settings.local_day(self.end)

    @property
    def exe_time(self) -> float | None:
        """The execution time in seconds, for a completed job with both times in order."""
        if self.status != "completed" or self.started is None or self.finished is None:
            return None
        if self.finished < self.started:
            return None
        return (self.finished - self.started).total_seconds()


def _read_text(cell: str | None) -> str | None:
    return (cell or "").strip(" ")[:_LONGEST_TEXT] or None
