"""Appending observations: each look of a collector is one collection, which counts once it is complete."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    Table,
    and_,
    create_engine,
    delete,
    event,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.schema import CreateSchema

from autostats.dbt_setup.setup import Setup
from autostats.errors import AutostatsError, LockedError, UnreachableError, UsageError
from autostats.home import Home
from autostats.observations.place import observations_url
from autostats.observations.tables import LONGEST_ERROR, VERSION, collections, metadata
from autostats.run.preflight import make_folder

Row = Mapping[str, Any]
Clock = Callable[[], datetime]
# A batch is a transaction of some hundredths of a second, between which other collectors have their turn.
_BATCH = 5_000
_LOCK_SECONDS = 20
_ATTEMPTS = 3


@dataclass
class Collection:
    """One look of a collector, to which it appends what it saw; `rows` counts that."""

    engine: Engine
    collection_id: int
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

        A look that ends in an exception has failed, and its rows are taken away. Looks that are older than
        `keep` go as well, with their rows: the daily run has copied them. Raises what the look raises, and
        what `opened` raises when the observations cannot be written.
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
                    self._end(collection, clock(), "failed", 0, reason)
                raise
            self._end(collection, clock(), "complete", collection.rows, None)
            self._forget(collector, tables, clock() - keep)

    def rows(self, query: Select[Any]) -> Sequence[Any]:
        """Return the rows that a query finds. Raises as `opened` does."""
        with _explained(self.place), self.engine.connect() as connection:
            return connection.execute(query).all()

    def _begin(self, collector: str, now: datetime) -> Collection:
        begun = insert(collections).values(collector=collector, started_at=now, state="incomplete", rows=0)
        with self.engine.begin() as connection:
            key = connection.execute(begun).inserted_primary_key
        assert key is not None
        return Collection(self.engine, int(key[0]))

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
    url, schema, place = observations_url(setup)
    if setup.server is None:
        make_folder(setup.home.root)
        engine = create_engine(url, connect_args={"timeout": _LOCK_SECONDS})
        event.listen(engine, "connect", _prepare)
    else:
        engine = create_engine(url, pool_pre_ping=True)
        if schema is not None:
            engine = engine.execution_options(schema_translate_map={None: schema})
    try:
        with _explained(place):
            if setup.server is None:
                with engine.begin() as connection:
                    _check_version(connection, setup.home)
            _make_tables(engine, schema)
        yield Store(engine, place)
    finally:
        engine.dispose()


def _make_tables(engine: Engine, schema: str | None) -> None:
    """Make what is missing; another collector may be making it at the same moment."""
    for attempt in count(1):
        try:
            with engine.begin() as connection:
                if schema is not None and schema not in inspect(connection).get_schema_names():
                    connection.execute(CreateSchema(schema))
                metadata.create_all(connection)
        except DBAPIError as error:
            if attempt == _ATTEMPTS or "exists" not in str(error.orig):
                raise
        else:
            return


def _prepare(connection: Any, record: object) -> None:
    # Readers and one writer at a time never wait for each other; not on network file systems, where SQLite
    # keeps its rollback journal.
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")


def _check_version(connection: Connection, home: Home) -> None:
    found = int(connection.execute(text("pragma user_version")).scalar_one())
    if found > VERSION:
        from autostats.installation import upgrade_advice

        raise UsageError(
            f"The observations {home.observations} were written by a newer autostats (version {found}).",
            upgrade_advice(),
        )
    if found < VERSION:
        connection.execute(text(f"pragma user_version = {VERSION}"))


@contextmanager
def _explained(place: str) -> Iterator[None]:
    """Turn a database's own error into one sentence with a remedy."""
    try:
        yield
    except DBAPIError as error:
        failure = _failure(place, str(error.orig), is_lost=error.connection_invalidated)
    except SQLAlchemyError as error:
        failure = UsageError(f"The observations in {place} cannot be written: {error}.")
    else:
        return
    # Raised here, so that the driver's message, which may hold the statement, does not hang on it.
    raise failure


def _failure(place: str, message: str, *, is_lost: bool) -> AutostatsError:
    said = message.lower()
    reason = message.split("\n", 1)[0].strip().rstrip(".")
    if "database is locked" in said:
        return LockedError(
            f"The observations {place} are in use by another process; gave up after {_LOCK_SECONDS} s.",
            "Try again when that has ended.",
        )
    if "not a database" in said or "malformed" in said:
        return UsageError(
            f"{place} is damaged, or is no file of observations.",
            "Restore it from a backup, or move it away.",
        )
    if "readonly" in said or "unable to open" in said or "read-only" in said:
        return UsageError(
            f"The observations {place} cannot be written: {reason}.", "Fix the file's permissions."
        )
    if "is full" in said:
        return UsageError(
            f"The observations {place} cannot be written: {reason}.", "Free some space on its disk."
        )
    if is_lost or "connect" in said:
        return UnreachableError(f"{place} cannot be reached: {reason}.", "Check the host and port.")
    return UsageError(
        f"The observations in {place} cannot be written: {reason}.",
        "The account needs INSERT, DELETE and CREATE in the schema of the statistics.",
    )
