"""Appending observations: each look of a collector is one collection, which counts once it is complete."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    Connection,
    Engine,
    Insert,
    Select,
    Table,
    and_,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateSchema

from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.observations.failures import failure
from autostats.observations.file_systems import network_file_system
from autostats.observations.place import observations_url
from autostats.observations.tables import LONGEST_ERROR, collections, metadata
from autostats.observations.version import VERSION, check_version
from autostats.run.preflight import make_folder
from autostats.warehouse import wait_limit

Row = Mapping[str, Any]
Clock = Callable[[], datetime]
# A batch is a transaction of some hundredths of a second, between which other collectors have their turn.
_BATCH = 5_000


class BrokenOff(Exception):
    """A look could not see all that it was to see; the message says why."""


@dataclass
class Collection:
    """One look of a collector, to which it appends what it saw; `rows` counts that."""

    engine: Engine
    collection_id: int
    started_at: datetime
    rows: int = 0

    def append(self, table: Table, rows: Iterable[Row]) -> None:
        """Append rows, batch by batch."""
        iterator = iter(rows)
        while batch := list(islice(iterator, _BATCH)):
            with self.engine.begin() as connection:
                connection.execute(
                    insert(table), [{**row, "collection_id": self.collection_id} for row in batch]
                )
            self.rows += len(batch)

    def drop(self, table: Table) -> None:
        """Take away what was appended to `table`."""
        with self.engine.begin() as connection:
            connection.execute(delete(table).where(table.c.collection_id == self.collection_id))


@dataclass(frozen=True)
class Store:
    """The observations of one installation; `place` names them for people."""

    engine: Engine
    place: str

    @contextmanager
    def collecting(
        self, collector: str, clock: Clock, tables: Sequence[Table], keep: timedelta
    ) -> Iterator[Collection]:
        """Run one look of `collector`, which appends to `tables`; `clock` returns the present moment, UTC.

        A look that ends in an exception has failed, or is incomplete if that is BrokenOff, and its rows are
        taken away. Looks that are older than `keep` go as well, with their rows: the daily run has copied
        them. Raises what the look raises, and what `opened` raises when the observations cannot be written.
        """
        with _explained(self.place):
            collection = self._begin(collector, clock())
            try:
                yield collection
            except BaseException as error:
                with suppress(SQLAlchemyError):
                    for table in tables:
                        collection.drop(table)
                    reason = str(error).split("\n", 1)[0] or type(error).__name__
                    state = "incomplete" if isinstance(error, BrokenOff) else "failed"
                    self._end(collection, clock(), state, 0, reason)
                raise
            self._end(collection, clock(), "complete", collection.rows, None)
            self._forget(collector, tables, clock() - keep)

    def append_new(
        self,
        collector: str,
        look: Row | None,
        now: datetime,
        batch: Mapping[Table, Sequence[Row]],
        error: str,
    ) -> Row:
        """Append what is not there yet to a look that goes on, or to a new one, and return the look.

        The batch and the row of its look are one transaction: such a look is complete whenever anybody sees
        it. Each table of the batch has a primary key; `error` says what the look could not read. Raises as
        `opened` does.
        """
        with _explained(self.place), self.engine.begin() as connection:
            if look is None:
                look = {"collector": collector, "started_at": now}
                begun = insert(collections).values(**look, state="complete", rows=0)
                key = connection.execute(begun).inserted_primary_key
                assert key is not None
                look = {**look, "collection_id": int(key[0])}
            number, rows = look["collection_id"], 0
            for table, those in batch.items():
                if those:
                    new = _unless_there(table, connection.dialect.name)
                    connection.execute(new, [{**row, "collection_id": number} for row in those])
                counted = select(func.count()).select_from(table).where(table.c.collection_id == number)
                rows += connection.execute(counted).scalar_one()
            said = error[:LONGEST_ERROR] or None
            look = {**look, "ended_at": now, "state": "complete", "rows": rows, "error": said}
            connection.execute(delete(collections).where(collections.c.collection_id == number))
            connection.execute(insert(collections).values(look))
        return look

    def forget(self, collector: str, tables: Sequence[Table], before: datetime) -> None:
        """Take away a collector's looks that began before a moment, with their rows. Raises as `opened`."""
        with _explained(self.place):
            self._forget(collector, tables, before)

    def rows(self, query: Select[Any]) -> Sequence[Any]:
        """Return the rows that a query finds. Raises as `opened` does."""
        with _explained(self.place), self.engine.connect() as connection:
            return connection.execute(query).all()

    def _begin(self, collector: str, now: datetime) -> Collection:
        begun = insert(collections).values(collector=collector, started_at=now, state="incomplete", rows=0)
        with self.engine.begin() as connection:
            key = connection.execute(begun).inserted_primary_key
        assert key is not None
        return Collection(self.engine, int(key[0]), now)

    def _end(self, collection: Collection, now: datetime, state: str, rows: int, error: str | None) -> None:
        # Not an update: on a server, the documented account may only insert and delete.
        is_this = collections.c.collection_id == collection.collection_id
        with self.engine.begin() as connection:
            row = connection.execute(select(collections).where(is_this)).mappings().one()
            reason = error[:LONGEST_ERROR] if error is not None else None
            ended = {**row, "ended_at": now, "state": state, "rows": rows, "error": reason}
            connection.execute(delete(collections).where(is_this))
            connection.execute(insert(collections).values(ended))

    def _forget(self, collector: str, tables: Sequence[Table], before: datetime) -> None:
        is_old = and_(collections.c.collector == collector, collections.c.started_at < before)
        old = select(collections.c.collection_id).where(is_old)
        with self.engine.begin() as connection:
            for table in tables:
                connection.execute(delete(table).where(table.c.collection_id.in_(old)))
            connection.execute(delete(collections).where(is_old))


@contextmanager
def opened(setup: Setup) -> Iterator[Store]:
    """Open the observations of an installation for writing; their tables are made where they are missing.

    Raises UsageError when they cannot be written, or are of a newer version, LockedError when another process
    holds the file for too long, and UnreachableError when the server cannot be reached.
    """
    engine, schema, place = _engine(setup)
    try:
        with _explained(place):
            if setup.server is None:
                make_folder(setup.home.root)
                with engine.begin() as connection:
                    if _version(connection, place) < VERSION:
                        connection.execute(text(f"pragma user_version = {VERSION}"))
            _make_tables(engine, schema)
        yield Store(engine, place)
    finally:
        engine.dispose()


@contextmanager
def looked_into(setup: Setup) -> Iterator[tuple[Connection, Sequence[Table]]]:
    """Open the observations of an installation for reading only, and say which of their tables there are.

    The file must be there. Raises what `opened` raises.
    """
    engine, schema, place = _engine(setup, read_only=True)
    try:
        with _explained(place, "read"), engine.connect() as connection:
            if setup.server is None:
                _version(connection, place)
            names = inspect(connection).get_table_names(schema)
            yield connection, [table for table in metadata.sorted_tables if table.name in names]
    finally:
        engine.dispose()


def _engine(setup: Setup, *, read_only: bool = False) -> tuple[Engine, str | None, str]:
    """Return an engine for the observations, their schema where there are several, and their place."""
    url, schema, place = observations_url(setup)
    if setup.server is not None:
        engine = create_engine(url, pool_pre_ping=True)
        if schema is not None:
            engine = engine.execution_options(schema_translate_map={None: schema})
        return engine, schema, place
    if read_only:
        url = url.set(database=f"file:{quote(place)}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(url, connect_args={"timeout": wait_limit()})
    if not read_only:
        mode = "wal" if network_file_system(setup.home.root) is None else "delete"

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, record: object) -> None:
            # In WAL mode, readers and one writer at a time never wait for each other.
            connection.execute(f"pragma journal_mode = {mode}")
            connection.execute("pragma synchronous = normal")

    return engine, schema, place


def _make_tables(engine: Engine, schema: str | None) -> None:
    """Make what is missing; another collector may be making it at the same moment.

    Each failure means that others have made a table more, or the schema.
    """
    for attempt in count(1):
        try:
            with engine.begin() as connection:
                if schema is not None and schema not in inspect(connection).get_schema_names():
                    connection.execute(CreateSchema(schema))
                metadata.create_all(connection)
        except DBAPIError as error:
            if attempt > 1 + len(metadata.tables) or "exists" not in str(error.orig):
                raise
        else:
            return


def _version(connection: Connection, place: str) -> int:
    """Return the version of the file. Raises UsageError when it is newer than this autostats."""
    version = int(connection.execute(text("pragma user_version")).scalar_one())
    check_version(place, version)
    return version


def _unless_there(table: Table, dialect: str) -> Insert:
    """Return what inserts rows, except those whose key is there."""
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return insert(table).prefix_with("OR IGNORE" if dialect == "sqlite" else "IGNORE")


@contextmanager
def _explained(place: str, done: str = "written") -> Iterator[None]:
    """Turn a database's own error into one sentence with a remedy."""
    try:
        yield
    except DBAPIError as error:
        found = failure(place, str(error.orig), done, is_lost=error.connection_invalidated)
    except SQLAlchemyError as error:
        found = UsageError(f"The observations in {place} cannot be {done}: {error}.")
    else:
        return
    # Raised here, so that the driver's message, which may hold the statement, does not hang on it.
    raise found
