"""The tables of observations, the same in every kind of database."""

from time import time
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.dialects import mysql

LONGEST_ERROR = 1000
LONGEST_ID = 255
LONGEST_NAME = 200

metadata = MetaData()
# SQLite numbers the rows of an INTEGER key by itself.
_Key = BigInteger().with_variant(Integer, "sqlite")
# UTC. MySQL drops fractions of a second that are not asked for.
_Moment = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def _text(length: int) -> String:
    """Return the type of a text that differs from any other in any byte."""
    return String(length).with_variant(mysql.VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")


collections = Table(
    "obs_collections",
    metadata,
    Column("collection_id", _Key, primary_key=True, autoincrement=True),
    Column("collector", _text(40), nullable=False),
    Column("started_at", _Moment, nullable=False),
    Column("ended_at", _Moment),
    Column("state", _text(20), nullable=False),
    Column("error", _text(LONGEST_ERROR)),
    Column("rows", BigInteger, nullable=False),
    sqlite_autoincrement=True,
    # MySQL would number from one between two statements.
    mysql_auto_increment=str(int(time())),
    mariadb_auto_increment=str(int(time())),
)


@event.listens_for(collections, "after_create")
def _number_from_now(table: Table, connection: Connection, **_: Any) -> None:
    """Number the looks from the time in seconds on.

    The statistics remember which looks they have copied. If the table replaces one that was moved away, its
    looks are new to them.
    """
    schema = connection.get_execution_options().get("schema_translate_map", {}).get(None)
    start: dict[str, Any] = {"start": int(time())}
    match connection.dialect.name:
        case "sqlite":
            statement = f"insert into sqlite_sequence values ('{table.name}', :start)"
        case "postgresql":
            statement = "select setval(pg_get_serial_sequence(:place, 'collection_id'), :start)"
            quote = connection.dialect.identifier_preparer.quote
            start["place"] = f"{quote(schema)}.{table.name}" if schema else table.name
        case _:
            return
    connection.execute(text(statement), start)


polls = Table(
    "obs_polls",
    metadata,
    Column("instrument", _text(200), nullable=False),
    Column("state", _text(10), nullable=False),
    Column("polled_at", _Moment, nullable=False),
    Column("reason", _text(500)),
    Column("collection_id", BigInteger, nullable=False),
    Index("obs_polls_collection", "collection_id"),
)

table_checks = Table(
    "obs_table_checks",
    metadata,
    Column("dbobject", _text(200), nullable=False),
    Column("_table", _text(500), nullable=False),
    Column("_column", _text(200), nullable=False),
    Column("_server", _text(300), nullable=False),
    Column("_db_type", _text(40), nullable=False),
    Column("_last_update", _Moment),
    Column("_query_timestamp", _Moment, nullable=False),
    Column("_status", _text(1000), nullable=False),
    Column("duration_seconds", Double, nullable=False),
    Column("interval_seconds", BigInteger, nullable=False),
    Column("warn_seconds", BigInteger, nullable=False),
    Column("error_seconds", BigInteger, nullable=False),
    Column("collection_id", BigInteger, nullable=False),
    Index("obs_table_checks_collection", "collection_id"),
)

# What people have said about the archive; the newest of a kind and name counts.
registrations = Table(
    "obs_registrations",
    metadata,
    Column("kind", _text(20), nullable=False),
    Column("name", _text(200), nullable=False),
    Column("definition", Text, nullable=False),
    Column("collection_id", BigInteger, nullable=False),
    Index("obs_registrations_collection", "collection_id"),
)

file_counts = Table(
    "obs_file_counts",
    metadata,
    Column("location", _text(200), nullable=False),
    Column("file_type", _text(200), nullable=False),
    Column("instrument", _text(200), nullable=False),
    Column("experiment", _text(200), nullable=False),
    Column("cycle", _text(100), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("newest_modified_at", _Moment),
    Column("expected", BigInteger),
    Column("settle_seconds", BigInteger, nullable=False),
    Column("last_run_number", BigInteger),
    Column("accepts_loss", BigInteger, nullable=False),
    Column("collection_id", BigInteger, nullable=False),
    Index("obs_file_counts_collection", "collection_id"),
    Index("obs_file_counts_unit", "location", "instrument"),
)

# The run numbers seen, as ranges of numbers in a row that are all settled or all not.
file_runs = Table(
    "obs_file_runs",
    metadata,
    Column("location", _text(200), nullable=False),
    Column("file_type", _text(200), nullable=False),
    Column("instrument", _text(200), nullable=False),
    Column("cycle", _text(100), nullable=False),
    Column("first_run_number", BigInteger, nullable=False),
    Column("last_run_number", BigInteger, nullable=False),
    Column("is_settled", BigInteger, nullable=False),
    Column("collection_id", BigInteger, nullable=False),
    Index("obs_file_runs_collection", "collection_id"),
)

# The files of runs that were new, or not settled when the look before saw them.
files = Table(
    "obs_files",
    metadata,
    Column("location", _text(200), nullable=False),
    Column("file_type", _text(200), nullable=False),
    Column("instrument", _text(200), nullable=False),
    Column("cycle", _text(100), nullable=False),
    Column("run_number", BigInteger, nullable=False),
    Column("path", _text(1000), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("modified_at", _Moment, nullable=False),
    Column("collection_id", BigInteger, nullable=False),
    Index("obs_files_collection", "collection_id"),
)

# What a message bus has announced: a row for each run of a message.
messages = Table(
    "obs_messages",
    metadata,
    Column("message_id", _text(LONGEST_ID), primary_key=True),
    Column("topic", _text(LONGEST_NAME), nullable=False),
    Column("instrument", _text(LONGEST_NAME), nullable=False),
    Column("run_number", BigInteger, nullable=False),
    Column("rb_number", _text(LONGEST_NAME)),
    Column("sent_at", _Moment),
    Column("received_at", _Moment, nullable=False),
    Column("collection_id", BigInteger, nullable=False),
    Index("obs_messages_collection", "collection_id"),
)

# The first messages of each look that could not be read.
rejected_messages = Table(
    "obs_rejected_messages",
    metadata,
    Column("message_id", _text(LONGEST_ID), primary_key=True),
    Column("topic", _text(LONGEST_NAME), nullable=False),
    Column("reason", _text(LONGEST_ERROR), nullable=False),
    Column("body", _text(LONGEST_ERROR), nullable=False),
    Column("received_at", _Moment, nullable=False),
    Column("collection_id", BigInteger, nullable=False),
    Index("obs_rejected_messages_collection", "collection_id"),
)
