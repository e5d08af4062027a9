"""The checks of `autostats doctor` on what collectors have seen; nothing where none has looked yet."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from autostats.dbt_setup.setup import Setup
from autostats.doctor.findings import Check, State
from autostats.errors import LockedError, UsageError
from autostats.render.durations import human
from autostats.text import counted, printable
from autostats.warehouse import utc_now

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, RowMapping, Table

_UNFINISHED = timedelta(days=1)


def check_observations(setup: Setup) -> Iterator[Check]:
    """Check that the observations can be used, and when each collector has looked.

    The file is opened by Python's SQLite alone: a second library on it in this process would crash it. Raises
    UsageError or UnreachableError when the observations cannot be read.
    """
    from autostats.observations.store import looked_into

    server = None
    # The check of the profile has reported what is wrong with it.
    with suppress(UsageError):
        server = setup.server
    if server is None and not setup.home.observations.exists():
        return
    try:
        with looked_into(setup) as (connection, tables):
            if not tables:
                return
            now = utc_now()
            days = int(str(setup.configuration["vars.observation_days"].value))
            old = _rows_before(connection, tables, now - timedelta(days=days))
            yield _place(setup, f"; the next look removes {old:,} older than {days} days" if old else "")
            yield from _collectors(connection, now)
    except LockedError as error:
        yield Check("Observations", State.WARN, str(error), error.remedy)


def _place(setup: Setup, more: str) -> Check:
    """Check the tables on the server, or the file; `more` is added to what is said about them."""
    from autostats.observations.file_systems import network_file_system
    from autostats.observations.version import VERSION

    if setup.server is not None:
        return Check("Observations", State.OK, f"tables obs_* in {setup.server.statistics.redacted}{more}")
    file = setup.home.observations
    if not os.access(file, os.W_OK):
        return Check("Observations", State.FAIL, f"{file} cannot be written", "Fix the file's permissions.")
    size = sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))
    detail = f"{file}, version {VERSION}, {size / 1e6:.1f} MB{more}"
    network = network_file_system(file.parent)
    if network is not None:
        return Check(
            "Observations",
            State.WARN,
            f"{detail}; on {network}, without a write-ahead log: runs and collectors wait for each other",
            "Put the home on a local disk, or let collectors look while no run goes on.",
        )
    return Check("Observations", State.OK, detail)


def _rows_before(connection: "Connection", tables: "Sequence[Table]", before: datetime) -> int:
    """Return how many rows were seen before a moment."""
    from sqlalchemy import func, select

    from autostats.observations.tables import collections, registrations

    old = select(collections.c.collection_id).where(collections.c.started_at < before)
    counts = [
        select(func.count()).select_from(table).where(table.c.collection_id.in_(old))
        for table in tables
        if table not in (collections, registrations)
    ]
    return sum(connection.execute(count).scalar_one() for count in counts)


def _collectors(connection: "Connection", now: datetime) -> Iterator[Check]:
    """Tell when each collector last looked, and whether its newest look failed or never ended."""
    from autostats.observations.tables import collections

    complete = _newest(connection, collections.c.state == "complete")
    for collector, look in sorted(_newest(connection).items()):
        last = complete.get(collector)
        detail = "no look has ended yet"
        if last is not None:
            ago = human((now - last["ended_at"]).total_seconds())
            rows = counted(last["rows"], "row")
            detail = f"last look {last['ended_at']:%Y-%m-%d %H:%M} UTC, {ago} ago, {rows}"
        what = ""
        if look["state"] == "failed":
            what = f"failed: {printable(look['error'] or 'no reason').rstrip('.')}"
        elif look["state"] == "incomplete" and now - look["started_at"] > _UNFINISHED:
            what = "never ended"
        if what:
            detail = f"{detail}; the one of {look['started_at']:%Y-%m-%d %H:%M} UTC {what}"
            yield Check(collector.capitalize(), State.WARN, detail, "Nothing of it counts: look again.")
        else:
            yield Check(collector.capitalize(), State.OK, detail)


def _newest(connection: "Connection", *conditions: "ColumnElement[bool]") -> "dict[str, RowMapping]":
    """Return the newest look of each collector that meets the conditions."""
    from sqlalchemy import func, select

    from autostats.observations.tables import collections

    by_collector = select(func.max(collections.c.collection_id)).group_by(collections.c.collector)
    newest = collections.c.collection_id.in_(by_collector.where(*conditions))
    looks = connection.execute(select(collections).where(newest)).mappings()
    return {look["collector"]: look for look in looks}
