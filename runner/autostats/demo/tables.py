"""The monitored tables of the demonstration: a database of their own, and the file that names them."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

# How long ago each was last updated, and how often it is checked, in minutes.
_TABLES = {"samples": (4, 15), "proposals": (150, 60), "users": (26 * 60, 60)}
_HEADER = "dbobject,database,table,column,timezone,interval,active"
_DBOBJECT = "userdb"
_VARIABLE = "AUTOSTATS_DB_USERDB"


def write_monitored_tables(folder: Path, now: datetime) -> tuple[str, Path]:
    """Write `monitored_tables.csv` and the database that it is about to `folder`.

    Return the variable that is to hold the database's URL, and its path. As of `now`, UTC, one table is
    fresh, one is a warning, and one is stale.
    """
    path = folder / f"{_DBOBJECT}.sqlite"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        for table, (minutes, _) in _TABLES.items():
            connection.execute(f"create table {table} (id integer primary key, updated_at text)")
            updates = [(str(now - timedelta(minutes=minutes + 30 * number)),) for number in range(50)]
            connection.executemany(f"insert into {table} (updated_at) values (?)", updates)
    lines = [f"{_DBOBJECT},main,{table},updated_at,UTC,{every},true" for table, (_, every) in _TABLES.items()]
    text = "\n".join([_HEADER, *lines]) + "\n"
    (folder / "monitored_tables.csv").write_text(text, encoding="utf-8")
    return _VARIABLE, path
