"""`autostats availability`: whether instruments are up in their operating hours, from polls."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.completing import complete_polled
from autostats.commands.result_options import (
    CycleOption,
    FormatOption,
    FromOption,
    LastOption,
    NoPagerOption,
    OutputOption,
    PlainOption,
    ToOption,
    age_caption,
)
from autostats.configuration.links import configured_links
from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.queries.choice import chosen_scope
from autostats.render.notes import Notes
from autostats.render.output import ONE_TABLE, chosen_format, emit
from autostats.render.progress import progress_bar
from autostats.render.section import Document
from autostats.text import counted, printable
from autostats.warehouse import connect, utc_now

if TYPE_CHECKING:
    from autostats.availability.polls import Poll
    from autostats.queries.scope import Scope

EXAMPLES = {
    "autostats availability import --polls polls.csv --hours hours.csv": "take a monitor's files",
    "autostats availability add WISH down --reason 'vacuum pump'": "an instrument is down from now on",
    "autostats availability report --last 30d": "how available each instrument was, and its outages",
    "autostats availability report WISH --now": "its last hour, day and week",
    "autostats availability report --now --preset store-monitoring --format csv": "as that monitor's file",
}
_COLLECTOR = "availability"
_SCHEMA = "autostats/availability/1"

availability = typer.Typer()


@availability.callback()
def availability_of_instruments() -> None:
    """Import polls of instruments, and report when they were up in their operating hours."""


class PolledState(StrEnum):
    """What a poll says."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


class Preset(StrEnum):
    """Rules and columns of another system."""

    STORE_MONITORING = "store-monitoring"


def _file_option(name: str, what: str) -> Any:
    return typer.Option(
        name, metavar="FILE", help=what, exists=True, dir_okay=False, readable=True, show_default=False
    )


@availability.command("import")
def import_(
    polls: Annotated[
        Path | None,
        _file_option(
            "--polls", "CSV with instrument (or store_id), status, timestamp_utc and perhaps reason."
        ),
    ] = None,
    hours: Annotated[
        Path | None,
        _file_option(
            "--hours",
            "CSV with instrument or store_id, day or dayOfWeek (0: Monday), start_time_local,"
            " end_time_local.",
        ),
    ] = None,
    time_zones: Annotated[
        Path | None,
        _file_option("--time-zones", "CSV with instrument (or store_id) and time_zone (or timezone_str)."),
    ] = None,
    restate: Annotated[
        bool,
        typer.Option(
            "--restate", help="Let the new hours count for the past too. Without it, they begin today."
        ),
    ] = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Import polls, operating hours and time zones. The next run counts them.

    Importing the same file again changes nothing. If a line cannot be read, it is
    named, and nothing of its file is taken.
    """
    from autostats.availability.calendars import import_hours, import_time_zones
    from autostats.availability.polls import read_polls

    if polls is None and hours is None and time_zones is None:
        raise UsageError("There is nothing to import.", "Name a file with --polls, --hours or --time-zones.")
    setup = Setup.resolve(home, target)
    notes = Notes(quiet=quiet)
    if time_zones is not None:
        changed = import_time_zones(setup.home, time_zones)
        typer.echo(f"{counted(changed, 'time zone')} changed.")
    if hours is not None:
        today = utc_now().replace(tzinfo=UTC).astimezone(_zone(setup)).date()
        new = import_hours(setup.home, hours, today, restate=restate)
        typer.echo(f"{counted(new, 'span')} of operating hours changed.")
    if polls is not None:
        size = polls.stat().st_size
        with progress_bar("importing polls", quiet=quiet, in_bytes=True) as advance:
            count = _collect(setup, read_polls(polls, lambda position: advance(position, size)))
        typer.echo(f"{counted(count, 'poll')} imported.")
    notes("The next `autostats run` counts what is new.")


@availability.command()
def add(
    instrument: Annotated[
        str, typer.Argument(metavar="INSTRUMENT", help="Its name, as in its other polls.", show_default=False)
    ],
    state: Annotated[PolledState, typer.Argument(help="What it is.", show_default=False)],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Since when, UTC: '2020-02-11 18:30'. Default: now.",
            show_default=False,
        ),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why.", show_default=False)
    ] = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add one poll by hand: an instrument is up, down or unknown. The next run counts it."""
    from autostats.availability.polls import poll

    now = utc_now()
    added = poll("The command line", instrument, state.value, at or str(now), reason)
    if added["polled_at"] > now:
        raise UsageError(f"--at {at} is in the future.", "Name a time in UTC, or leave it out.")
    _collect(Setup.resolve(home, target), [added])
    typer.echo(
        f"{printable(added['instrument'])} is {state.value} since {added['polled_at']:%Y-%m-%d %H:%M:%S} UTC."
    )
    Notes(quiet=quiet)("The next `autostats run` counts it.")


@availability.command()
def report(
    instruments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INSTRUMENT]...",
            help="Instruments, in upper or lower case. Default: all that have polls.",
            show_default=False,
            autocompletion=complete_polled,
        ),
    ] = None,
    from_: FromOption = None,
    to: ToOption = None,
    last: LastOption = None,
    cycle: CycleOption = None,
    now: Annotated[
        bool, typer.Option("--now", help="Show the last hour, day and week up to now instead.")
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="TIME",
            help="With --now: up to this UTC time, 2020-02-11 or '2020-02-11 18:30'.",
            show_default=False,
        ),
    ] = None,
    preset: Annotated[
        Preset | None,
        typer.Option(
            "--preset", help="With --now: the columns and rules of another system.", show_default=False
        ),
    ] = None,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print for how long instruments were up and down, and their outages.

    Only operating hours count. Days are those of each instrument's own clock. Without
    a period, it is the last seven days. --now counts polls that no run has counted yet.
    """
    from autostats.queries.availability import polled_instruments, totals_and_outages
    from autostats.queries.days import POLLED, recorded_days
    from autostats.queries.instruments import among
    from autostats.sections.availability import availability_section, outages_section

    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    if now and (from_ or to or last or cycle):
        raise UsageError("--now already names a time.", "Leave out --from, --to, --last and --cycle.")
    if (as_of or preset) and not now:
        raise UsageError("--as-of and --preset are about the last hour, day and week.", "Add --now.")
    setup = Setup.resolve(home, target)
    with connect(setup, notes) as warehouse:
        scope = chosen_scope(warehouse, None, from_, to, last, cycle)
        if now:
            document = _lately(setup, scope, instruments or [], as_of, preset, quiet=quiet)
        else:
            scope = scope.of(among(polled_instruments(warehouse), instruments or []))
            in_period, out_of_order = totals_and_outages(scope)
            sections = [availability_section(warehouse.catalogue, in_period)]
            if wanted not in ONE_TABLE:
                sections.append(outages_section(warehouse.catalogue, out_of_order))
            document = Document(
                schema=_SCHEMA,
                title=f"Availability, {scope.period.of_recorded(recorded_days(scope, POLLED))}",
                facts={"period": scope.period.facts, "settings": scope.settings.facts},
                sections=sections,
                timezone=scope.settings.facility_timezone,
                captions=[age_caption(scope.settings, wanted, notes)],
                links=configured_links(setup.configuration),
            )
    emit(document, wanted, output, paged=not no_pager)


def _lately(
    setup: Setup,
    scope: "Scope",
    instruments: list[str],
    as_of: str | None,
    preset: Preset | None,
    *,
    quiet: bool,
) -> Document:
    """Return the last hour, day and week, by the settings or the rules of a preset."""
    from autostats.availability.again import STORE_MONITORING, after_newest_poll, availability_at
    from autostats.period import parse_as_of
    from autostats.queries.availability import lately, polled_instruments
    from autostats.queries.instruments import among
    from autostats.sections.availability import lately_section, store_section

    settings = scope.settings
    if as_of is not None:
        moment = parse_as_of(as_of, settings.now)
    else:
        moment = after_newest_poll(setup, scope.warehouse) if preset else settings.now
    rules = STORE_MONITORING if preset else {}
    with (
        progress_bar("starting dbt", quiet=quiet, then="reading polls") as advance,
        availability_at(setup, scope.warehouse, moment, rules, advance) as again,
    ):
        names = among(polled_instruments(again), instruments)
        rows = lately(replace(scope, warehouse=again).of(names))
    catalogue = scope.warehouse.catalogue
    section = store_section(catalogue, rows) if preset else lately_section(catalogue, rows)
    zone = str(rules.get("facility_timezone", settings.facility_timezone))
    settings = replace(settings, as_of=moment, facility_timezone=zone)
    return Document(
        schema=_SCHEMA,
        title=section.title,
        facts={"period": None, "settings": settings.facts},
        sections=[section],
        timezone=settings.facility_timezone,
        captions=[settings.caption],
        links=configured_links(setup.configuration),
    )


def _zone(setup: Setup) -> ZoneInfo:
    return ZoneInfo(setup.configuration.zones["facility_timezone"])


def _collect(setup: Setup, polls: "Iterator[Poll] | Sequence[Poll]") -> int:
    from autostats.observations.store import opened
    from autostats.observations.tables import polls as table

    keep = timedelta(days=int(str(setup.configuration["vars.observation_days"].value)))
    with opened(setup) as store, store.collecting(_COLLECTOR, utc_now, [table], keep) as collection:
        collection.append(table, polls)
    return collection.rows
