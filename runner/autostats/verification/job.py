"""A job as the definitions read it, whether the source or our copy tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_STATUSES = {"c": "completed", "e": "error", "s": "skipped", "q": "queued", "p": "processing"}
_WORDS = {**_STATUSES, **{word: word for word in _STATUSES.values()}}


@dataclass(frozen=True)
class Job:
    """One job; times are UTC without a zone."""

    job_id: int
    instrument: str
    status: str
    starter: str
    run_numbers: tuple[int, ...]
    is_batch: bool
    created: datetime
    started: datetime | None
    finished: datetime | None
    last_updated: datetime

    @property
    def run_number(self) -> int | None:
        """The one run that the job is counted in, or None: it is a batch, or has no number."""
        return self.run_numbers[0] if len(self.run_numbers) == 1 and not self.is_batch else None

    @property
    def ended(self) -> datetime | None:
        """When the job ended, or None while it has not completed or failed."""
        if self.status not in ("completed", "error"):
            return None
        return self.last_updated if self.finished is None else self.finished

    @property
    def exe_microseconds(self) -> int | None:
        """How long a completed job took, when both times are there and in order."""
        if self.status != "completed" or self.started is None or self.finished is None:
            return None
        took = self.finished - self.started
        microseconds = (took.days * 86400 + took.seconds) * 1_000_000 + took.microseconds
        return microseconds if microseconds >= 0 else None


def _starter(started_by: int | None) -> str:
    if started_by is None or started_by < -1:
        return "unknown"
    return "users" if started_by > 0 else ("devs", "auto")[started_by + 1]


def job_of_source(row: Mapping[str, Any], run_numbers: Sequence[int]) -> Job:
    """Return the job of a row of the source whose times are UTC already."""
    numbers = tuple(sorted(set(run_numbers)))
    return Job(
        job_id=row["job_id"],
        instrument="unknown" if row["instrument"] is None else row["instrument"],
        status=_WORDS.get((row["status"] or "").strip().lower(), "other"),
        starter=_starter(row["started_by"]),
        run_numbers=numbers,
        is_batch=bool(row["batch_run"]) or len(numbers) > 1,
        created=row["created"],
        started=row["started"],
        finished=row["finished"],
        last_updated=row["last_updated"],
    )


def job_of_copy(row: Mapping[str, Any]) -> Job:
    """Return the job of a row of `fct_jobs`."""
    if row["run_numbers"] is not None:
        numbers = tuple(int(number) for number in row["run_numbers"].split(","))
    else:
        numbers = () if row["run_number"] is None else (row["run_number"],)
    return Job(
        job_id=row["job_id"],
        instrument=row["instrument"],
        status=row["status"],
        starter=row["starter"],
        run_numbers=numbers,
        is_batch=row["is_batch"],
        created=row["created_at"],
        started=row["started_at"],
        finished=row["finished_at"],
        last_updated=row["last_updated_at"],
    )
