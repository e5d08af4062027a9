"""The reports that were asked for: a row of a table each, and a file when it is complete."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import URL

from autostats.errors import LockedError, UsageError
from autostats.home import Home

_WAIT_SECONDS = 10
_metadata = MetaData()
_reports = Table(
    "reports",
    _metadata,
    Column("report_id", String(36), primary_key=True),
    Column("key", Text, nullable=False, index=True),
    Column("build", String(80), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text),
    Column("suffix", String(12), nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
)


class UnknownReport(UsageError):
    """No report has this id, or it has expired."""


class NotComplete(UsageError):
    """A report has no file, not yet or never."""


class ReportState(StrEnum):
    """How far a report is."""

    RUNNING = "Running"
    COMPLETE = "Complete"
    FAILED = "Failed"


@dataclass(frozen=True)
class Report:
    """A report; times are UTC. `key` says what was asked for, and of which build."""

    report_id: str
    key: str
    build: str
    state: str
    reason: str | None
    suffix: str
    media_type: str
    created_at: datetime
    ended_at: datetime | None


class ReportStore:
    """The reports of a home, for one server at a time and any of its threads."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    def find(self, report_id: str) -> Report | None:
        """Return a report, or None if there is none of this id."""
        with self._engine.connect() as connection:
            row = connection.execute(select(_reports).where(_reports.c.report_id == report_id)).first()
        return Report(*row) if row is not None else None

    def like(self, key: str) -> Report | None:
        """Return the report that was asked for with the same key, unless it has failed."""
        alike = select(_reports).where(_reports.c.key == key, _reports.c.state != ReportState.FAILED)
        with self._engine.connect() as connection:
            row = connection.execute(alike.order_by(_reports.c.created_at.desc())).first()
        return Report(*row) if row is not None else None

    def add(self, key: str, build: str, suffix: str, media_type: str, now: datetime) -> Report:
        """Add a report that is to be made, and return it."""
        made = Report(str(uuid.uuid4()), key, build, ReportState.RUNNING, None, suffix, media_type, now, None)
        with self._engine.begin() as connection:
            connection.execute(insert(_reports).values(vars(made)))
        return made

    def end(self, report_id: str, now: datetime, reason: str | None = None) -> None:
        """Say that a report is complete, or for which reason it has failed."""
        state = ReportState.COMPLETE if reason is None else ReportState.FAILED
        ended = update(_reports).where(_reports.c.report_id == report_id)
        with self._engine.begin() as connection:
            connection.execute(ended.values(state=state, reason=reason, ended_at=now))

    def fail_running(self, reason: str, now: datetime) -> None:
        """Say for which reason those that were being made have failed."""
        running = update(_reports).where(_reports.c.state == ReportState.RUNNING)
        with self._engine.begin() as connection:
            connection.execute(running.values(state=ReportState.FAILED, reason=reason, ended_at=now))

    def forget(self, before: datetime) -> None:
        """Remove reports that ended before a time, and files that belong to none."""
        with self._engine.begin() as connection:
            connection.execute(delete(_reports).where(_reports.c.ended_at < before))
            known = {str(row[0]) for row in connection.execute(select(_reports.c.report_id))}
        for path in self._folder.iterdir():
            # A file that is being written has a dot before its name.
            if path.name.lstrip(".").partition(".")[0] not in known:
                path.unlink(missing_ok=True)

    def file(self, report: Report) -> Path:
        """Return where the file of a report is when it is complete."""
        return self._folder / f"{report.report_id}{report.suffix}"


@contextmanager
def opened(home: Home, now: datetime, keep: timedelta) -> Iterator[ReportStore]:
    """Open the reports of a home. Those that another server left unfinished have failed.

    Raises LockedError when another server has them open.
    """
    home.reports.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(home.root / "serve.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise LockedError(
            f"Another `autostats serve` serves {home.root}.", "Stop it, or name another folder with --home."
        ) from None
    path = home.root / "reports.sqlite"
    engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": _WAIT_SECONDS})
    try:
        _metadata.create_all(engine)
        store = ReportStore(engine, home.reports)
        store.fail_running("The server stopped before the report was made.", now)
        store.forget(now - keep)
        yield store
    finally:
        engine.dispose()
        lock.release()
