"""What the shell completes arguments and options to, as far as the statistics or a profile know it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from autostats.errors import AutostatsError

if TYPE_CHECKING:
    from autostats.warehouse import Warehouse

_WORDS = ("today", "yesterday")
_SPANS = ("1d", "7d", "2w", "4w", "3m", "6m", "1y")
_UNITS = "dwmy"
_MONTH = len("2020-02")


def _beginning(names: Sequence[str], incomplete: str) -> list[str]:
    return [name for name in names if name.casefold().startswith(incomplete.casefold())]


def _completed(
    context: typer.Context, incomplete: str, names: "Callable[[Warehouse], Sequence[str]]"
) -> list[str]:
    """Return those of `names` that begin with `incomplete`; none where the statistics cannot be read."""
    from autostats.dbt_setup.setup import Setup
    from autostats.warehouse import connect

    home, target = map(context.params.get, ("home", "target"))
    try:
        with connect(Setup.resolve(home, target), wait=0) as warehouse:
            found = names(warehouse)
    except AutostatsError:
        return []
    return _beginning(found, incomplete)


def complete_instruments(context: typer.Context, incomplete: str) -> list[str]:
    """Return the instruments that the shell may complete `incomplete` to."""
    from autostats.queries.instruments import named_instruments

    return _completed(context, incomplete, named_instruments)


def complete_polled(context: typer.Context, incomplete: str) -> list[str]:
    """Return the instruments with polls that the shell may complete `incomplete` to."""
    from autostats.queries.availability import polled_instruments

    return _completed(context, incomplete, polled_instruments)


def complete_tables(context: typer.Context, incomplete: str) -> list[str]:
    """Return the monitored tables that the shell may complete `incomplete` to."""
    from autostats.queries.table_freshness import monitored_tables

    return _completed(context, incomplete, monitored_tables)


def complete_counted(context: typer.Context, incomplete: str) -> list[str]:
    """Return the locations with counted files that the shell may complete `incomplete` to."""
    from autostats.queries.archive import counted_locations

    return _completed(context, incomplete, counted_locations)


def complete_cycles(context: typer.Context, incomplete: str) -> list[str]:
    """Return the beam cycles that the shell may complete `incomplete` to."""
    from autostats.queries.cycles import all_cycles

    return _completed(context, incomplete, lambda warehouse: [cycle.label for cycle in all_cycles(warehouse)])


def complete_days(context: typer.Context, incomplete: str) -> list[str]:
    """Return the days of the daily record that the shell may complete `incomplete` to."""
    from autostats.queries.days import every_day

    days = _completed(context, incomplete, lambda warehouse: [*map(str, every_day(warehouse))])
    return [*_beginning(_WORDS, incomplete), *days]


def complete_days_or_months(context: typer.Context, incomplete: str) -> list[str]:
    """Return the same where a month may stand for a day: the days only of a month that is written out."""
    found = complete_days(context, incomplete)
    if len(incomplete) >= _MONTH:
        return found
    return [*dict.fromkeys(each if each in _WORDS else each[:_MONTH] for each in found)]


def complete_spans(incomplete: str) -> list[str]:
    """Return the spans of days that the shell may complete `incomplete` to; a number gets each unit."""
    if incomplete.isdecimal():
        return [f"{incomplete}{unit}" for unit in _UNITS]
    return _beginning((*_WORDS, *_SPANS), incomplete)


def complete_targets(context: typer.Context, incomplete: str) -> list[str]:
    """Return the targets of the profile in use that the shell may complete `incomplete` to."""
    from autostats.dbt_setup.setup import Setup

    home, project_dir, profiles_dir = map(context.params.get, ("home", "project_dir", "profiles_dir"))
    try:
        return _beginning(Setup.resolve(home, None, project_dir, profiles_dir).known_targets, incomplete)
    except AutostatsError:
        return []
