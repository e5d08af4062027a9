"""Autoreduction databases for tests: the genuine schema of each era, in SQLite and on servers, and a writer.

The schemas come from the migrations of PyPI's `autoreduce-db`: all of them make era C, the first ones the
eras before. They run once per session, in their own process; a SQLite source is a copy of that file.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import SplitResult, unquote, urlsplit

import pytest

from support.servers import start

Era = Literal["A", "B", "C"]
Engine = Literal["mariadb", "postgres"]

_MIGRATIONS: dict[Era, str | None] = {"A": "0001", "B": "0006", "C": None}
_SERVERS: dict[Engine, str] = {
    "mariadb": os.environ.get("AUTOSTATS_TEST_MARIADB", "mysql://root@127.0.0.1:3306"),
    "postgres": os.environ.get("AUTOSTATS_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432"),
}
_DEFAULT_RB_NUMBER = 1820461
_numbers = itertools.count(1)


def genuine_era_c(path: Path) -> Path:
    """Make an empty SQLite source at `path`, in the current schema."""
    return _copy("C", path)


def era_b(path: Path) -> Path:
    """Make an empty SQLite source at `path`, in the schema before August 2021."""
    return _copy("B", path)


def era_a(path: Path) -> Path:
    """Make an empty SQLite source at `path`, in the schema before August 2020."""
    return _copy("A", path)


SCHEMAS: dict[Era, Callable[[Path], Path]] = {"A": era_a, "B": era_b, "C": genuine_era_c}


def _copy(era: Era, path: Path) -> Path:
    shutil.copyfile(_template(era), path)
    return path


@cache
def _template(era: Era) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="autostats-schema-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / f"era_{era}.sqlite"
    _migrate({"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}, era)
    return path


def _migrate(database: dict[str, Any], era: Era) -> None:
    script = Path(__file__).with_name("migrations.py")
    done = subprocess.run(
        [sys.executable, str(script), json.dumps(database), _MIGRATIONS[era] or ""],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The migrations of autoreduce-db failed:\n{done.stderr}")


@dataclass(frozen=True)
class ServerSource:
    """An empty source on a server, with an account that has all privileges on it."""

    engine: Engine
    era: Era
    database: str
    url: str

    def connect(self) -> Any:
        """Return a new DB-API connection to it."""
        return _connect(self.engine, self.database)


def require_engine(engine: Engine) -> None:
    """Start a server if none answers.

    If that is not possible, skip the test, or fail if `AUTOSTATS_REQUIRE_ENGINES` (a,b) names the engine.
    """
    server = urlsplit(_SERVERS[engine])
    try:
        socket.create_connection((server.hostname or "", server.port or 0), timeout=3).close()
    except OSError as error:
        started = start(engine)
        if started is not None:
            _SERVERS[engine] = started
            return
        reason = f"no {engine} answers at {server.hostname}:{server.port}: {error}"
        if engine in os.environ.get("AUTOSTATS_REQUIRE_ENGINES", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def server_source(engine: Engine, era: Era = "C") -> Iterator[ServerSource]:
    """Make a source in a new database on a server, and drop the database afterwards."""
    require_engine(engine)
    name = f"autostats_test_{os.getpid()}_{next(_numbers)}"
    _administer(engine, f"create database {name}")
    try:
        _migrate(_django_database(engine, name), era)
        if era == "A":
            change = "alter column value type" if engine == "postgres" else "modify value"
            _administer(engine, f"alter table reduction_viewer_status {change} varchar(50)", name)
        yield ServerSource(engine, era, name, f"{_SERVERS[engine]}/{name}")
    finally:
        _administer(engine, f"drop database {name}" + (" with (force)" if engine == "postgres" else ""))


def _django_database(engine: Engine, name: str) -> dict[str, Any]:
    server = urlsplit(_SERVERS[engine])
    backend = "mysql" if engine == "mariadb" else "postgresql"
    return {
        "ENGINE": f"django.db.backends.{backend}",
        "NAME": name,
        "HOST": server.hostname,
        "PORT": server.port,
        "USER": unquote(server.username or ""),
        "PASSWORD": unquote(server.password or ""),
    }


def _connect(engine: Engine, database: str | None) -> Any:
    server: SplitResult = urlsplit(_SERVERS[engine])
    login = {
        "host": server.hostname,
        "port": server.port,
        "user": unquote(server.username or ""),
        "password": unquote(server.password or ""),
    }
    if engine == "mariadb":
        import pymysql  # type: ignore[import-untyped]

        return pymysql.connect(**login, database=database, charset="utf8mb4")
    import psycopg2  # type: ignore[import-untyped]

    return psycopg2.connect(**login, dbname=database or "postgres")


def _administer(engine: Engine, statement: str, database: str | None = None) -> None:
    connection = _connect(engine, database)
    try:
        if engine == "postgres":
            connection.autocommit = True
        connection.cursor().execute(statement)
        connection.commit()
    finally:
        connection.close()


_WORDS = {"queued": "q", "processing": "p", "error": "e", "skipped": "s", "completed": "c"}
# Columns that must not be NULL but mean nothing to the statistics.
_FILLERS: dict[Era, dict[str, Any]] = {
    "A": {"run_name": "", "script": "", "cancel": False, "overwrite": True},
    "B": {"run_description": "", "script": "", "overwrite": True},
    "C": {
        "run_description": "",
        "overwrite": False,
        "script_id": 1,
        "arguments_id": 1,
    },
}
_COMMON_FILLERS: dict[str, Any] = {"admin_log": "", "reduction_log": "", "hidden_in_failviewer": False}
_UNSET: Any = object()
# A time, or text that the column accepts as one.
Cell = datetime | str | None
# Where the source keeps the name for an id in a job's row.
_NAMES = {
    "instrument": ("instrument", "name"),
    "status": ("status", "value"),
    "rb_number": ("experiment", "reference_number"),
    "software": ("software", "name"),
}


class SourceWriter:
    """Changes a source as the service does, one job at a time, over any DB-API connection.

    Times are naive UTC. A status is `completed`, `error`, `skipped`, `queued` or `processing`, spelled as the
    era spells it; any other text is written unchanged. Instruments, experiments and statuses are created when
    a job needs them. Others see nothing before `commit`, which happens on leaving the context too.
    """

    def __init__(self, connection: Any, era: Era = "C") -> None:
        self.connection = connection
        self.era = era
        kind = type(connection).__module__.partition(".")[0]
        self._mark = "?" if kind == "sqlite3" else "%s"
        self._aware = kind == "psycopg2"
        self._cursor = connection.cursor()
        self._ids: dict[str, dict[Any, int]] = {}
        self._next: dict[str, int] = {}

    @classmethod
    def open(cls, source: Path | ServerSource, era: Era = "C") -> SourceWriter:
        """Open a SQLite file of `era`, or a source on a server."""
        if isinstance(source, ServerSource):
            return cls(source.connect(), source.era)
        connection = sqlite3.connect(source)
        # Tests lose nothing in a power cut.
        connection.execute("pragma synchronous = off")
        return cls(connection, era)

    def __enter__(self) -> SourceWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.commit()
        self.close()

    def commit(self) -> None:
        """Make the changes visible."""
        self.connection.commit()

    def close(self) -> None:
        """Close the connection; uncommitted changes are lost."""
        self.connection.close()

    def add_instrument(self, name: str, *, is_active: bool = True, is_paused: bool = False) -> int:
        """Return the id of the instrument `name`, creating it if it does not exist yet."""
        extra = {} if self.era == "A" else {"is_flat_output": False}
        return self._id("instrument", "name", name, is_active=is_active, is_paused=is_paused, **extra)

    def change_instrument(self, name: str, /, **changes: Any) -> None:
        """Set columns of an instrument: `name`, `is_active`, `is_paused`."""
        number = self.add_instrument(name)
        self._update("instrument", number, changes)
        if "name" in changes:
            known = self._ids["instrument"]
            known[changes["name"]] = known.pop(name)

    def take_ids_above(self, number: int) -> None:
        """Give new instruments, statuses and experiments higher ids from now on: none is used twice."""
        for table, _ in _NAMES.values():
            self._next[table] = max(self._max_id(table), number) + 1

    def remove_instrument(self, name: str) -> None:
        """Remove an instrument if it exists; its jobs must be gone."""
        self._cursor.execute(f"delete from reduction_viewer_instrument where name = {self._mark}", (name,))
        self._ids.pop("instrument", None)

    def rename(self, column: str, old: str | int, new: str | int) -> None:
        """Give an `instrument`, a `status`, an `rb_number` or a `software` another name."""
        table, name = _NAMES[column]
        if column == "software":
            self._update(table, self._software(str(old)), _named(str(new)))
        else:
            self._update(table, self._id(table, name, old), {name: new})
        del self._ids[table]

    def add_job(
        self,
        *,
        created: Cell,
        instrument: str | None = "WISH",
        run_numbers: int | Sequence[int] = (),
        status: str = "completed",
        started: Cell = None,
        finished: Cell = None,
        last_updated: Cell = None,
        started_by: int | None = 0,
        rb_number: int = _DEFAULT_RB_NUMBER,
        run_version: int = 0,
        batch_run: bool | None = None,
        reduction_host: str | None = None,
        run_title: str | None = None,
        software: str | None = None,
        job_id: int | None = None,
    ) -> int:
        """Add a job and return its id, by default the next one.

        `last_updated` is by default the latest of the other times; a job with several run numbers is a batch.
        Before era C a job has exactly one run number and no title, in era A no host. `software` is a name, a
        space and a version.
        """
        self._need_script()
        numbers = self._numbers(run_numbers)
        job_id = self._take_id("reductionrun", job_id)
        values = {
            "id": job_id,
            "run_version": run_version,
            "started_by": started_by,
            "created": self._moment(created),
            "started": self._moment(started),
            "finished": self._moment(finished),
            "last_updated": self._moment(last_updated or finished or started or created),
            "experiment_id": self._experiment(rb_number),
            "instrument_id": None if instrument is None else self.add_instrument(instrument),
            "status_id": self._status(status),
            "software_id": None if software is None else self._software(software),
            **({} if self.era == "A" else {"reduction_host": reduction_host or ""}),
            **_COMMON_FILLERS,
            **_FILLERS[self.era],
        }
        if self.era == "C":
            values["run_title"] = run_title or ""
            values["batch_run"] = len(numbers) > 1 if batch_run is None else batch_run
        else:
            values["run_number"] = numbers[0]
        self._insert("reductionrun", values)
        self._insert_numbers(job_id, numbers)
        return job_id

    def update_job(
        self,
        job_id: int,
        /,
        *,
        run_numbers: int | Sequence[int] = _UNSET,
        instrument: str | None = _UNSET,
        status: str = _UNSET,
        rb_number: int = _UNSET,
        reduction_host: str | None = _UNSET,
        run_title: str | None = _UNSET,
        software: str | None = _UNSET,
        **changes: Any,
    ) -> None:
        """Set what is given; other columns by name (`finished`, `last_updated`, `started_by`, ...).

        `last_updated` stays unchanged unless it is given.
        """
        values = {
            name: self._moment(value) if isinstance(value, datetime) else value
            for name, value in changes.items()
        }
        if instrument is not _UNSET:
            values["instrument_id"] = None if instrument is None else self.add_instrument(instrument)
        if status is not _UNSET:
            values["status_id"] = self._status(status)
        if rb_number is not _UNSET:
            values["experiment_id"] = self._experiment(rb_number)
        if reduction_host is not _UNSET and self.era != "A":
            values["reduction_host"] = reduction_host or ""
        if run_title is not _UNSET and self.era == "C":
            values["run_title"] = run_title or ""
        if software is not _UNSET:
            values["software_id"] = None if software is None else self._software(software)
        if run_numbers is not _UNSET:
            numbers = self._numbers(run_numbers)
            if self.era != "C":
                values["run_number"] = numbers[0]
            else:
                self._delete("runnumber", "reduction_run_id", job_id)
                self._insert_numbers(job_id, numbers)
        if values:
            self._update("reductionrun", job_id, values)

    def delete_job(self, job_id: int) -> None:
        """Remove a job and its run numbers."""
        if self.era == "C":
            self._delete("runnumber", "reduction_run_id", job_id)
        self._delete("reductionrun", "id", job_id)

    def _numbers(self, run_numbers: int | Sequence[int]) -> Sequence[int]:
        numbers = [run_numbers] if isinstance(run_numbers, int) else list(run_numbers)
        if self.era != "C" and len(numbers) != 1:
            raise ValueError(f"In era {self.era} a job has one run number, not {len(numbers)}.")
        return numbers

    def _insert_numbers(self, job_id: int, numbers: Sequence[int]) -> None:
        if self.era == "C":
            for number in numbers:
                row = {
                    "id": self._take_id("runnumber"),
                    "run_number": number,
                    "reduction_run_id": job_id,
                }
                self._insert("runnumber", row)

    def _need_script(self) -> None:
        if self.era != "C" or "script" in self._ids:
            return
        self._ids["script"] = {}
        if self._max_id("reductionscript") == 0:
            instrument = self.add_instrument("WISH")
            self._insert("reductionscript", {"id": 1, "text": ""})
            self._insert("reductionarguments", {"id": 1, "raw": "{}", "instrument_id": instrument})

    def _status(self, status: str) -> int:
        letter = _WORDS.get(status)
        value = status if letter is None else status.capitalize() if self.era == "A" else letter
        return self._id("status", "value", value)

    def _experiment(self, rb_number: int) -> int:
        return self._id("experiment", "reference_number", rb_number)

    def _software(self, software: str) -> int:
        known = self._ids.get("software")
        if known is None:
            self._cursor.execute("select name, version, id from reduction_viewer_software")
            known = {f"{name} {version}": number for name, version, number in self._cursor.fetchall()}
            self._ids["software"] = known
        if software not in known:
            known[software] = self._take_id("software")
            self._insert("software", {"id": known[software], **_named(software)})
        return known[software]

    def _moment(self, value: Cell) -> Any:
        if value is None or isinstance(value, str):
            return value
        if self._aware:
            return value.replace(tzinfo=UTC)
        # As Django writes it to SQLite; the default adapter of sqlite3 is deprecated.
        return str(value) if self._mark == "?" else value

    def _id(self, table: str, column: str, value: Any, **others: Any) -> int:
        known = self._ids.get(table)
        if known is None:
            self._cursor.execute(f"select {column}, id from reduction_viewer_{table}")
            known = self._ids[table] = dict(self._cursor.fetchall())
        if value not in known:
            known[value] = self._take_id(table)
            self._insert(table, {"id": known[value], column: value, **others})
        return known[value]

    def _take_id(self, table: str, wanted: int | None = None) -> int:
        if table not in self._next:
            self._next[table] = self._max_id(table) + 1
        number = self._next[table] if wanted is None else wanted
        self._next[table] = max(self._next[table], number + 1)
        return number

    def _max_id(self, table: str) -> int:
        self._cursor.execute(f"select coalesce(max(id), 0) from reduction_viewer_{table}")
        return int(self._cursor.fetchone()[0])

    def _insert(self, table: str, values: dict[str, Any]) -> None:
        marks = ", ".join([self._mark] * len(values))
        self._cursor.execute(
            f"insert into reduction_viewer_{table} ({', '.join(values)}) values ({marks})",
            tuple(values.values()),
        )

    def _update(self, table: str, number: int, values: dict[str, Any]) -> None:
        changes = ", ".join(f"{name} = {self._mark}" for name in values)
        self._cursor.execute(
            f"update reduction_viewer_{table} set {changes} where id = {self._mark}",
            (*values.values(), number),
        )

    def _delete(self, table: str, column: str, number: int) -> None:
        self._cursor.execute(f"delete from reduction_viewer_{table} where {column} = {self._mark}", (number,))


def _named(software: str) -> dict[str, str]:
    name, _, version = software.rpartition(" ")
    return {"name": name, "version": version}


EVENING_OF_12_FEBRUARY = datetime(2020, 2, 12, 20)


def wish_fixture(writer: SourceWriter) -> None:
    """Write the nine jobs of WISH on 11 and 12 February 2020, for which every number is known.

    Before era C the eighth, a batch, is left out.
    """

    def at(text: str, day: int = 11) -> datetime:
        return datetime.fromisoformat(f"2020-02-{day:02} {text}")

    writer.add_job(
        job_id=1,
        run_numbers=100,
        status="error",
        created=at("10:00:00"),
        started=at("10:00:05"),
        finished=at("10:01:05"),
    )
    writer.add_job(
        job_id=2,
        run_version=1,
        run_numbers=100,
        started_by=7,
        created=at("11:00:00"),
        started=at("11:00:10"),
        finished=at("11:04:28"),
    )
    writer.add_job(
        job_id=3,
        run_numbers=101,
        created=at("12:00:00"),
        started=at("23:59:00"),
        finished=at("00:02:47", 12),
    )
    writer.add_job(
        job_id=4,
        run_numbers=103,
        status="error",
        created=at("13:00:00"),
        started=at("13:00:05"),
        finished=at("13:01:00"),
    )
    writer.add_job(
        job_id=5,
        rb_number=0,
        run_numbers=104,
        status="skipped",
        created=at("14:00:00"),
        finished=at("14:00:00"),
    )
    writer.add_job(
        job_id=6,
        run_numbers=104,
        started_by=-1,
        created=at("09:00:00", 12),
        started=at("09:00:00", 12),
        finished=at("09:03:59", 12),
    )
    writer.add_job(
        job_id=7,
        run_version=1,
        run_numbers=103,
        started_by=-1,
        created=at("09:30:00", 12),
        started=at("09:30:00", 12),
        finished=at("09:31:00", 12),
    )
    if writer.era == "C":
        writer.add_job(
            job_id=8,
            run_numbers=(100, 101, 103),
            started_by=7,
            created=at("10:00:00", 12),
            started=at("10:00:00", 12),
            finished=at("10:10:00", 12),
        )
    writer.add_job(job_id=9, run_numbers=105, started_by=None, status="queued", created=at("11:00:00", 12))
    writer.commit()
