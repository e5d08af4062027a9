"""The tables of missing runs and of jumps."""

from collections.abc import Sequence

from autostats.period import Period
from autostats.render.section import Column, Kind, Section
from autostats.statistics.missing import State, missing_ranges, open_runs
from autostats.statistics.rows import Row
from autostats.statistics.settings import Settings
from autostats.warehouse import Warehouse

_RANGE = ("instrument", "first_run_number", "last_run_number", "runs")
MISSING_LAYOUTS: dict[State, list[tuple[str, ...]]] = {
    State.OPEN: [
        (*_RANGE, "kind", "noticed_day", "age_days", "cycle"),
        (*_RANGE, "kind", "noticed_day", "age_days"),
    ],
    State.IGNORED: [
        (*_RANGE, "ignored_reason", "noticed_day", "kind", "cycle"),
        (*_RANGE, "ignored_reason", "noticed_day"),
    ],
    State.ARRIVED: [
        (*_RANGE, "noticed_day", "arrived_at", "kind", "cycle"),
        (*_RANGE, "noticed_day", "arrived_at"),
    ],
    State.ALL: [
        (*_RANGE, "kind", "state", "noticed_day", "cycle", "remark"),
        (*_RANGE, "state", "noticed_day", "remark"),
        (*_RANGE, "state", "noticed_day"),
    ],
}


_OPEN_COLUMNS = (
    Column("instrument", Kind.TEXT, "Instrument", "{}"),
    Column("first_run_number", Kind.NUMBER, "First run", "from run {}"),
    Column("last_run_number", Kind.NUMBER, "Last run", "to run {}"),
    Column("runs", Kind.COUNT, "Runs", "{} run(s)"),
    Column("kind", Kind.TEXT, "Kind"),
    Column("state", Kind.TEXT, "State"),
    Column("noticed_day", Kind.DAY, "Noticed"),
    Column("noticed_at", Kind.TIME, "Noticed at"),
    Column("age_days", Kind.COUNT, "Age (days)", "{} day(s) ago"),
    Column("cycle", Kind.TEXT, "Cycle"),
)
MISSING_COLUMNS = (
    *_OPEN_COLUMNS,
    Column("arrived_at", Kind.TIME, "Arrived"),
    Column("ignored_reason", Kind.TEXT, "Reason"),
    Column("remark", Kind.TEXT, "Remark", machine=False),
)
JUMP_COLUMNS = (
    Column("instrument", Kind.TEXT, "Instrument", "{}"),
    Column("run_number_before", Kind.NUMBER, "From run"),
    Column("run_number_after", Kind.NUMBER, "To run"),
    Column("numbers_between", Kind.COUNT, "Numbers between", "{} number(s) between"),
    Column("noticed_day", Kind.DAY, "Noticed"),
    Column("noticed_at", Kind.TIME, "Noticed at"),
)


def missing_columns(state: State) -> tuple[Column, ...]:
    """Return the columns of ranges in `state`: open ones have an age, the others an end."""
    return _OPEN_COLUMNS if state is State.OPEN else MISSING_COLUMNS


def _remark(row: Row, settings: Settings) -> str:
    """Say in one cell when a run arrived, or why it is ignored."""
    if row["arrived_at"] is not None:
        return f"arrived {settings.local(row['arrived_at']):%Y-%m-%d %H:%M}"
    return row["ignored_reason"] or ""


def ranges_section(rows: Sequence[Row], state: State, settings: Settings) -> Section:
    """Return the table of ranges."""
    which = "" if state in (State.OPEN, State.ALL) else f" ({state.value})"
    return Section(
        name="missing",
        title=f"Missing runs{which}",
        columns=missing_columns(state),
        rows=[{**row, "remark": _remark(row, settings)} for row in rows],
        layouts=MISSING_LAYOUTS[state],
        empty="No run is missing." if state is State.OPEN else "None.",
    )


def jumps_section(rows: Sequence[Row]) -> Section:
    """Return the table of jumps."""
    layout = ("instrument", "run_number_before", "run_number_after", "numbers_between", "noticed_day")
    return Section(
        name="jumps",
        title="Jumps of the numbering (too long to be missing runs)",
        columns=JUMP_COLUMNS,
        rows=rows,
        layouts=[layout],
        empty="The numbering never jumped.",
    )


def missing_section(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> Section:
    """Return the ranges of missing runs noticed in the period; others are counted below."""
    within = sum(open_runs(warehouse, period, instruments).values())
    others = sum(open_runs(warehouse, None, instruments).values()) - within
    return Section(
        name="missing",
        title="Missing runs (noticed in this period)",
        columns=missing_columns(State.OPEN),
        rows=missing_ranges(warehouse, State.OPEN, period, instruments),
        layouts=MISSING_LAYOUTS[State.OPEN],
        empty="None in this period.",
        notes=[f"{others} more noticed on other days: `autostats missing` lists them."] if others else (),
    )
