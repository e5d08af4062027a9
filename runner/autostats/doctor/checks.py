"""The checks of `autostats doctor`, each with its remedy."""

import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import metadata
from itertools import chain
from typing import TYPE_CHECKING, Any

from autostats import __version__, log
from autostats.dbt_setup.setup import Setup
from autostats.doctor.archive import check_archive
from autostats.doctor.findings import Check, State
from autostats.doctor.observations import check_observations
from autostats.doctor.plugins import check_plugins
from autostats.errors import (
    AutostatsError,
    LockedError,
    MissingDatabaseError,
    NoStatisticsError,
    UsageError,
)
from autostats.queries.instruments import known_instruments
from autostats.queries.settings import EXPECTED_AGE
from autostats.run import lock
from autostats.text import counted, printable

if TYPE_CHECKING:
    import duckdb

    from autostats.configuration.resolve import Layer
    from autostats.source.schema import SourceSchema
    from autostats.source.url import Source

_IGNORED = """
select distinct instrument from ignored_runs
order by instrument collate noaccent.nocase, instrument
"""

Finding = Iterator[Check]


def _versions(_: Setup) -> Finding:
    python = platform.python_version()
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        yield Check("Python", State.OK, python)
    else:
        yield Check("Python", State.WARN, f"{python} is not tested", "Use Python 3.11, 3.12 or 3.13.")


def _packages(_: Setup) -> Finding:
    """Compare what is installed with what is required: DuckDB and its readers must match exactly."""
    from packaging.requirements import Requirement

    from autostats.installation import DISTRIBUTION, install_line

    shown = []
    wrong = []
    for line in metadata.requires(DISTRIBUTION) or []:
        requirement = Requirement(line)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{requirement} is not installed")
            continue
        if version not in requirement.specifier:
            wrong.append(f"{requirement.name} is {version}, needed is {requirement.specifier}")
        elif requirement.name in {"dbt-core", "dbt-duckdb", "duckdb"}:
            shown.append(f"{requirement.name} {version}")
    if wrong:
        yield Check(
            "Packages",
            State.FAIL,
            "; ".join(wrong),
            f"Reinstall autostats: {install_line()}",
        )
    else:
        yield Check("Packages", State.OK, ", ".join([f"autostats {__version__}", *shown]))


def _home(setup: Setup) -> Finding:
    from autostats.run.preflight import check_home

    check_home(setup.home)
    yield Check("Home", State.OK, f"{setup.home.root} is writable")


def _settings(setup: Setup) -> Finding:
    file = setup.configuration.file
    yield Check(
        "Settings file",
        State.OK,
        str(file) if file.exists() else f"{file} does not exist; you do not need one",
    )


def _logo(setup: Setup) -> Finding:
    from autostats.configuration.brand import configured_logo, logo_path
    from autostats.logo import BadLogo

    try:
        if configured_logo(setup.configuration) is not None:
            yield Check("Logo", State.OK, str(logo_path(setup.configuration)))
    except BadLogo as problem:
        yield Check("Logo", State.WARN, str(problem), problem.remedy)


def _project(setup: Setup) -> Finding:
    # What the profile lacks is reported here.
    _ = setup.server
    yield Check("dbt project", State.OK, str(setup.project_dir))
    yield Check("dbt profile", State.OK, f"{setup.profiles_dir / 'profiles.yml'}, target {setup.target.name}")


def _time_zones(setup: Setup) -> Finding:
    from autostats.run.preflight import check_time_zone

    zones = setup.configuration.of_statistics(_built(setup)).zones
    for name, zone in zones.items():
        check_time_zone(name, zone)
    yield Check("Time zones", State.OK, _pairs(zones))


def _source(setup: Setup) -> Finding:
    import duckdb

    from autostats.configuration.secrets import configured_source
    from autostats.doctor.server_checks import check_adapter, check_server
    from autostats.source.attach import attach

    server = None
    # The check of the profile has reported what is wrong with it.
    with suppress(UsageError):
        server = setup.server
    if server is not None:
        yield check_adapter(server)
    source = configured_source(setup.configuration) if server is None else server.source
    with duckdb.connect(":memory:") as connection:
        schema = attach(connection, source)
        yield Check("Source", State.OK, f"{source.redacted} answers")
        yield Check("Source schema", State.OK, f"{schema.name}, era {schema.era}, no column missing")
        yield from _optional(connection, source, schema)
        if server is None:
            yield _privileges(connection, source, schema)
            return
        try:
            yield from check_server(connection, server)
        except duckdb.Error:
            yield Check("Server", State.WARN, "its version and the account's rights could not be looked up")


def _optional(connection: "duckdb.DuckDBPyConnection", source: "Source", schema: "SourceSchema") -> Finding:
    """Say what the statistics do without, because the account may not read it."""
    if source.is_file or not schema.unread:
        return
    from autostats.source.privileges import lacking_select

    tables = sorted({name.partition(".")[0] for name in schema.unread})
    yield Check(
        "Software and hosts",
        State.WARN,
        f"the account cannot read {', '.join(schema.unread)}: what ran the jobs is counted as unknown",
        lacking_select(connection, source, schema.name, tables).remedy,
    )


def _privileges(connection: "duckdb.DuckDBPyConnection", source: "Source", schema: "SourceSchema") -> Check:
    """Check whether the account has more privileges than it needs."""
    if source.is_file:
        return Check("Privileges", State.OK, "the file is opened read-only")
    import duckdb

    from autostats.source.privileges import may_write

    try:
        may = may_write(connection, source, schema.name)
    except duckdb.Error:
        return Check("Privileges", State.WARN, "could not be looked up", "Grant the account only SELECT.")
    if may:
        return Check(
            "Privileges",
            State.WARN,
            f"the account may {', '.join(may)}; autostats still opens the source read-only",
            "Use an account that has only SELECT.",
        )
    return Check("Privileges", State.OK, "the account cannot write to the jobs, and is opened read-only")


def _built(setup: Setup) -> "Layer":
    """Return the settings that the statistics were built with; none if they cannot be read."""
    from autostats.configuration.resolve import as_layer
    from autostats.warehouse import connect

    with suppress(AutostatsError), connect(setup, wait=0) as warehouse:
        return as_layer(warehouse.rows("select * from dim_settings")[0], "dim_settings")
    return {}


def _statistics(setup: Setup) -> Finding:
    from autostats.configuration.resolve import as_layer
    from autostats.warehouse import connect, utc_now

    try:
        with connect(setup) as warehouse:
            row = warehouse.rows("select * from dim_settings")[0]
            ignored = [found["instrument"] for found in warehouse.rows(_IGNORED)]
            known = known_instruments(warehouse)
    except LockedError as error:
        yield Check("Statistics", State.WARN, str(error), error.remedy)
        return
    except (MissingDatabaseError, NoStatisticsError) as error:
        yield _no_statistics(setup, error)
        return
    yield _age(row, utc_now())
    if row.get("has_passed_tests") is False:
        yield Check(
            "Tests",
            State.WARN,
            "not all data tests passed after the last build; its tables can be used",
            f"The log names them: {setup.home.logs}",
        )
    nothing = "a line with another name ignores nothing"
    yield from _of_nobody("Ignored runs", "ignored_runs.csv", ignored, known, nothing)
    nobody = "a rule for another name holds for nobody"
    yield from _of_nobody("Rules", "[rules]", setup.configuration.ruled_instruments, known, nobody)
    stored = {name: row[name] for name in setup.configuration.zones}
    wanted = setup.configuration.of_statistics(as_layer(row, "dim_settings")).zones
    if stored != wanted:
        yield Check(
            "Settings",
            State.WARN,
            f"built with {_pairs(stored)}; the settings say {_pairs(wanted)}",
            "The next `autostats run` rebuilds them.",
        )


def _of_nobody(
    subject: str, place: str, named: Sequence[str], known: Sequence[str], otherwise: str
) -> Finding:
    """Warn of instruments that `place` names and the source does not know."""
    if names := [name for name in named if name not in known]:
        yield Check(
            subject,
            State.WARN,
            f"{place} names {', '.join(map(printable, names))}, which has no jobs in the source",
            f"Spell instruments as `autostats report` does; {otherwise}.",
        )


def _no_statistics(setup: Setup, error: UsageError) -> Check:
    """Report that there are none: fine before the first run, which creates the lock file."""
    if not setup.home.lock.exists():
        return Check("Statistics", State.OK, "none yet: the first `autostats run` builds them")
    return Check("Statistics", State.WARN, str(error), error.remedy)


def _pairs(zones: dict[str, Any]) -> str:
    return ", ".join(f"{name} {zone}" for name, zone in zones.items())


def _age(row: dict[str, Any], now: datetime) -> Check:
    """Report the age of the statistics; much more than a day means that cron does not run."""
    as_of = row["as_of"]
    age = now - as_of
    detail = f"version {row['schema_version']}, load {row['load_number']}, as of {as_of:%Y-%m-%d %H:%M} UTC"
    if age > EXPECTED_AGE:
        return Check(
            "Statistics",
            State.WARN,
            f"{detail}: {age / timedelta(days=1):.1f} days old",
            "Run `autostats run` daily from cron.",
            is_stale=True,
        )
    return Check("Statistics", State.OK, detail)


def _monitored_tables(setup: Setup) -> Finding:
    """Check one table of each database that `autostats freshness` watches."""
    from threading import Event

    from autostats.freshness.look import could_be_checked
    from autostats.freshness.servers import check_tables
    from autostats.freshness.tables_file import FILE_NAME, read_tables
    from autostats.warehouse import utc_now

    file = setup.home.root / FILE_NAME
    if not file.exists():
        return
    tables = read_tables(file)
    yield Check("Monitored tables", State.OK, f"{file}, {counted(len(tables), 'active table')}")
    first = {table.dbobject: table for table in reversed(tables)}
    found = check_tables(list(first.values()), timeout=5, jobs=len(first), clock=utc_now, stop=Event())
    for row in sorted(chain.from_iterable(found), key=lambda row: str(row["dbobject"])):
        name = f"Tables of {printable(row['dbobject'])}"
        detail = printable(f"{row['_table']} on {row['_server']}: {row['_status']}".replace(" on :", ":"))
        if could_be_checked(row):
            yield Check(name, State.OK, detail)
        else:
            variable = first[row["dbobject"]].variable
            # Perhaps only the scheduler's environment has it.
            state = State.FAIL if setup.environment.get(variable) else State.WARN
            yield Check(name, state, detail, _table_remedy(str(row["_status"]), variable))


def _table_remedy(status: str, variable: str) -> str:
    if "is not set" in status:
        return "Set it where `autostats freshness check` runs."
    if "driver" in status and "not installed" in status:
        return "Install the extra `freshness`, or the driver that the URL names."
    if "dialect" in status:
        return f"Install the database's SQLAlchemy dialect, or correct what is before :// in {variable}."
    if "no answer" in status:
        return "The server hangs, the table is locked, or its column needs an index."
    return f"Check the URL in {variable}, the server, and that the account may read the table."


def _lock(setup: Setup) -> Finding:
    if lock.is_held(setup.home):
        yield Check("Lock", State.WARN, f"a run is in progress: {lock.read_holder(setup.home) or 'unknown'}")
    else:
        yield Check("Lock", State.OK, "free")


def _log(setup: Setup) -> Finding:
    file = setup.home.logs / log.FILE_NAME
    size = f"{file.stat().st_size / 1e6:.1f} MB" if file.exists() else "not written yet"
    yield Check("Log", State.OK, f"{file}, {size}")


CHECKS: dict[str, Callable[[Setup], Finding]] = {
    "Python": _versions,
    "Packages": _packages,
    "Home": _home,
    "Settings file": _settings,
    "Logo": _logo,
    "dbt project": _project,
    "Time zones": _time_zones,
    "Source": _source,
    "Statistics": _statistics,
    "Observations": check_observations,
    "Monitored tables": _monitored_tables,
    "Archive": check_archive,
    "Plug-ins": check_plugins,
    "Lock": _lock,
    "Log": _log,
}


def examine(setup: Setup) -> list[Check]:
    """Run every check; a failing one does not stop the others."""
    found: list[Check] = []
    for name, check in CHECKS.items():
        try:
            found.extend(check(setup))
        except AutostatsError as error:
            found.append(Check(name, State.FAIL, log.redact(str(error)), error.remedy))
        except OSError as error:
            place = error.filename or setup.home.root
            detail = f"{place}: {error.strerror or error}"
            found.append(
                Check(name, State.FAIL, detail, "Free some space on its disk, or fix its permissions.")
            )
        except Exception as error:
            kept = log.keep_traceback(setup.home, error)
            text = " ".join(log.redact(str(error)).split())
            detail = f"could not be checked: {type(error).__name__}: {text}"
            remedy = (
                f"The traceback is in {kept}." if kept else "The log could not be written either: see Home."
            )
            found.append(Check(name, State.FAIL, detail, remedy))
    return found
