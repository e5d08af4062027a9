"""What a run is asked to do, what it did, and what it alone tells dbt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from autostats.configuration.value_types import Value
from autostats.errors import UsageError
from autostats.period import parse_day
from autostats.run.snapshot import Snapshot
from autostats.warehouse import utc_now


@dataclass(frozen=True)
class DailyOptions:
    """What a run is asked to do.

    Days are local days of the facility, both included; `as_of` and `now` are UTC.
    """

    first: str | None = None
    last: str | None = None
    as_of: datetime | None = None
    full_refresh: bool = False
    accept_source: bool = False
    all_tests: bool = False
    wait: float = 0.0
    debug: bool = False
    quiet: bool = False
    now: datetime = field(default_factory=utc_now)


@dataclass(frozen=True)
class DailyResult:
    """What a run did: the statistics before and after it, and how long dbt and the whole took (seconds).

    `faults` says which plug-ins failed, and why.
    """

    before: Snapshot
    after: Snapshot
    source: str
    refreshed: bool
    facility_timezone: str
    dbt_seconds: float
    seconds: float
    faults: Mapping[str, str] = field(default_factory=dict)


def local_day(zone: str, moment: datetime) -> date:
    """Return the facility's day at a UTC moment."""
    import pytz

    return pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).date()


def rebuilt_days(options: DailyOptions, today: date) -> dict[str, str]:
    """Return the dbt vars for a rebuild; `--from` alone goes up to today.

    Raises UsageError for a nonsense or a future day, and for days in the wrong order.
    """
    if options.first is None:
        if options.last is not None:
            raise UsageError("--to needs --from.", "Name the first day to rebuild with --from.")
        return {}
    first = parse_day(options.first, today, "--from")
    last = parse_day(options.last, today, "--to") if options.last is not None else today
    if first > last:
        raise UsageError(f"--from {first} is after --to {last}.", "Swap them.")
    return {"from_day": first.isoformat(), "to_day": last.isoformat()}


def run_variables(options: DailyOptions, zone: str) -> dict[str, Value]:
    """Return the dbt vars for this run alone. Raises UsageError as `rebuilt_days` does."""
    variables: dict[str, Value] = dict(rebuilt_days(options, local_day(zone, options.as_of or options.now)))
    if options.as_of is not None:
        variables["as_of"] = options.as_of.strftime("%Y-%m-%d %H:%M:%S")
    if options.accept_source:
        variables["accept_source"] = True
    return variables
