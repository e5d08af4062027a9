"""The one screen that ends a run: what was read and changed, what now passes, fails or is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

from autostats.queries.renames import renamed_since
from autostats.render.counting import ranges
from autostats.render.durations import human
from autostats.run.options import DailyResult
from autostats.text import counted, printable

if TYPE_CHECKING:
    from autostats.warehouse import Warehouse

Known = tuple[Any, ...]
MOST_LINES = 12
MOST_RUNS = 10


@dataclass(frozen=True)
class Line:
    """One line of the summary: a label, and text that may contain names from the source."""

    label: str
    text: str


def runs_text(runs: Iterable[tuple[str, int]], most: int = MOST_RUNS) -> str:
    """Return runs as `GEM 12-14, WISH 7`, with at most `most` ranges."""
    named = [
        f"{printable(instrument)} {first}" + (f"-{last}" if last > first else "")
        for instrument, group in groupby(sorted(runs), key=lambda run: run[0])
        for first, last in ranges(number for _, number in group)
    ]
    more = len(named) - most
    return ", ".join(named[:most]) + (f" and {more:,} more" if more > 0 else "")


def days_text(days: Sequence[date]) -> str:
    """Return days as `2020-02-10 to 2020-02-11, 2020-02-14`; if there are many, how many and the range."""
    folded = ranges(day.toordinal() for day in days)
    if len(folded) > 3:
        return f"{counted(len(days), 'day')} from {min(days)} to {max(days)}"
    return ", ".join(
        f"{date.fromordinal(first)}" + (f" to {date.fromordinal(last)}" if last > first else "")
        for first, last in folded
    )


_LOADS = """
select
    coalesce(sum(jobs_new), 0) as new, coalesce(sum(jobs_changed), 0) as changed,
    coalesce(sum(jobs_vanished), 0) as vanished
from fct_loads
where load_number > ?
"""
_DAYS = """
select distinct instrument, day
from fct_load_days
where load_number > ?
order by instrument, day
"""


def _jobs(result: DailyResult, warehouse: "Warehouse") -> str:
    [row] = warehouse.rows(_LOADS, [result.before.load])
    if result.refreshed or result.before.load == 0:
        kept = f", {row['vanished']:,} of them no longer there" if row["vanished"] else ""
        how = "a full refresh" if result.before.load else "the first load"
        return f"{counted(row['new'] + row['vanished'], 'job')}{kept} ({how})"
    return f"{counted(row['new'], 'new job')}, {row['changed']:,} changed, {row['vanished']:,} vanished"


def _days(result: DailyResult, warehouse: "Warehouse") -> list[Line]:
    """Return which days of instruments changed since the load before this run."""
    rows = warehouse.rows(_DAYS, [result.before.load])
    if not rows:
        return [Line("Days", "none changed")]
    by_instrument = {
        instrument: [row["day"] for row in group if row["day"] is not None]
        for instrument, group in groupby(rows, key=lambda row: row["instrument"])
    }
    lines = [
        Line("", f"{printable(instrument)}: {days_text(days)}")
        for instrument, days in by_instrument.items()
        if days
    ]
    more = len(lines) - MOST_LINES
    if more > 0:
        lines = [*lines[:MOST_LINES], Line("", f"and {more} more instruments")]
    total = sum(len(days) for days in by_instrument.values())
    return [Line("Days", f"{counted(total, 'day')} on {counted(len(by_instrument), 'instrument')}"), *lines]


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
    renamed = {} if before.settings is None else renamed_since(warehouse, before.settings.as_of)
    resolved = after.resolved - _followed(before.resolved, renamed)
    failing = after.failing - _followed(before.failing, renamed)
    missing = after.missing - _followed(before.missing, renamed)
    found = _followed(before.missing, renamed) - after.missing
    lines = [
        Line("Source", printable(result.source)),
        Line("Read", _jobs(result, warehouse)),
        *_days(result, warehouse),
    ]
    if first:
        lines += [
            Line("Resolved", f"{counted(len(resolved), 'run')} that had failed now pass"),
            Line("Failing", f"{counted(len(after.failing), 'run')}"),
            Line("Missing", f"{counted(len(after.missing), 'run')}"),
        ]
    else:
        lines.append(
            Line("Resolved", _listed(resolved_runs(resolved), "failed before and now pass", "none newly"))
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


def _followed(runs: Iterable[Known], renamed: Mapping[str, str]) -> set[Known]:
    """Return runs, which begin with their instrument, under its current name."""
    return {(renamed.get(run[0], run[0]), *run[1:]) for run in runs}


def resolved_runs(resolved: Iterable[tuple[str, int, Any]]) -> set[tuple[str, int]]:
    """Return the runs in resolutions, each once."""
    return {(instrument, run) for instrument, run, _ in resolved}


def _listed(runs: Iterable[tuple[str, int]], what: str, none: str) -> str:
    found = set(runs)
    return f"{len(found):,} {what}: {runs_text(found)}" if found else none


def print_summary(lines: Sequence[Line]) -> None:
    """Print the summary to stdout: wrapped and with bold labels on a terminal, plain lines elsewhere."""
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
