"""A published build, read-only: its statistics, their columns, and queries on their rows."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from autostats.catalogue import column_of
from autostats.errors import AutostatsError, NoStatisticsError, UsageError
from autostats.home import Home
from autostats.published.files import build_files
from autostats.queries.settings import Settings
from autostats.render.section import Column
from autostats.schema_version import SCHEMA_VERSION

if TYPE_CHECKING:
    import duckdb

_PUBLISH = "`autostats run` publishes one."


class ExpiredBuild(UsageError):
    """A build that was published, or never was, and is not kept."""


class UnknownStatistic(UsageError):
    """No statistic has this ident."""


class TooSlow(AutostatsError):
    """A query took longer than it may."""


@dataclass(frozen=True)
class BuildFacts:
    """What a build says of itself; times are UTC."""

    build: str
    published_at: datetime
    as_of: datetime
    target: str
    autostats_version: str
    facility_timezone: str

    def settings(self, now: datetime) -> Settings:
        """Return the settings of its statistics, read at `now`, UTC."""
        return Settings(SCHEMA_VERSION, self.autostats_version, self.facility_timezone, self.as_of, now)


@dataclass(frozen=True)
class Statistic:
    """A statistic, or a plug-in that has failed before it had any: then without a bucket and rows."""

    ident: str
    name: str
    model: str | None
    plugin: str | None
    summary: str
    bucket: str | None
    time_column: str | None
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    chart: str | None
    row_count: int
    state: str
    error: str | None
    built_at: datetime | None


class Reading:
    """One reader's connection to a build, for one thread at a time."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self.connection = connection
        self._is_late = False

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query. Raises TooSlow when it was interrupted."""
        import duckdb

        if self._is_late:
            raise _too_slow()
        try:
            return self.connection.execute(sql, parameters).fetchall()
        except duckdb.InterruptException:
            raise _too_slow() from None

    def interrupt(self) -> None:
        """End what it does now, from another thread, and let it do nothing more."""
        self._is_late = True
        self.connection.interrupt()


class Published:
    """An open build. Any number of threads may read it, each with a `reading` of its own."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection") -> None:
        self._connection = connection
        self._idle: deque[duckdb.DuckDBPyConnection] = deque()
        self.facts = BuildFacts(**_fetched(connection, "served.build", BuildFacts)[0])
        self._statistics = {
            row["ident"]: Statistic(
                **row
                | {"dimensions": tuple(row["dimensions"] or ()), "measures": tuple(row["measures"] or ())}
            )
            for row in _fetched(connection, "served.statistics", Statistic)
        }
        self._layouts: dict[str, list[dict[str, Any]]] = {}
        result = connection.execute("select * from served.columns order by ident, position")
        names = [column[0] for column in result.description or ()]
        for values in result.fetchall():
            row = dict(zip(names, values, strict=True))
            self._layouts.setdefault(row.pop("ident"), []).append(row)
        self._types: dict[str, dict[str, str]] = {}
        types = "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'served'"
        for table, name, kind in connection.execute(types).fetchall():
            self._types.setdefault(table, {})[name] = kind

    @classmethod
    def newest(cls, home: Home) -> Self:
        """Open the newest build. Raises NoStatisticsError when there is none."""
        while found := build_files(home):
            try:
                return cls.of_file(found[max(found)])
            except ExpiredBuild:
                continue
        raise NoStatisticsError("No statistics are published yet.", _PUBLISH)

    @classmethod
    def of(cls, home: Home, build: str) -> Self:
        """Open a build by its name. Raises ExpiredBuild when it is not kept."""
        path = build_files(home).get(build)
        if path is None:
            raise expired(build)
        return cls.of_file(path)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Open the file of a build. Raises ExpiredBuild when it has gone, UsageError when it is unusable."""
        import duckdb

        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "enable_external_access": "false",
            "memory_limit": "256MB",
            # Readers come in numbers: one thread for each query serves more of them.
            "threads": "1",
        }
        try:
            connection = duckdb.connect(str(path), read_only=True, config=config)
        except duckdb.Error as error:
            if not path.exists():
                raise expired(path.stem) from None
            raise _unusable(path) from error
        try:
            return cls(connection)
        except (duckdb.Error, IndexError, TypeError) as error:
            connection.close()
            raise _unusable(path) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the build and every reading of it."""
        while self._idle:
            self._idle.pop().close()
        self._connection.close()

    def statistics(self) -> tuple[Statistic, ...]:
        """Return the statistics by ident, with the plug-ins that have failed before they had any."""
        return tuple(self._statistics[ident] for ident in sorted(self._statistics))

    def statistic(self, ident: str) -> Statistic:
        """Return a statistic that has rows, or had. Raises UnknownStatistic, which may name a similar one."""
        found = self._statistics.get(ident)
        if found is not None and found.ident in self._types:
            return found
        if found is not None:
            raise UnknownStatistic(
                f"The plug-in {ident} has not been built yet: {found.error}.", "Correct it and run again."
            )
        from difflib import get_close_matches

        close = get_close_matches(ident, self._statistics, 1)
        remedy = f"Did you mean {close[0]}?" if close else "`autostats stats list` names them all."
        raise UnknownStatistic(f"There is no statistic {ident[:80]!r}.", remedy)

    def columns(self, ident: str) -> tuple[Column, ...]:
        """Return the columns of a statistic, as the catalogue describes them: time, dimensions, measures."""
        return tuple(map(column_of, self.layout(ident)))

    def layout(self, ident: str) -> Sequence[Mapping[str, Any]]:
        """Return the descriptions of a statistic's columns as they were published."""
        return self._layouts[self.statistic(ident).ident]

    def types(self, ident: str) -> Mapping[str, str]:
        """Return the types of a statistic's columns in DuckDB."""
        return self._types[ident]

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Yield a connection for one thread at a time."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connection.cursor()
        try:
            yield Reading(connection)
        finally:
            self._idle.append(connection)


def expired(build: str) -> ExpiredBuild:
    """Return the error for a build that is not kept."""
    return ExpiredBuild(
        f"The build {build[:80]} is no longer kept, or never was.",
        "Ask again without a build; paging then begins anew.",
    )


def _fetched(connection: "duckdb.DuckDBPyConnection", table: str, of: type[Any]) -> list[dict[str, Any]]:
    """Return the rows of a table, with those of its columns that a class has."""
    names = [each.name for each in fields(of)]
    found = connection.execute(f"select {', '.join(names)} from {table}").fetchall()
    return [dict(zip(names, row, strict=True)) for row in found]


def _unusable(path: Path) -> UsageError:
    return UsageError(
        f"{path} is not a build that this autostats can read.", "Remove it; the next run publishes another."
    )


def _too_slow() -> TooSlow:
    return TooSlow("The query took too long.", "Ask for fewer days, or for fewer rows.")
