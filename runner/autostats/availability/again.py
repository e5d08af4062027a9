"""Availability at another moment or by other rules: dbt builds the same models in a database of its own."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from autostats.configuration.resolve import as_layer
from autostats.configuration.value_types import Value
from autostats.dbt_setup.dbt_command import DbtCommand, invoke_dbt
from autostats.dbt_setup.locate import with_own_seeds
from autostats.dbt_setup.setup import Setup
from autostats.errors import ModelError, UsageError
from autostats.observations.attach import collected
from autostats.sql_text import literal
from autostats.warehouse import Warehouse

# The last week of any time zone, and the poll before it.
_REACH = timedelta(days=10)
# What went wrong is in the outcome.
_SILENT = logging.Logger("again", logging.CRITICAL)
_NODES = (
    "operating_hours",
    "instrument_time_zones",
    "beam_cycles",
    "stg_observations__polls",
    "int_polls",
    "int_utc_offsets",
    "int_maintenance_days",
    "dim_days",
    "int_polled_days",
    "int_operating_windows",
    "int_instrument_states",
    "fct_instrument_states",
    "fct_availability_daily",
    "rpt_availability",
)
# Of the uptime monitor of restaurants whose files `availability import` takes.
STORE_MONITORING: Mapping[str, Value | None] = {
    "availability_fill": "next",
    "availability_first_state": "up",
    "availability_no_data": "up",
    "availability_max_gap": None,
    "availability_calendar": "hours",
    "facility_timezone": "America/Chicago",
}
_PROFILE = """
autostats:
  target: again
  outputs:
    again:
      type: duckdb
      path: {statistics}
      schema: autostats
      threads: 1
      settings: {{TimeZone: UTC}}
      attach: [{{path: {observations}, alias: observations}}]
"""
_POLLS = """
with before as (
    select instrument, max(polled_at) as polled_at from int_polls where polled_at < {start} group by all
)
from int_polls where polled_at between {start} and {end}
union all by name
select int_polls.* from int_polls
inner join before on int_polls.instrument = before.instrument and int_polls.polled_at = before.polled_at
"""

_SILENCE = """
union all by name
select instrument, 'unknown' as state, {start} - interval 1 second as polled_at, 0 as collection_id,
    0 as load_number
from (select distinct instrument from ({polled}))
"""


def after_newest_poll(setup: Setup, warehouse: Warehouse) -> datetime:
    """Return the first moment after the newest poll, counted or not, UTC.

    The poll itself is then within the operating hours that it tells of. Raises UsageError when there is none.
    """
    seen = collected(warehouse.connection, setup)
    query = "select max(polled_at) as newest from int_polls"
    if "obs_polls" in seen:
        query += f" union all select max(cast(polled_at as timestamp)) from {_complete(seen)}"
    found = [row["newest"] for row in warehouse.rows(query) if row["newest"] is not None]
    if not found:
        raise UsageError("There is no poll yet.", "`autostats availability import` takes polls.")
    newest: datetime = max(found)
    return newest + timedelta(microseconds=1)


@contextmanager
def availability_at(
    setup: Setup,
    warehouse: Warehouse,
    as_of: datetime,
    rules: Mapping[str, Value | None],
    on_step: Callable[[int, int], None],
) -> Iterator[Warehouse]:
    """Let dbt build the availability of the week up to `as_of`, UTC, with `rules` instead of the settings.

    The polls, hours and time zones are those that the next run would count; the statistics stay as they are.
    Raises ModelError when dbt fails.
    """
    built = as_layer(warehouse.rows("select * from dim_settings")[0], "dim_settings")
    variables = setup.configuration.of_statistics(built).variables("duckdb")
    with TemporaryDirectory(prefix="autostats-") as name:
        folder = Path(name)
        _copy(setup, warehouse, folder, as_of, whole_week="availability_first_state" in rules)
        call = DbtCommand(
            command=f"build --resource-type seed --resource-type model --select {' '.join(_NODES)}",
            project_dir=with_own_seeds(setup.home, setup.project_dir, folder / "project"),
            profiles_dir=folder,
            target_path=folder / "target",
            log_path=folder / "logs",
            variables={**variables, **rules, "as_of": str(as_of)},
        )
        outcome = invoke_dbt(call, {}, _SILENT, on_step)
        if not outcome.succeeded:
            reasons = [*(failure.reason for failure in outcome.failures), outcome.error]
            raise ModelError(f"The availability could not be built: {next(filter(None, reasons))}")
        with Warehouse.of_file(folder / "autostats.duckdb") as again:
            yield again


def _copy(setup: Setup, warehouse: Warehouse, folder: Path, as_of: datetime, *, whole_week: bool) -> None:
    """Write the databases that dbt reads, and a profile that names them.

    `whole_week`: it counts for instruments that were first polled within it, too.
    """
    start, end = (f"timestamp {literal(str(moment))}" for moment in (as_of - _REACH, as_of))
    statistics, observations = folder / "autostats.duckdb", folder / "observations.duckdb"
    seen = collected(warehouse.connection, setup)
    polls = _POLLS.format(start=start, end=end)
    if whole_week:
        polled = f"select instrument from int_polls where polled_at <= {end}"
        if "obs_polls" in seen:
            polled += f" union select instrument from {_complete(seen)}"
            polled += f" where cast(polled_at as timestamp) <= {end}"
        polls += _SILENCE.format(start=start, polled=polled)
    of_statistics = {"int_polls": polls, "int_instrument_days": "from int_instrument_days limit 0"}
    is_new = "cast(collection_id as bigint) not in (select collection_id from int_polls)"
    of_collectors = {
        name: f"from {seen[name]} where {is_new}" for name in ("obs_collections", "obs_polls") if name in seen
    }
    _write(warehouse, statistics, "autostats", of_statistics)
    _write(warehouse, observations, "main", of_collectors)
    profile = _PROFILE.format(
        statistics=json.dumps(str(statistics)), observations=json.dumps(str(observations))
    )
    (folder / "profiles.yml").write_text(profile, encoding="utf-8")


def _complete(seen: Mapping[str, str]) -> str:
    """Return the polls of the imports that are complete, as a relation."""
    is_complete = f"select collection_id from {seen['obs_collections']} where state = 'complete'"
    return f"(from {seen['obs_polls']} where collection_id in ({is_complete}))"


def _write(warehouse: Warehouse, path: Path, schema: str, tables: Mapping[str, str]) -> None:
    """Make a DuckDB file with the rows of queries."""
    warehouse.rows(f"attach {literal(str(path))} as again")
    warehouse.rows(f"create schema if not exists again.{schema}")
    for name, query in tables.items():
        warehouse.rows(f"create table again.{schema}.{name} as {query}")
    warehouse.rows("detach again")
