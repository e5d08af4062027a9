"""Publishing a finished build: each statistic as a table of its own, in a file that is then never changed."""

import logging
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from autostats.dbt_setup.setup import Setup
from autostats.errors import ModelError, UsageError
from autostats.home import Home, writing_to
from autostats.published.files import build_name, builds, drafted, marts_file, statistics_file
from autostats.published.reader import Published
from autostats.published.tables import Tables, Unpublishable
from autostats.warehouse import Warehouse, connect

_OWN = "autostats"
_log = logging.getLogger("autostats")
_NEVER_BUILT: dict[str, Any] = {
    "summary": "",
    "dimensions": [],
    "measures": [],
    "row_count": 0,
    "state": "failed",
}


def publish(
    setup: Setup,
    now: datetime,
    faults: Mapping[str, str] | None,
    wait: float,
    rebuilt: Collection[str] | None = None,
) -> dict[str, str]:
    """Publish the statistics as they stand at `now`, UTC, and return why plug-ins failed, by name.

    `faults` are those of the build; None: those of the build before. What these plug-ins published last
    stays. If only some models were `rebuilt`, the rest stays as it was published before. Raises UsageError
    when the folder cannot be written, and what `warehouse.connect` raises.
    """
    import duckdb

    home = setup.home
    before = _newest_readable(home)
    file_before = None if before is None else statistics_file(home, before)
    build = build_name(now, max(builds(home), default=None))
    with connect(setup, wait=wait) as warehouse, writing_to(home), drafted(home, build) as (draft, marts):
        try:
            with Tables.of_build(warehouse, draft, file_before) as tables:
                tables.describe(build, now, setup.target.name)
                found = _published(warehouse, tables, now, faults, rebuilt)
        except duckdb.IOException as error:
            reason = str(error).split("\n", 1)[0]
            raise UsageError(
                f"The statistics could not be published in {home.published}: {reason}.",
                "Make room, or mend its permissions. The statistics themselves are up to date.",
            ) from error
        if setup.server is None:
            # Nobody can change the file while the warehouse is open.
            _copy_marts(home, before if rebuilt is not None else None, marts)
    return found


def _newest_readable(home: Home) -> str | None:
    """Return the newest build; a damaged one must not keep the next from being published."""
    for build in reversed(builds(home)):
        try:
            Published.of(home, build).close()
        except UsageError as error:
            _log.warning("%s", error)
        else:
            return build
    return None


def _copy_marts(home: Home, unchanged_since: str | None, draft: Path) -> None:
    known = marts_file(home, unchanged_since) if unchanged_since else None
    if known is not None and known.exists():
        # Not every file system has hard links.
        with suppress(OSError):
            draft.hardlink_to(known)
            return
    shutil.copyfile(home.database, draft)


def _published(
    warehouse: Warehouse,
    tables: Tables,
    now: datetime,
    given: Mapping[str, str] | None,
    rebuilt: Collection[str] | None,
) -> dict[str, str]:
    """Publish every statistic, from its model or from before, and return why plug-ins failed."""
    declared = warehouse.rows("select * from dim_statistics order by package <> ?, package, ident", [_OWN])
    columns: dict[str, list[Mapping[str, Any]]] = {}
    for row in warehouse.rows("select * from dim_catalogue order by position"):
        columns.setdefault(row["model"], []).append(row)
    packages = {row["package"] for row in declared}
    faults = {
        **(_faults_before(tables, packages) if given is None or rebuilt is not None else {}),
        **(given or {}),
    }
    never_built = {
        row["plugin"]: row["error"]
        for row in tables.before.values()
        if row["model"] is None and rebuilt is not None
    }
    taken: dict[str, str] = {}
    for statistic in declared:
        package, ident = statistic["package"], statistic["ident"]
        if package in faults:
            continue
        try:
            if ident in taken:
                raise Unpublishable("there is one of this name already.")
            if rebuilt is None or statistic["model"] in rebuilt or ident not in tables.before:
                plugin = None if package == _OWN else package
                tables.make(statistic, columns.get(statistic["model"], []), plugin, now)
            else:
                tables.keep(tables.before[ident])
            taken[ident] = package
        except Unpublishable as error:
            fault = f"Statistic {ident}: {error}"
            if package == _OWN:
                raise ModelError(fault, "`autostats run --full-refresh` builds its table again.") from error
            # The build of everything knows why there is no table.
            faults[package] = never_built.get(package, fault)
            for made in [ident for ident, owner in taken.items() if owner == package]:
                tables.drop(made)
                del taken[made]
    for plugin, fault in sorted(faults.items()):
        _keep_failed(tables, plugin, fault, taken)
    return faults


def _faults_before(tables: Tables, built: Collection[str]) -> dict[str, str]:
    """Return why plug-ins failed in the build before, if nothing has built them since."""
    return {
        row["plugin"]: row["error"]
        for row in tables.before.values()
        if row["plugin"] and row["error"] and row["plugin"] not in built
    }


def _keep_failed(tables: Tables, plugin: str, fault: str, taken: Collection[str]) -> None:
    """Show what a plug-in that failed published last, or that it has never published anything."""
    failed = {"state": "failed", "error": fault}
    kept = [row for row in tables.before.values() if row["plugin"] == plugin and row["model"] is not None]
    for row in kept:
        if row["ident"] not in taken:
            tables.keep({**row, **failed})
    if not kept:
        tables.add({"ident": plugin, "name": plugin, "plugin": plugin, **_NEVER_BUILT, **failed})
