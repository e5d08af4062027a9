"""dbt in this process, as in plain dbt: `profiles.example.yml`, the project as it is, no runner."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[2]
Row = dict[str, Any]
# Columns that distinguish loads, not what they found.
_OF_THE_LOAD = {"load_number", "loaded_at"}
# The commands whose artifacts a test reads.
_WRITE_JSON = {"parse", "docs generate"}


class DbtFailed(AssertionError):
    """A dbt command failed; the text is dbt's message."""


class DbtProject:
    """The project, parsed once. Every command names its home and its source."""

    def __init__(self, folder: Path) -> None:
        from dbt.cli.main import dbtRunner

        self.folder = folder
        self.target = folder / "target"
        shutil.copy(ROOT / "profiles.example.yml", folder / "profiles.yml")
        self.parse_events: list[Any] = []
        self.runner = dbtRunner(callbacks=[self.parse_events.append])
        self.manifest = self.invoke("parse", "--show-all-deprecations", home=folder / "none")
        self.runner = dbtRunner(manifest=self.manifest)

    def invoke(
        self,
        command: str,
        *flags: str,
        home: Path,
        source: Path | None = None,
        variables: Mapping[str, object] | None = None,
    ) -> Any:
        """Run a dbt command and return its result. Raises DbtFailed with the messages of the failures."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        home.mkdir(parents=True, exist_ok=True)
        # A command that does not read the source does not need it to exist.
        url = f"sqlite:///{source or home / 'none.sqlite'}"
        with environment(AUTOSTATS_HOME=str(home), AUTOSTATS_SOURCE_URL=url):
            answer = self.runner.invoke(
                [
                    *command.split(),
                    *("--quiet", "--no-print", "--no-send-anonymous-usage-stats"),
                    *(() if command in _WRITE_JSON else ("--no-write-json",)),
                    *("--log-level", "none", "--log-level-file", "none", "--log-path", str(self.folder)),
                    *("--project-dir", str(ROOT), "--profiles-dir", str(self.folder)),
                    *("--target-path", str(self.target), "--vars", json.dumps(dict(variables or {}))),
                    *flags,
                ]
            )
        # The next command opens the database and attaches the source again.
        DuckDBConnectionManager.close_all_connections()
        if not answer.success:
            results = getattr(answer.result, "results", None) or []
            bad = [result for result in results if result.status in ("error", "fail", "runtime error")]
            messages = [f"{result.node.name}: {result.message}" for result in bad]
            raise DbtFailed("\n".join([f"dbt {command}: {answer.exception}", *messages]))
        return answer.result

    def build(self, home: Path, source: Path, as_of: datetime, *flags: str, tests: str = "none") -> Any:
        """Do what a cron line with plain dbt does, with `all` of dbt's tests, the `data` tests or `none`."""
        left_out = {"all": [], "data": ["unit_test"], "none": ["unit_test", "test"]}[tests]
        excluded = [word for kind in left_out for word in ("--exclude-resource-type", kind)]
        variables = {"as_of": str(as_of)}
        return self.invoke("build", *excluded, *flags, home=home, source=source, variables=variables)


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set environment variables temporarily."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def statistics(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the statistics database of a home, to inspect it or tamper with it."""
    with duckdb.connect(str(home / "autostats.duckdb")) as connection:
        connection.execute("use autostats.autostats")
        yield connection


def select(home: Path, query: str) -> list[Row]:
    """Return the rows of a query over the statistics of a home."""
    with statistics(home) as connection:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def contents(home: Path, tables: Sequence[str]) -> dict[str, list[Row]]:
    """Return the rows of tables, sorted, without the load that wrote them."""
    found = {}
    for table in tables:
        rows = select(home, f"from {table}")
        kept = [{name: value for name, value in row.items() if name not in _OF_THE_LOAD} for row in rows]
        found[table] = sorted(kept, key=repr)
    return found
