"""The nights of `support.nights` on every engine: where source and statistics are, and what builds them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import unquote, urlsplit

import duckdb
import pytest
from autostats.verification.recount import KEYS, Row

from support.cycles import read_cycles
from support.nights import IGNORED, LOOKBACK_DAYS, MAX_GAP, PROFILE, PROJECT, Dbt, World, rows_of
from support.sources import ServerSource, genuine_era_c, server_source

Kind = Literal["duckdb from sqlite", "duckdb from mariadb", "duckdb from postgres", "postgres", "mysql"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WORKER = Path(__file__).with_name("dbt_worker.py")
_TINYINT = 1

_POSTGRES = """
autostats:
  target: postgres
  outputs:
    postgres:
      type: postgres
      host: "{{ env_var('AUTOSTATS_TEST_HOST') }}"
      port: "{{ env_var('AUTOSTATS_TEST_PORT') | as_number }}"
      user: "{{ env_var('AUTOSTATS_TEST_USER') }}"
      password: "{{ env_var('DBT_ENV_SECRET_AUTOSTATS_PASSWORD', '') }}"
      dbname: "{{ env_var('AUTOSTATS_TEST_DATABASE') }}"
      schema: autostats
      threads: 1
"""
_MYSQL = """
autostats:
  target: mysql
  outputs:
    mysql:
      type: mysql
      server: "{{ env_var('AUTOSTATS_TEST_HOST') }}"
      port: "{{ env_var('AUTOSTATS_TEST_PORT') | as_number }}"
      username: "{{ env_var('AUTOSTATS_TEST_USER') }}"
      password: "{{ env_var('DBT_ENV_SECRET_AUTOSTATS_PASSWORD', '') }}"
      schema: "{{ env_var('AUTOSTATS_TEST_SCHEMA') }}"
      threads: 1
"""


def python_with(adapter: str, make: str, engine: str) -> Path:
    """The Python of the environment that `make` creates; without one, skip, or fail if it is required."""
    named = os.environ.get(f"AUTOSTATS_{make.upper()}_PYTHON")
    python = Path(named) if named else PROJECT / f".venv-{make}" / "bin" / "python"
    if not python.exists():
        reason = f"no environment with {adapter} at {python}: `make {make}` makes it"
        if engine in os.environ.get("AUTOSTATS_REQUIRE_ENGINES", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
    return python


def mysql_python() -> Path:
    """The Python of the environment with dbt-mysql."""
    return python_with("dbt-mysql", "mysql", "mariadb")


class Engine(Dbt):
    """One way of storing the statistics; its source and its statistics database serve one world at a time."""

    def __init__(self, kind: Kind, folder: Path, source: ServerSource | None) -> None:
        self.kind = kind
        self.source = source
        self.statistics = f"{source.database}_statistics" if source and kind == "mysql" else "autostats"
        self.worker = start_worker(folder) if kind == "mysql" else None
        self.environment = self._environment()
        if kind == "duckdb from sqlite":
            super().__init__(folder)
            return
        from dbt.cli.main import dbtRunner

        self.folder = folder
        self.runs = 0
        profile = {"postgres": _POSTGRES, "mysql": _MYSQL}.get(kind, PROFILE)
        (folder / "profiles.yml").write_text(profile, encoding="utf-8")
        self.seeded = folder / "seeded"
        self.seeded.mkdir()
        self.runner = dbtRunner()
        parsed = self.invoke("parse", self.seeded, Path())
        self.runner = dbtRunner(manifest=parsed)
        if self.is_file:
            self.invoke("seed", self.seeded, Path())
            with duckdb.connect(str(self.seeded / "autostats.duckdb")) as connection:
                self.write_seed(connection, "autostats.autostats", "?")

    @property
    def is_file(self) -> bool:
        return self.kind not in ("postgres", "mysql")

    def _environment(self) -> dict[str, str]:
        if self.source is None:
            return {}
        if self.is_file:
            return {"AUTOSTATS_SOURCE_URL": self.source.url}
        server = urlsplit(self.source.url)
        return {
            "AUTOSTATS_TEST_HOST": server.hostname or "",
            "AUTOSTATS_TEST_PORT": str(server.port),
            "AUTOSTATS_TEST_USER": unquote(server.username or ""),
            "DBT_ENV_SECRET_AUTOSTATS_PASSWORD": unquote(server.password or ""),
            "AUTOSTATS_TEST_DATABASE": self.source.database,
            "AUTOSTATS_TEST_SCHEMA": self.statistics,
        }

    def invoke(self, command: str, home: Path, source: Path, *flags: str, **variables: object) -> Any:
        """Run one dbt command; a failure is an assertion error with dbt's messages."""
        if self.source is None:
            return super().invoke(command, home, source, *flags, **variables)
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        fixed: dict[str, object] = {"max_gap": MAX_GAP, "lookback_days": LOOKBACK_DAYS}
        if not self.is_file:
            fixed["source_schema"] = "public" if self.kind == "postgres" else self.source.database
        arguments = [
            command,
            *("--quiet", "--no-print", "--no-send-anonymous-usage-stats", "--no-write-json"),
            *("--log-level", "none", "--log-level-file", "none", "--log-path", str(self.folder)),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(self.folder)),
            *("--target-path", str(self.folder / "target")),
            *("--vars", json.dumps(fixed | variables)),
            *flags,
        ]
        if self.worker is not None:
            return self.worker.ask(arguments, self.environment)
        os.environ.update(self.environment | {"AUTOSTATS_HOME": str(home)})
        answer = self.runner.invoke(arguments)
        DuckDBConnectionManager.close_all_connections()
        if not answer.success:
            results = getattr(answer.result, "results", None) or []
            failed = [f"{result.node.name}: {result.message}" for result in results]
            raise AssertionError("\n".join([f"dbt {command} failed: {answer.exception}", *failed]))
        return answer.result

    def write_seed(self, cursor: Any, schema: str, mark: str) -> None:
        """Replace the project's ignored runs with those of the tests."""
        cursor.execute(f"delete from {schema}.ignored_runs")
        for ignored in IGNORED:
            values = (ignored.instrument, ignored.first_run_number, ignored.last_run_number, ignored.reason)
            cursor.execute(
                f"insert into {schema}.ignored_runs values ({', '.join([mark] * 4)})",
                values,
            )

    def empty_source(self) -> None:
        """Remove everything from the source."""
        assert self.source is not None
        with closing(self.source.connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(
                "select table_schema, table_name from information_schema.tables"
                " where table_name like 'reduction_viewer_%%' and table_type = 'BASE TABLE'"
                f" and table_schema in ('public', '{self.source.database}')"
            )
            tables = [f"{schema}.{table}" for schema, table in cursor.fetchall()]
            if self.source.engine == "postgres":
                cursor.execute(f"truncate {', '.join(tables)} cascade")
            else:
                cursor.execute("set foreign_key_checks = 0")
                for table in tables:
                    cursor.execute(f"delete from {table}")
            connection.commit()

    def empty_statistics(self) -> None:
        """Remove everything except the seeds from the statistics on a server."""
        assert self.source is not None
        drop = "drop schema if exists {} cascade" if self.kind == "postgres" else "drop database if exists {}"
        with closing(self.source.connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(drop.format(self.statistics))
            connection.commit()
        self.invoke("seed", self.seeded, Path())
        with closing(self.source.connect()) as connection, closing(connection.cursor()) as cursor:
            self.write_seed(cursor, self.statistics, "%s")
            connection.commit()

    def server_marts(self, *others: str) -> dict[str, list[Row]]:
        """Every mart as it is on the server, and any other tables."""
        assert self.source is not None
        with closing(self.source.connect()) as connection, closing(connection.cursor()) as cursor:
            return {mart: self._rows(cursor, mart) for mart in (*KEYS, *others)}

    def _rows(self, cursor: Any, mart: str) -> list[Row]:
        cursor.execute(f"select * from {self.statistics}.{mart}")
        columns = [
            (column[0], self.kind == "mysql" and column[1] == _TINYINT) for column in cursor.description
        ]
        return [
            {
                name: bool(value) if is_boolean and value is not None else value
                for (name, is_boolean), value in zip(columns, row, strict=True)
            }
            for row in cursor.fetchall()
        ]


class Worker:
    """dbt with dbt-mysql, in a process with its own environment."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def ask(self, arguments: list[str], environment: dict[str, str]) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"arguments": arguments, "environment": environment}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "the process of dbt-mysql has ended"
        told = json.loads(line)
        if not told["success"]:
            raise AssertionError(
                "\n".join([f"dbt {arguments[0]} failed: {told['exception']}", *told["failed"]])
            )


def start_worker(folder: Path) -> Worker:
    """Start dbt in the environment that has dbt-mysql."""
    process = subprocess.Popen(
        [str(mysql_python()), "-P", str(WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(folder / "worker.log").open("w"),
        text=True,
    )
    return Worker(process)


@contextmanager
def engine(kind: Kind, folder: Path) -> Iterator[Engine]:
    """An engine with its own source; both are removed afterwards."""
    if kind == "duckdb from sqlite":
        yield Engine(kind, folder, None)
        return
    if kind == "mysql":
        mysql_python()
    with server_source("mariadb" if kind in ("mysql", "duckdb from mariadb") else "postgres") as source:
        made = Engine(kind, folder, source)
        try:
            yield made
        finally:
            if made.worker is not None:
                assert made.worker.process.stdin is not None
                made.worker.process.stdin.close()
                made.worker.process.wait(timeout=60)
            if kind == "mysql":
                with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
                    cursor.execute(f"drop database if exists {made.statistics}")


class EngineWorld(World):
    """A world whose source and statistics are where its engine keeps them."""

    dbt: Engine

    def __post_init__(self) -> None:
        self.folder.mkdir()
        if self.dbt.source is None:
            self.source = genuine_era_c(self.folder / "source.sqlite")
        else:
            self.dbt.empty_source()
            self.source = self.dbt.source  # type: ignore[assignment]  # the writer opens either
        self.home = self.new_home("home")
        self.cycles = read_cycles(PROJECT / "seeds" / "beam_cycles.csv")

    def new_home(self, name: str) -> Path:
        """Statistics with nothing but the seeds; on a server, they replace the previous ones."""
        home = self.folder / name
        if self.dbt.is_file:
            shutil.copytree(self.dbt.seeded, home)
        else:
            home.mkdir()
            self.dbt.empty_statistics()
        return home

    def marts(self, home: Path) -> dict[str, list[Row]]:
        """Every mart as dbt built it."""
        if not self.dbt.is_file:
            return self.dbt.server_marts()
        with duckdb.connect(str(home / "autostats.duckdb")) as connection:
            return {mart: rows_of(connection, f"from autostats.autostats.{mart}") for mart in KEYS}
