"""`autostats init`: the settings of this installation, asked for, tried, and written."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption

if TYPE_CHECKING:
    from autostats.configuration.trial import Found
    from autostats.configuration.value_types import Value
    from autostats.home import Home

_SERVER = "mysql://reader:${DB_PASSWORD}@db.example/autoreduction"
_OWN_SERVER = "postgresql://autostats@db.example/autoreduction?schema=public"
EXAMPLES = {
    "autostats init": "ask for the settings, in a terminal",
    f"autostats init --source-url '{_SERVER}' --facility-timezone Europe/London": (
        "keep the password in the environment"
    ),
    f"autostats init --target postgres --source-url '{_OWN_SERVER}'": "statistics on the source's server",
}


def init(
    source_url: Annotated[
        str | None,
        typer.Option(
            "--source-url",
            metavar="URL",
            help="The database of the jobs: mysql://, postgresql://, sqlite:/// or duckdb:/// "
            "(three slashes before a relative path, four before an absolute one). "
            "${VARIABLE} in it is read from the environment each time.",
            show_default=False,
        ),
    ] = None,
    facility_timezone: Annotated[
        str | None,
        typer.Option(
            "--facility-timezone",
            metavar="ZONE",
            help="The time zone whose calendar days are counted, such as Europe/London.",
            show_default=False,
        ),
    ] = None,
    source_timezone: Annotated[
        str | None,
        typer.Option(
            "--source-timezone",
            metavar="ZONE",
            help="The time zone of the source's times. Default: UTC.",
            show_default=False,
        ),
    ] = None,
    title: Annotated[
        str | None,
        typer.Option("--title", metavar="TEXT", help="The title of reports.", show_default=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the settings of this installation, autostats.toml in the home.

    In a terminal, it asks for what the options leave out. It connects to the source
    and says what it found; if that fails, it writes nothing.
    """
    from autostats.configuration.answers import holds_password, in_order
    from autostats.configuration.write import as_toml, write_settings
    from autostats.errors import UsageError
    from autostats.home import Home
    from autostats.render.notes import Notes

    notes = Notes(quiet=quiet)
    place = Home.resolve(home)
    file = place.settings_file
    if file.exists() and not force:
        raise UsageError(
            f"{file} already contains settings.",
            "`autostats settings` shows them. Edit the file, or replace it with --force.",
        )
    if sys.stdin.isatty() and sys.stderr.isatty():
        target = target or typer.prompt(
            "Target: duckdb (a local file), postgres or mysql", "duckdb", err=True
        )
        if source_url is None and _needs_url(place, target):
            source_url = typer.prompt(f"URL of the source, such as {_SERVER}", err=True)
        facility_timezone = facility_timezone or typer.prompt(
            "Time zone of the facility", _offered_zone(place), err=True
        )
    said: dict[str, Value | None] = {
        "target": target,
        "title": title,
        "vars.facility_timezone": _zone("--facility-timezone", facility_timezone),
        "vars.source_timezone": _zone("--source-timezone", source_timezone),
    }
    found, of_source = _tried(place, target, source_url)
    typer.echo(f"Found: {found}.")
    values = in_order(said | of_source)
    is_private = holds_password(values)
    try:
        write_settings(file, as_toml(values), private=is_private)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written: {error.strerror or error}.", "Name another folder with --home."
        ) from error
    typer.echo(f"Wrote {file}.")
    if is_private:
        notes("It contains a password, so only you can read it. To keep it out, write ${VARIABLE} instead.")
    if facility_timezone is None:
        notes("Days are counted in Europe/London; --facility-timezone sets another time zone.")
    notes("`autostats run` builds the statistics; `autostats settings` shows the settings.")


def _zone(option: str, zone: str | None) -> str | None:
    """Return the zone. Raises UsageError if it is not a time zone."""
    from autostats.run.preflight import check_time_zone

    if zone is not None:
        check_time_zone(option, zone)
    return zone


def _offered_zone(place: "Home") -> str:
    """Return the zone of existing statistics, or else that of this computer."""
    from autostats.configuration.build import read_build
    from autostats.configuration.machine import machine_zone

    return str(read_build(place).settings.get("vars.facility_timezone") or machine_zone())


def _needs_url(place: "Home", target: str | None) -> bool:
    """Tell whether a URL names the source, rather than a server in the user's own dbt profile."""
    from autostats.dbt_setup.locate import has_own_profile

    return target in (None, "duckdb") or not has_own_profile(place)


def _tried(place: "Home", target: str | None, url: str | None) -> "tuple[Found, dict[str, Value]]":
    """Connect to the source; return what was found, and the settings that name it.

    Raises UsageError or UnreachableError if it cannot be used or was not named.
    """
    from autostats.configuration.answers import lasting_url, server_settings
    from autostats.configuration.secrets import source_of
    from autostats.configuration.trial import try_source
    from autostats.dbt_setup.server_target import ServerTarget
    from autostats.dbt_setup.setup import Setup
    from autostats.errors import UsageError
    from autostats.run.preflight import check_adapter
    from autostats.time_limits import never_stuck, progress_limit

    with never_stuck(progress_limit()):
        if not _needs_url(place, target):
            own = Setup(place, target).server
            if own is not None:
                return try_source(own.source, own), {}
        if url is None:
            raise UsageError(
                "No source was given.", f"Name it with --source-url. For example: --source-url '{_SERVER}'"
            )
        source = source_of(url, "--source-url")
        if target is None or target == "duckdb":
            return try_source(source), {"source_url": lasting_url(url, source)}
        # Before anything is tried: the URL has to be one that the target can take.
        server_settings(url, target, "")
        check_adapter(target)
        statistics = source.of_schema("autostats")
        found = try_source(source, ServerTarget(target, target, statistics, source))
        return found, server_settings(url, target, found.schema)
