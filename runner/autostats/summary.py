"""The one screen that ends a run: what was read and changed, what passes now, what fails or is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from autostats.daily import DailyResult
from autostats.render.counting import count, ranges
from autostats.render.durations import human
from autostats.render.text import plain

if TYPE_CHECKING:
    from autostats.warehouse import Warehouse

MOST_LINES = 12
MOST_RUNS = 10


@dataclass(frozen=True)
class Line:
    """One line of the summary: a label, and text that may hold foreign names."""

    label: str
    text: str


def runs_text(runs: Iterable[tuple[str, int]], most: int = MOST_RUNS) -> str:
    """Return runs as `GEM 12-14, WISH 7`, of which at most `most` ranges are named."""
    named = [
        f"{plain(instrument)} {first}" + (f"-{last}" if last > first else "")
        for instrument, group in groupby(sorted(runs), key=lambda run: run[0])
        for first, last in ranges(number for _, number in group)
    ]
    more = len(named) - most
    return ", ".join(named[:most]) + (f" and {more:,} more" if more > 0 else "")


def days_text(days: Sequence[date]) -> str:
    """Return days as `2020-02-10 to 2020-02-11, 2020-02-14`; of many only how many and the ends."""
    folded = ranges(day.toordinal() for day in days)
    if len(folded) > 3:
        return f"{count(len(days), 'day')} from {min(days)} to {max(days)}"
    return ", ".join(
        f"{date.fromordinal(first)}" + (f" to {date.fromordinal(last)}" if last > first else "")
        for first, last in folded
    )


_JOBS = """
select
    count(*) filter (where is_deleted) as vanished,
    count(*) filter (where not is_deleted and not is_known) as new,
    count(*) filter (where not is_deleted and is_known) as changed
from (
    select
        now.is_deleted,
        exists (
            select 1 from int_job_versions as earlier
            where earlier.job_id = now.job_id and earlier.load_number < now.load_number
        ) as is_known
    from int_job_versions as now
    where now.load_number > ?
)
"""

_DAYS = """
select distinct instrument, day
from int_job_versions
where load_number > ? or superseded_load > ?
order by instrument, day
"""


def _jobs(result: DailyResult, warehouse: "Warehouse") -> str:
    if result.refreshed or result.before.load == 0:
        row = warehouse.rows(
            "select count(*) as jobs, count(*) filter (where is_deleted) as vanished "
            "from int_job_versions where superseded_load is null"
        )[0]
        kept = f", {row['vanished']:,} of them no longer there" if row["vanished"] else ""
        how = "a full refresh" if result.before.load else "the first load"
        return f"{count(row['jobs'], 'job')}{kept} ({how})"
    row = warehouse.rows(_JOBS, [result.before.load])[0]
    return f"{count(row['new'], 'new job')}, {row['changed']:,} changed, {row['vanished']:,} vanished"


def _days(result: DailyResult, warehouse: "Warehouse") -> list[Line]:
    """Return which instruments' days changed since the load before this run."""
    rows = warehouse.rows(_DAYS, [result.before.load, result.before.load])
    if not rows:
        return [Line("Days", "none changed")]
    by_instrument = {
        instrument: [row["day"] for row in group if row["day"] is not None]
        for instrument, group in groupby(rows, key=lambda row: row["instrument"])
    }
    lines = [
        Line("", f"{plain(instrument)}: {days_text(days)}")
        for instrument, days in by_instrument.items()
        if days
    ]
    more = len(lines) - MOST_LINES
    if more > 0:
        lines = [*lines[:MOST_LINES], Line("", f"and {more} more instruments")]
    total = sum(len(days) for days in by_instrument.values())
    return [Line("Days", f"{count(total, 'day')} on {count(len(by_instrument), 'instrument')}"), *lines]


def _since(result: DailyResult, new: int, total: int, what: str) -> str:
    return (
        what.format(f"{total:,}")
        if result.before.load == 0
        else f"{new:,} newly, " + what.format(f"{total:,} in all")
    )


def _problems(before: dict[str, int], after: dict[str, int]) -> str:
    parts = [
        f"{name.replace('_', ' ')} {number:,}"
        + (f" ({number - before.get(name, 0):+,})" if before and number != before.get(name, 0) else "")
        for name, number in sorted(after.items())
    ]
    return ", ".join(parts) or "none"


def summarise(result: DailyResult, warehouse: "Warehouse") -> list[Line]:
    """Return the lines of the summary."""
    before, after = result.before, result.after
    first = before.load == 0
    resolved = after.resolved - before.resolved
    failing = after.failing - before.failing
    missing = after.missing - before.missing
    found = before.missing - after.missing
    lines = [
        Line("Source", plain(result.source)),
        Line("Read", _jobs(result, warehouse)),
        *_days(result, warehouse),
    ]
    if first:
        lines += [
            Line("Resolved", f"{count(len(resolved), 'run')} that had failed pass now"),
            Line("Failing", f"{count(len(after.failing), 'run')}"),
            Line("Missing", f"{count(len(after.missing), 'run')}"),
        ]
    else:
        lines.append(
            Line("Resolved", _listed(resolved_runs(resolved), "failed before and pass now", "none newly"))
        )
        lines.append(
            Line("Failing", _listed(failing, "newly", "none newly") + f"; {len(after.failing):,} in all")
        )
        arrived = f"; {len(found):,} no longer" if found else ""
        lines.append(
            Line(
                "Missing",
                _listed(missing, "newly", "none newly") + arrived + f"; {len(after.missing):,} in all",
            )
        )
    lines.append(Line("Problems", _problems(before.problems, after.problems)))
    lines.append(Line("Took", f"{human(result.seconds)}, of which dbt {human(result.dbt_seconds)}"))
    return lines


def resolved_runs(resolved: Iterable[tuple[str, int, Any]]) -> set[tuple[str, int]]:
    """Return the runs of resolutions, each once."""
    return {(instrument, run) for instrument, run, _ in resolved}


def _listed(runs: Iterable[tuple[str, int]], what: str, none: str) -> str:
    found = set(runs)
    return f"{len(found):,} {what}: {runs_text(found)}" if found else none


def print_summary(lines: Sequence[Line]) -> None:
    """Print the summary to stdout: wrapped and with bold labels on a terminal, elsewhere plain lines."""
    import sys

    margin = max(len(line.label) for line in lines) + 2
    if not sys.stdout.isatty():
        for line in lines:
            sys.stdout.write(f"{line.label:<{margin}}{line.text}\n")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for line in lines:
        grid.add_row(line.label, Text(line.text))
    Console(file=sys.stdout, highlight=False).print(grid)
