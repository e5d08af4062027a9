"""What a command or a request is about: the instruments and the period that it names."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from autostats.errors import UsageError
from autostats.period import resolve_period
from autostats.queries.cycles import cycle_period
from autostats.queries.instruments import choose_instruments
from autostats.queries.scope import Scope
from autostats.queries.settings import read_settings
from autostats.warehouse import Warehouse


def chosen_scope(
    warehouse: Warehouse,
    instruments: Sequence[str] | None,
    from_: str | None,
    to: str | None,
    last: str | None,
    cycle: str | None,
    now: datetime | None = None,
) -> Scope:
    """Return the instruments, and the period that `--from`, `--to`, `--last` or `--cycle` name.

    Without any, it is the last seven days. `now` (UTC) is the present unless it is given. Raises UsageError
    for nonsense, and for `--cycle` with one of the others.
    """
    settings = read_settings(warehouse)
    if now is not None:
        settings = replace(settings, now=now)
    chosen = choose_instruments(warehouse, instruments or [])
    if cycle is None:
        return Scope(warehouse, settings, resolve_period(from_, to, last, settings.clock), chosen)
    if from_ or to or last:
        raise UsageError("--cycle already names a period.", "Leave out --from, --to and --last.")
    return Scope(warehouse, settings, cycle_period(warehouse, cycle, settings.clock), chosen)
