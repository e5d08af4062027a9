"""What `autostats doctor` looks at on the server of a target: version, clock, and what the account may do."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import TYPE_CHECKING

from autostats.doctor.findings import Check, State

if TYPE_CHECKING:
    import duckdb

    from autostats.server_target import ServerTarget

_CATALOG = "autoreduction_source"
_ADRIFT = timedelta(minutes=1)
_WRITES = ("INSERT", "UPDATE", "DELETE")
# What building tables and views of one's own takes on MySQL.
_OWN = (
    "SELECT",
    "INSERT",
    "DELETE",
    "CREATE",
    "DROP",
    "ALTER",
    "INDEX",
    "CREATE TEMPORARY TABLES",
    "CREATE VIEW",
    "SHOW VIEW",
)


def check_adapter(server: "ServerTarget") -> Check:
    """Tell whether the extra that brings the target's adapter is installed."""
    try:
        return Check("Adapter", State.OK, f"dbt-{server.adapter} {metadata.version(f'dbt-{server.adapter}')}")
    except metadata.PackageNotFoundError:
        return Check(
            "Adapter",
            State.FAIL,
            f"dbt-{server.adapter} is not installed",
            f"pip install 'autostats[{server.adapter}]'"
            + (", in an environment of its own" if server.adapter == "mysql" else ""),
        )


def check_server(connection: "duckdb.DuckDBPyConnection", server: "ServerTarget") -> Iterator[Check]:
    """Look at the server through the attached source. Raises duckdb.Error when it does not answer."""
    if server.adapter == "postgres":
        yield from _postgres(connection, server)
    else:
        yield from _mysql(connection, server)


def _ask(connection: "duckdb.DuckDBPyConnection", function: str, query: str) -> list[tuple[object, ...]]:
    quoted = query.replace("'", "''")
    return connection.execute(f"from {function}('{_CATALOG}', '{quoted}')").fetchall()


def _clock(moment: object, zone: str) -> Check:
    """Compare the server's time, UTC as text, with this computer's."""
    there = datetime.fromisoformat(str(moment)).replace(tzinfo=UTC)
    adrift = abs(datetime.now(UTC) - there)
    if adrift > _ADRIFT:
        return Check(
            "Server clock",
            State.WARN,
            f"{adrift.total_seconds():,.0f} s away from this computer's",
            "Let both set their clocks by NTP: timedatectl set-ntp true",
        )
    return Check("Server clock", State.OK, f"agrees with this computer's; its zone, {zone}, does not matter")


def _version(name: str, found: Sequence[int], wanted: Sequence[int]) -> Check:
    shown, needed = (".".join(map(str, numbers)) for numbers in (found, wanted))
    if tuple(found) < tuple(wanted):
        return Check(
            "Server", State.FAIL, f"{name} {shown} is too old", f"Upgrade it to {name} {needed} or newer."
        )
    return Check("Server", State.OK, f"{name} {shown}")


def _source_rights(may: Sequence[object], remedy: str) -> Check:
    if may:
        rights = ", ".join(sorted(str(right) for right in may))
        return Check(
            "Source rights", State.WARN, f"the account may {rights} the source; SELECT is enough", remedy
        )
    return Check("Source rights", State.OK, "the account cannot write to the jobs")


def _postgres(connection: "duckdb.DuckDBPyConnection", server: "ServerTarget") -> Iterator[Check]:
    def literal(text: str | None) -> str:
        return "'" + (text or "").replace("'", "''") + "'"

    source, own = server.source.schema, server.statistics.schema
    table = literal(f'"{source}".reduction_viewer_reductionrun')
    rows = _ask(
        connection,
        "postgres_query",
        "select current_setting('server_version_num') as version, current_setting('timezone') as zone,"
        " (now() at time zone 'UTC')::text as moment, current_user::text as account,"
        f" (select string_agg(w, ',') from unnest(array['INSERT', 'UPDATE', 'DELETE']) as w"
        f"  where has_table_privilege({table}, w)) as writes,"
        f" coalesce((select has_schema_privilege(oid, 'CREATE') from pg_namespace"
        f"  where nspname = {literal(own)}),"
        "  has_database_privilege(current_database(), 'CREATE'))::text as may_create",
    )
    version, zone, moment, account, writes, may_create = rows[0]
    number = int(str(version))
    yield _version("PostgreSQL", (number // 10000, number % 10000), (12, 0))
    yield _clock(moment, str(zone))
    revoke = f'REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{source}" FROM "{account}";'
    yield _source_rights(str(writes).split(",") if writes else [], revoke)
    if str(may_create).startswith("t"):
        yield Check("Own rights", State.OK, f"the account may create tables in schema {own}")
    else:
        yield Check(
            "Own rights",
            State.FAIL,
            f"the account may not create tables in schema {own}",
            f'CREATE SCHEMA "{own}" AUTHORIZATION "{account}";',
        )


def _mysql(connection: "duckdb.DuckDBPyConnection", server: "ServerTarget") -> Iterator[Check]:
    source, own = server.source.schema or "", server.statistics.schema or ""
    rows = _ask(
        connection,
        "mysql_query",
        "select version() as version, @@global.time_zone as zone,"
        " cast(utc_timestamp() as char) as moment, current_user() as account",
    )
    version, zone, moment, account = map(str, rows[0])
    user, _, host = account.rpartition("@")
    grantee = f"'{user}'@'{host}'"
    name = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    found = tuple(int(part) for part in version.split("-")[0].split(".")[:3])
    yield _version(name, found, (10, 6, 0) if name == "MariaDB" else (8, 0, 31))
    yield _clock(moment, zone)
    everywhere = _rights(connection, "user_privileges", "")
    writes = everywhere | _rights(connection, "schema_privileges", source)
    yield _source_rights(
        [right for right in _WRITES if right in writes],
        f"REVOKE INSERT, UPDATE, DELETE ON `{source}`.* FROM {grantee};"
        if not everywhere & set(_WRITES)
        else f"Make an account that has SELECT on `{source}` alone, and all on `{own}`.",
    )
    missing = [
        right for right in _OWN if right not in everywhere | _rights(connection, "schema_privileges", own)
    ]
    if missing:
        yield Check(
            "Own rights",
            State.FAIL,
            f"the account may not {', '.join(missing)} in database {own}",
            f"CREATE DATABASE IF NOT EXISTS `{own}`; GRANT ALL ON `{own}`.* TO {grantee};",
        )
    else:
        yield Check("Own rights", State.OK, f"the account may create tables in database {own}")


def _rights(connection: "duckdb.DuckDBPyConnection", table: str, schema: str) -> set[str]:
    """Return the account's privileges, everywhere or on one database, whose name a grant may escape."""
    condition = ""
    if schema:
        names = {schema, schema.replace("_", "\\_")}
        quoted = ", ".join("'" + name.replace("\\", "\\\\").replace("'", "''") + "'" for name in names)
        condition = f" where table_schema in ({quoted})"
    rows = _ask(
        connection,
        "mysql_query",
        f"select distinct privilege_type as privilege_type from information_schema.{table}{condition}",
    )
    return {str(row[0]) for row in rows}
