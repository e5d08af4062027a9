"""The one screen that ends a run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from autostats.queries.attention import Severity, attention_words
from autostats.queries.rows import Row
from autostats.render.counting import ranges
from autostats.render.durations import human
from autostats.run.summary import Problem, Runs, Summary
from autostats.text import counted, printable

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


def summary_lines(summary: Summary) -> list[Line]:
    """Return the lines of the summary."""
    return [
        Line("Source", printable(summary.source)),
        Line("Read", _jobs(summary)),
        *_days(summary.days),
        *(_runs_of_first_load(summary) if summary.is_first_load else _runs(summary)),
        *_attention(summary.attention),
        Line("Problems", _problems(summary.problems)),
        Line("Took", f"{human(summary.seconds)}, of which dbt {human(summary.dbt_seconds)}"),
    ]


def _jobs(summary: Summary) -> str:
    new, vanished = summary.jobs_new, summary.jobs_vanished
    if summary.full_refresh or summary.is_first_load:
        kept = f", {vanished:,} of them no longer there" if vanished else ""
        how = "the first load" if summary.is_first_load else "a full refresh"
        return f"{counted(new + vanished, 'job')}{kept} ({how})"
    return f"{counted(new, 'new job')}, {summary.jobs_changed:,} changed, {vanished:,} vanished"


def _days(by_instrument: Mapping[str, Sequence[date]]) -> list[Line]:
    if not by_instrument:
        return [Line("Days", "none changed")]
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


def _runs_of_first_load(summary: Summary) -> list[Line]:
    return [
        Line("Resolved", f"{counted(len(summary.newly_resolved), 'run')} that had failed now pass"),
        Line("Failing", counted(summary.failing, "run")),
        Line("Missing", counted(summary.missing, "run")),
    ]


def _runs(summary: Summary) -> list[Line]:
    found = f"; {len(summary.no_longer_missing):,} no longer" if summary.no_longer_missing else ""
    return [
        Line("Resolved", _listed(summary.newly_resolved, "failed before and now pass")),
        Line("Failing", f"{_listed(summary.newly_failing, 'newly')}; {summary.failing:,} in all"),
        Line("Missing", f"{_listed(summary.newly_missing, 'newly')}{found}; {summary.missing:,} in all"),
    ]


def _listed(runs: Runs, what: str) -> str:
    return f"{len(runs):,} {what}: {runs_text(runs)}" if runs else "none newly"


def _attention(rows: Sequence[Row]) -> list[Line]:
    """Return what needs somebody now, the worst first; nothing on a good day."""
    if not rows:
        return []
    high = sum(row["severity"] == Severity.HIGH for row in rows)
    more = len(rows) - MOST_LINES
    return [
        Line("Attention", f"{counted(len(rows), 'row')}, {high:,} of high severity"),
        *(Line("", attention_words(row)) for row in rows[:MOST_LINES]),
        *([Line("", f"and {more:,} more: `autostats attention` lists all")] if more > 0 else []),
    ]


def _problems(problems: Mapping[str, Problem]) -> str:
    parts = [
        f"{name.replace('_', ' ')} {problem.count:,}" + (f" ({problem.change:+,})" if problem.change else "")
        for name, problem in problems.items()
    ]
    return ", ".join(parts) or "none"


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
