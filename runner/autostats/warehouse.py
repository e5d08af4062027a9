"""Read-only access to the statistics database."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from autostats.catalogue import Catalogue
from autostats.errors import NoStatisticsError, PrivilegeError, UsageError
from autostats.home import Home
from autostats.locked_file import WAIT_VARIABLE, open_when_free
from autostats.published.files import builds, marts_file
from autostats.schema_version import SCHEMA_VERSION, check_not_newer
from autostats.sql_text import literal, quoted
from autostats.time_limits import seconds_in

if TYPE_CHECKING:
    import duckdb

    from autostats.dbt_setup.server_target import ServerTarget
    from autostats.dbt_setup.setup import Setup

Note = Callable[[str], None]
_WAIT_SECONDS = 10.0
_REBUILD = "`autostats run` creates it; `autostats demo` shows autostats on made-up data."


@contextmanager
def data_frames_left_alone() -> Iterator[None]:
    """Keep DuckDB from importing pandas and numpy, if they are installed, to inspect a bound parameter.

    Importing them takes longer than the whole report.
    """
    hidden = [name for name in ("pandas", "numpy") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


class Warehouse:
    """An open statistics database whose tables can be used by their bare names."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection", place: Path | str) -> None:
        self.connection = connection
        self.place = place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()

    @cached_property
    def catalogue(self) -> Catalogue:
        """The descriptions of the columns for people; read once, and only by commands that show any."""
        return Catalogue(self.rows("select * from dim_catalogue"))

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Open a file that nothing else has open. Raises UsageError when it holds no statistics."""
        warehouse = cls(_open(path), path)
        _use(warehouse, "autostats")
        return warehouse

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Return the rows of a query, whose `?` are bound to `parameters`.

        Raises UsageError when a table or a column does not exist.
        """
        import duckdb

        try:
            with data_frames_left_alone():
                result = self.connection.execute(sql, list(parameters))
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            reason = str(error).split("\n", 1)[0]
            raise UsageError(
                f"{self.place} does not contain what this command reads: {reason}.",
                "`autostats run` brings it up to date.",
            ) from error


def wait_limit() -> float:
    """Return how many seconds to wait for a locked database: AUTOSTATS_WAIT, else 10.

    Raises UsageError when the variable is not a valid number.
    """
    return seconds_in(WAIT_VARIABLE, _WAIT_SECONDS, lambda seconds: 0 <= seconds < float("inf"))


def _unusable(path: Path, message: str) -> UsageError:
    """Turn DuckDB's reason for not opening `path` into a sentence with a remedy."""
    first_line = message.removeprefix("IO Error: ").split("\n", 1)[0].rstrip(".!")
    # A path may contain any word.
    message = message.replace(str(path), "")
    if "database file with version number" in message:
        from autostats.installation import upgrade_advice

        return UsageError(f"{path} was written by a newer DuckDB: {first_line}.", upgrade_advice())
    if "Permission denied" in message:
        return UsageError(f"{path} cannot be read by this user.", "Ask its owner for read access.")
    if "not a valid DuckDB database file" in message:
        return UsageError(
            f"{path} is not a statistics database.", "Move it away, or name another folder with `--home`."
        )
    return UsageError(f"{path} cannot be opened: {first_line}.", "Move it away and run `autostats run`.")


def _open(path: Path) -> "duckdb.DuckDBPyConnection":
    """Attach `path` read-only, under the catalog name by which its views refer to each other."""
    import duckdb

    connection = duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    try:
        connection.execute(f"attach {literal(str(path))} as autostats (read_only, type duckdb)")
    except BaseException:
        connection.close()
        raise
    return connection


def _open_patiently(path: Path, note: Note, limit: float) -> "duckdb.DuckDBPyConnection":
    import duckdb

    try:
        return open_when_free(path, lambda: _open(path), limit, note)
    except duckdb.Error as error:
        raise _unusable(path, str(error)) from error


def _absent(home: Home) -> NoStatisticsError:
    if home.demo.joinpath("autostats.duckdb").exists():
        return NoStatisticsError(
            f"There is no statistics database in {home.root}.",
            f"`autostats run` creates it; to open the demo's, use `--home {home.demo}`.",
        )
    return NoStatisticsError(f"There is no statistics database in {home.root}.", _REBUILD)


def _check_version(warehouse: Warehouse) -> None:
    try:
        settings = warehouse.rows("select * from dim_settings")
    except UsageError:
        settings = []
    if not settings:
        elsewhere = "If the file is something else, name another folder with `--home`."
        raise NoStatisticsError(
            f"{warehouse.place} holds no finished statistics.",
            f"{_REBUILD} {elsewhere}" if isinstance(warehouse.place, Path) else _REBUILD,
        )
    version, made_by = settings[0]["schema_version"], settings[0]["autostats_version"]
    check_not_newer(warehouse.place, version, made_by)
    if version < SCHEMA_VERSION:
        raise UsageError(
            f"{warehouse.place} was made by an older autostats ({made_by}, schema {version}).",
            "`autostats run --full-refresh` brings it up to date.",
        )


def connect(setup: "Setup", note: Note = lambda message: None, wait: float | None = None) -> Warehouse:
    """Open the statistics of the target: the file in the home, or the schema on a server.

    `note` is called when it has to wait. Raises UsageError when there are none, or they are something else or
    of another version, LockedError when another process holds the file for longer than `wait` seconds (by
    default AUTOSTATS_WAIT, else 10), and UnreachableError when the server cannot be reached.
    """
    home, server = setup.home, setup.server
    if server is not None:
        connection = open_statistics(server)
        schema = server.statistics.schema
        warehouse = Warehouse(connection, f"{server.statistics.redacted} (schema {schema})")
    else:
        if not home.database.exists():
            raise _absent(home)
        schema = "autostats"
        limit = wait_limit() if wait is None else wait
        warehouse = Warehouse(_open_patiently(home.database, note, limit), home.database)
    try:
        _use(warehouse, schema or "autostats")
        _check_version(warehouse)
    except BaseException:
        warehouse.__exit__(None, None, None)
        raise
    return warehouse


def connect_to_build(setup: "Setup", build: str) -> Warehouse:
    """Open the statistics of a published build; no run ever writes to them.

    Raises UsageError when the target keeps them on a server, or the build is not kept.
    """
    if setup.server is not None:
        raise UsageError(
            f"The target {setup.server.name} keeps one build of the statistics, on its server.",
            "Leave out --build.",
        )
    path = marts_file(setup.home, build)
    if build not in builds(setup.home) or not path.exists():
        raise UsageError(
            f"There are no statistics of a build {build[:80]!r} in {setup.home.published}.",
            "Leave out --build to read the newest statistics; the two newest builds are kept.",
        )
    warehouse = Warehouse.of_file(path)
    try:
        _check_version(warehouse)
    except BaseException:
        warehouse.__exit__(None, None, None)
        raise
    return warehouse


def open_statistics(server: "ServerTarget") -> "duckdb.DuckDBPyConnection":
    """Return a DuckDB connection with the server's statistics attached read-only as catalog `autostats`.

    DuckDB answers the queries, so that they are the same on every target. Raises UsageError or
    UnreachableError when they cannot be attached.
    """
    import duckdb

    from autostats.source.connection import open_source

    connection = duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    try:
        connection.execute("set TimeZone = 'UTC'")
        open_source(connection, server.statistics, "autostats")
    except PrivilegeError as error:
        connection.close()
        raise PrivilegeError(
            str(error), f"`autostats doctor --target {server.name}` prints the statements that grant it."
        ) from None
    except BaseException:
        connection.close()
        raise
    return connection


def _use(warehouse: Warehouse, schema: str) -> None:
    """Make the tables of `schema` usable by their bare names."""
    try:
        warehouse.rows(f"use autostats.{quoted(schema)}")
    except UsageError:
        raise NoStatisticsError(f"{warehouse.place} holds no finished statistics.", _REBUILD) from None


def utc_now() -> datetime:
    """Return the current time in UTC without a zone, as the statistics store times."""
    from datetime import UTC

    return datetime.now(UTC).replace(tzinfo=None)
