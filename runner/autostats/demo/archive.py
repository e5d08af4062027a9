"""The archive of the demonstration: files of the last days, for `autostats archive count`."""

import json
import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

import duckdb

from autostats.source.extensions import load_extension
from autostats.sql_text import literal

_INSTRUMENTS = ("WISH", "GEM", "MARI")
_DAYS = timedelta(days=3)
# A longer one is a jump in the numbering.
_LONGEST_HOLE = 100
# How many runs GEM has in the archive that nobody has told the database of.
_AHEAD = 6
_RUNS = """
select runs.run_number, min(jobs.created)::timestamp as created
from source.reduction_viewer_reductionrun as jobs
inner join source.reduction_viewer_instrument as instruments on jobs.instrument_id = instruments.id
inner join source.reduction_viewer_runnumber as runs on jobs.id = runs.reduction_run_id
where instruments.name = ?
group by runs.run_number
order by runs.run_number
"""


def write_archive(folder: Path, source: Path, kind: Literal["sqlite", "duckdb"], now: datetime) -> None:
    """Write to `folder` an archive with the files of three instruments, and the `archive.yml` about it.

    Of WISH, the newest missing run has a file, and so have all runs from then on. GEM is ahead of the
    database at `now` (UTC). Of MARI, the file of one job is gone.
    """
    archive = folder / "archive"
    shutil.rmtree(archive, ignore_errors=True)
    with duckdb.connect() as connection:
        if kind == "sqlite":
            load_extension(connection, "sqlite_scanner")
        connection.execute(f"attach {literal(str(source))} as source (type {kind}, read_only)")
        for name in _INSTRUMENTS:
            known: dict[int, datetime] = dict(connection.execute(_RUNS, [name]).fetchall())
            # By number: a run that came late belongs to those around it, which have no files.
            first = max((run for run, created in known.items() if created <= now - _DAYS), default=0) + 1
            missing = _newest_hole(known) if name == "WISH" else None
            if missing is not None:
                first = min(first, missing - 1)
            runs = {run: created for run, created in known.items() if run >= first}
            if not runs:
                continue
            if missing is not None:
                runs[missing] = known[missing - 1]
            if name == "GEM":
                runs |= {max(runs) + 1 + step: now - timedelta(hours=1) for step in range(_AHEAD)}
            if name == "MARI":
                del runs[sorted(runs)[len(runs) // 2]]
            _write_files(archive / name, name, runs)
    (folder / "archive.yml").write_text(_description(archive), encoding="utf-8")


def _newest_hole(known: Mapping[int, datetime]) -> int | None:
    """Return the highest number that is missing between two known ones, just above the lower of them."""
    holes = (low + 1 for low, high in pairwise(known) if 1 < high - low <= _LONGEST_HOLE)
    return max(holes, default=None)


def _write_files(folder: Path, name: str, runs: dict[int, datetime]) -> None:
    cycle = folder / "cycle_1"
    cycle.mkdir(parents=True)
    for run, created in runs.items():
        file = cycle / f"{name}{run:08}.nxs"
        file.write_bytes(b"\x89HDF\r\n")
        modified = (created - timedelta(minutes=1)).replace(tzinfo=UTC).timestamp()
        os.utime(file, (modified, modified))
    (folder / "lastrun.txt").write_text(f"{name} {max(runs):08} 0\n", encoding="utf-8")


def _description(archive: Path) -> str:
    url = json.dumps(f"{archive}/{{instrument}}/cycle_{{cycle}}")
    return f"locations:\n  - name: raw\n    url: {url}\n    instruments: [{', '.join(_INSTRUMENTS)}]\n"
