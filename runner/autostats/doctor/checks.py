"""What `autostats doctor` looks at, each with what to do about it."""

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autostats import __version__, lock, log
from autostats.doctor.findings import Check, State
from autostats.errors import AutostatsError, LockedError
from autostats.home import Home
from autostats.statistics.settings import EXPECTED_AGE

if TYPE_CHECKING:
    import duckdb

    from autostats.server_target import ServerTarget
    from autostats.source.schema import SourceSchema
    from autostats.source.url import Source


@dataclass
class Examination:
    """What the checks share: the options of the command, and what an earlier check found out."""

    home: Home
    target: str | None = None
    project_dir: Path | None = None
    profiles_dir: Path | None = None
    server: "ServerTarget | None" = None
    zones: dict[str, str] = field(default_factory=dict)


Finding = Iterator[Check]


def _versions(_: Examination) -> Finding:
    python = platform.python_version()
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        yield Check("Python", State.OK, python)
    else:
        yield Check("Python", State.WARN, f"{python} is not tested", "Use Python 3.11, 3.12 or 3.13.")


def _packages(_: Examination) -> Finding:
    """Compare what is installed with what is required: DuckDB and its readers must match to the digit."""
    from packaging.requirements import Requirement

    shown = []
    wrong = []
    for line in metadata.requires("autostats") or []:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement} is not installed")
            continue
        if version not in requirement.specifier:
            wrong.append(f"{requirement.name} is {version}, wanted {requirement.specifier}")
        elif requirement.name in {"dbt-core", "dbt-duckdb", "duckdb"}:
            shown.append(f"{requirement.name} {version}")
    if wrong:
        yield Check(
            "Packages",
            State.FAIL,
            "; ".join(wrong),
            "Install autostats anew: pip install --upgrade autostats",
        )
    else:
        yield Check("Packages", State.OK, ", ".join([f"autostats {__version__}", *shown]))


def _home(examination: Examination) -> Finding:
    from autostats.preflight import check_home

    check_home(examination.home)
    yield Check("Home", State.OK, f"{examination.home.root} is writable")


def _project(examination: Examination) -> Finding:
    from autostats.project import effective_zones, find_profiles_dir, find_project_dir, find_target
    from autostats.server_target import find_server_target

    project = find_project_dir(examination.project_dir)
    profiles = find_profiles_dir(examination.home, project, examination.profiles_dir)
    target = find_target(profiles, examination.target)
    examination.server = find_server_target(
        examination.home, target.name, examination.project_dir, examination.profiles_dir
    )
    examination.zones = effective_zones({}, project)
    yield Check("dbt project", State.OK, str(project))
    yield Check("dbt profile", State.OK, f"{profiles / 'profiles.yml'}, target {target.name}")


def _time_zones(examination: Examination) -> Finding:
    from autostats.preflight import check_time_zone

    for name, zone in examination.zones.items():
        check_time_zone(name, zone)
    yield Check(
        "Time zones", State.OK, ", ".join(f"{name} {zone}" for name, zone in examination.zones.items())
    )


def _source(examination: Examination) -> Finding:
    import duckdb

    from autostats.doctor.server_checks import check_adapter, check_server
    from autostats.source.attach import attach
    from autostats.source.url import Source

    server = examination.server
    if server is not None:
        yield check_adapter(server)
    source = Source.from_environment() if server is None else server.source
    with duckdb.connect(":memory:") as connection:
        schema = attach(connection, source)
        yield Check("Source", State.OK, f"{source.redacted} answers")
        yield Check("Source schema", State.OK, f"{schema.name}, era {schema.era}, no column missing")
        yield from _unreadable(connection, source, schema)
        if server is None:
            yield _privileges(connection, source, schema)
            return
        try:
            yield from check_server(connection, server)
        except duckdb.Error:
            yield Check("Server", State.WARN, "its version and the account's rights could not be looked up")


def _unreadable(connection: "duckdb.DuckDBPyConnection", source: "Source", schema: "SourceSchema") -> Finding:
    """Read a row of each table: those that an account may only write are listed to it as well."""
    import duckdb

    from autostats.source.attach import CATALOG
    from autostats.source.schema import PREFIX

    account = f"'{source.user}'@'%'" if source.kind == "mysql" else f'"{source.user}"'
    for table in map(PREFIX.__add__, schema.columns):
        try:
            connection.execute(f"select 1 from {CATALOG}.main.{table} limit 1").fetchall()
        except duckdb.Error:
            yield Check(
                "Source rights",
                State.FAIL,
                f"the account may not read {table}",
                f"GRANT SELECT ON {schema.name}.{table} TO {account};",
            )


def _privileges(connection: "duckdb.DuckDBPyConnection", source: "Source", schema: "SourceSchema") -> Check:
    """Look whether the account may do more than it needs to."""
    if source.is_file:
        return Check("Privileges", State.OK, "the file is opened read-only")
    import duckdb

    writes = "'INSERT', 'UPDATE', 'DELETE'"
    if source.kind == "postgresql":
        table = f'"{schema.name}".reduction_viewer_reductionrun'.replace("'", "''")
        query = (
            f"select unnest(array[{writes}]) as privilege_type "
            "from (select 1) as one where false "
            f"union all select privilege from unnest(array[{writes}]) as privilege "
            f"where has_table_privilege(current_user, '{table}', privilege)"
        )
        function = "postgres_query"
    else:
        query = (
            "select privilege_type as privilege_type from information_schema.user_privileges "
            f"where privilege_type in ({writes}) "
            "union select privilege_type from information_schema.schema_privileges "
            f"where table_schema = '{schema.name}' and privilege_type in ({writes})"
        )
        function = "mysql_query"
    try:
        quoted = query.replace("'", "''")
        rows = connection.execute(f"from {function}('autoreduction_source', '{quoted}')").fetchall()
    except duckdb.Error:
        return Check("Privileges", State.WARN, "could not be looked up", "Grant the account SELECT alone.")
    if rows:
        may = ", ".join(sorted({str(row[0]) for row in rows}))
        return Check(
            "Privileges",
            State.WARN,
            f"the account may {may}; autostats opens the source read-only all the same",
            "Make an account that has SELECT alone.",
        )
    return Check("Privileges", State.OK, "the account cannot write to the jobs, and is opened read-only")


def _statistics(examination: Examination) -> Finding:
    from autostats.warehouse import connect

    if examination.server is None and not examination.home.database.exists():
        yield Check(
            "Statistics", State.WARN, f"none yet in {examination.home.database}", "Run: autostats run"
        )
        return
    try:
        with connect(
            examination.home,
            examination.target,
            project_dir=examination.project_dir,
            profiles_dir=examination.profiles_dir,
        ) as warehouse:
            row = warehouse.rows("select * from dim_settings")[0]
    except LockedError as error:
        yield Check("Statistics", State.WARN, str(error), error.remedy)
        return
    yield _age(row)
    stored = {name: row[name] for name in examination.zones}
    if stored != examination.zones:
        yield Check(
            "Settings",
            State.WARN,
            f"built with {_pairs(stored)}; the project says {_pairs(examination.zones)}",
            "The next `autostats run` builds them anew.",
        )


def _pairs(zones: dict[str, Any]) -> str:
    return ", ".join(f"{name} {zone}" for name, zone in zones.items())


def _age(row: dict[str, Any]) -> Check:
    """Say how old the statistics are; much more than a day means that cron does not run."""
    as_of = row["as_of"].replace(tzinfo=UTC)
    age = datetime.now(UTC) - as_of
    detail = f"version {row['schema_version']}, load {row['load_number']}, as of {as_of:%Y-%m-%d %H:%M} UTC"
    if age > EXPECTED_AGE:
        return Check(
            "Statistics",
            State.WARN,
            f"{detail}: {age / timedelta(days=1):.1f} days old",
            "Run `autostats run`, daily, from cron.",
            is_stale=True,
        )
    return Check("Statistics", State.OK, detail)


def _lock(examination: Examination) -> Finding:
    if lock.is_held(examination.home):
        yield Check("Lock", State.WARN, f"a run goes on: {lock.read_holder(examination.home) or 'unknown'}")
    else:
        yield Check("Lock", State.OK, "free")


def _log(examination: Examination) -> Finding:
    file = examination.home.logs / log.FILE_NAME
    size = f"{file.stat().st_size / 1e6:.1f} MB" if file.exists() else "not written yet"
    yield Check("Log", State.OK, f"{file}, {size}")


CHECKS: dict[str, Callable[[Examination], Finding]] = {
    "Python": _versions,
    "Packages": _packages,
    "Home": _home,
    "dbt project": _project,
    "Time zones": _time_zones,
    "Source": _source,
    "Statistics": _statistics,
    "Lock": _lock,
    "Log": _log,
}


def examine(examination: Examination) -> list[Check]:
    """Run every check; one that fails stops none of the others."""
    found: list[Check] = []
    for name, check in CHECKS.items():
        try:
            found.extend(check(examination))
        except AutostatsError as error:
            found.append(Check(name, State.FAIL, log.redact(str(error)), error.remedy))
        except Exception as error:
            log.keep_traceback(examination.home, error)
            text = " ".join(log.redact(str(error)).split())
            detail = f"could not be looked at: {type(error).__name__}: {text}"
            found.append(Check(name, State.FAIL, detail, f"The traceback is in {examination.home.logs}."))
    return found
