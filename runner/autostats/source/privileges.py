"""The privileges that an account has or lacks on the source, and the statements to grant them."""

from collections.abc import Sequence

import duckdb

from autostats.errors import PrivilegeError
from autostats.source.ask import ask
from autostats.source.failures import lacks_privilege
from autostats.source.names import PREFIX, mysql_grants
from autostats.source.url import Source
from autostats.sql_text import backticked, literal, quoted

WRITES = ("DELETE", "INSERT", "UPDATE")


def may_write(connection: duckdb.DuckDBPyConnection, source: Source, schema: str) -> list[str]:
    """Return which of WRITES the account may do to the jobs in `schema`; none for a file, which is read-only.

    Raises duckdb.Error when the server does not answer.
    """
    if source.is_file:
        return []
    if source.kind == "mysql":
        found = mysql_privileges(connection) | mysql_privileges(connection, schema)
        return [right for right in WRITES if right in found]
    table = literal(f"{quoted(schema)}.{PREFIX}reductionrun")
    asked = ", ".join(f"has_table_privilege({table}, '{right}') as may_{right.lower()}" for right in WRITES)
    (answers,) = ask(connection, "postgresql", f"select {asked}")
    return [right for right, may in zip(WRITES, answers, strict=True) if may]


def mysql_privileges(connection: duckdb.DuckDBPyConnection, schema: str | None = None) -> set[str]:
    """Return the account's global privileges, or those on one database, whose name may be escaped in a grant.

    Raises duckdb.Error when the server does not answer.
    """
    query = "select distinct privilege_type as privilege_type from information_schema."
    if schema is None:
        query += "user_privileges"
    else:
        names = ", ".join(map(_mysql_text, (schema, schema.replace("_", "\\_"))))
        query += f"schema_privileges where table_schema in ({names})"
    return {str(right) for (right,) in ask(connection, "mysql", query)}


def may_not_read(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Return whether MySQL refuses the account a table; it hides tables that the account may not read.

    A table that does not exist is refused as well, unless the account may read the whole database.
    """
    try:
        ask(connection, "mysql", f"select 1 as one from {backticked(schema)}.{backticked(table)} limit 1")
    except duckdb.Error as error:
        return lacks_privilege(str(error))
    return False


def lacking_select(
    connection: duckdb.DuckDBPyConnection, source: Source, schema: str, tables: Sequence[str]
) -> PrivilegeError:
    """Return the error that says on which tables the account lacks SELECT, and how to grant it."""
    return PrivilegeError(
        f"{source.redacted}: the account lacks the privilege SELECT on {', '.join(tables)}.",
        f"Ask an administrator to run: {_grants(connection, source, schema, tables)}",
    )


def _grants(connection: duckdb.DuckDBPyConnection, source: Source, schema: str, tables: Sequence[str]) -> str:
    if source.kind == "mysql":
        user, _, host = _text(connection, source, "select current_user() as account").rpartition("@")
        return mysql_grants(schema, tables, "@".join(map(_mysql_text, (user, host))))
    account = quoted(_text(connection, source, "select current_user::text as account"))
    place = quoted(schema)
    names = ", ".join(f"{place}.{quoted(table)}" for table in tables)
    return f"GRANT USAGE ON SCHEMA {place} TO {account}; GRANT SELECT ON {names} TO {account};"


def _text(connection: duckdb.DuckDBPyConnection, source: Source, query: str) -> str:
    ((text,),) = ask(connection, source.kind, query)
    return text.decode() if isinstance(text, bytes) else str(text)


def _mysql_text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
