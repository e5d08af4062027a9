"""The checks of `autostats doctor` on a target's server: version, clock and the account's privileges."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from importlib import metadata
from typing import TYPE_CHECKING

from autostats.doctor.findings import Check, State
from autostats.source.ask import ask
from autostats.source.privileges import WRITES, may_write, mysql_privileges
from autostats.sql_text import literal
from autostats.warehouse import utc_now

if TYPE_CHECKING:
    import duckdb

    from autostats.dbt_setup.server_target import ServerTarget

_ADRIFT = timedelta(minutes=1)
# The privileges needed to build tables and views on MySQL.
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
    """Check whether the extra with the target's adapter is installed."""
    try:
        return Check("Adapter", State.OK, f"dbt-{server.adapter} {metadata.version(f'dbt-{server.adapter}')}")
    except metadata.PackageNotFoundError:
        from autostats.installation import adapter_line

        return Check(
            "Adapter",
            State.FAIL,
            f"dbt-{server.adapter} is not installed",
            f"Install it: {adapter_line(server.adapter)}",
        )


def check_server(connection: "duckdb.DuckDBPyConnection", server: "ServerTarget") -> Iterator[Check]:
    """Check the server through the attached source. Raises duckdb.Error when it does not answer."""
    if server.adapter == "postgres":
        yield from _postgres(connection, server)
    else:
        yield from _mysql(connection, server)


def _clock(moment: object, zone: str, here: datetime) -> Check:
    """Compare the server's time (UTC as text) with this computer's (UTC without a zone)."""
    adrift = abs(here - datetime.fromisoformat(str(moment)))
    if adrift > _ADRIFT:
        return Check(
            "Server clock",
            State.WARN,
            f"{adrift.total_seconds():,.0f} s away from this computer's",
            "Set both clocks with NTP: timedatectl set-ntp true",
        )
    return Check("Server clock", State.OK, f"agrees with this computer's; its zone, {zone}, does not matter")


def _version(name: str, found: Sequence[int], wanted: Sequence[int]) -> Check:
    shown, needed = (".".join(map(str, numbers)) for numbers in (found, wanted))
    if tuple(found) < tuple(wanted):
        return Check(
            "Server", State.FAIL, f"{name} {shown} is too old", f"Upgrade it to {name} {needed} or newer."
        )
    return Check("Server", State.OK, f"{name} {shown}")


def _source_rights(may: Sequence[str], remedy: str) -> Check:
    if may:
        rights = ", ".join(may)
        return Check(
            "Source rights", State.WARN, f"the account may {rights} the source; SELECT is enough", remedy
        )
    return Check("Source rights", State.OK, "the account cannot write to the jobs")


def _postgres(connection: "duckdb.DuckDBPyConnection", server: "ServerTarget") -> Iterator[Check]:
    source, own = server.source.schema or "", server.statistics.schema or ""
    rows = ask(
        connection,
        "postgresql",
        "select current_setting('server_version_num') as version, current_setting('timezone') as zone,"
        " (now() at time zone 'UTC')::text as moment, current_user::text as account,"
        f" coalesce((select has_schema_privilege(oid, 'CREATE') from pg_namespace"
        f"  where nspname = {literal(own)}),"
        "  has_database_privilege(current_database(), 'CREATE'))::text as may_create",
    )
    version, zone, moment, account, may_create = rows[0]
    number = int(str(version))
    yield _version("PostgreSQL", (number // 10000, number % 10000), (12, 0))
    yield _clock(moment, str(zone), utc_now())
    revoke = f'REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{source}" FROM "{account}";'
    yield _source_rights(may_write(connection, server.source, source), revoke)
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
    rows = ask(
        connection,
        "mysql",
        "select version() as version, @@global.time_zone as zone,"
        " cast(utc_timestamp() as char) as moment, current_user() as account",
    )
    version, zone, moment, account = map(str, rows[0])
    user, _, host = account.rpartition("@")
    grantee = f"'{user}'@'{host}'"
    name = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    found = tuple(int(part) for part in version.split("-")[0].split(".")[:3])
    yield _version(name, found, (10, 6, 0) if name == "MariaDB" else (8, 0, 31))
    yield _clock(moment, zone, utc_now())
    everywhere = mysql_privileges(connection)
    yield _source_rights(
        may_write(connection, server.source, source),
        f"REVOKE INSERT, UPDATE, DELETE ON `{source}`.* FROM {grantee};"
        if not everywhere & set(WRITES)
        else f"Use an account that has only SELECT on `{source}`, and ALL on `{own}`.",
    )
    rights = everywhere | mysql_privileges(connection, own)
    missing = [right for right in _OWN if right not in rights]
    if missing:
        yield Check(
            "Own rights",
            State.FAIL,
            f"the account may not {', '.join(missing)} in database {own}",
            f"CREATE DATABASE IF NOT EXISTS `{own}`; GRANT ALL ON `{own}`.* TO {grantee};",
        )
    else:
        yield Check("Own rights", State.OK, f"the account may create tables in database {own}")
