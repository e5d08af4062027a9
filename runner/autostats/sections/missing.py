"""The tables of missing runs and of jumps."""

from collections.abc import Sequence

from autostats.catalogue import Catalogue
from autostats.period import EVER
from autostats.queries.missing import State, missing_ranges, open_runs
from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.queries.settings import Settings
from autostats.render.section import Column, Kind, Section

_RANGE = ("instrument", "first_run_number", "last_run_number", "runs")
_OPEN = [
    (*_RANGE, "kind", "noticed_day", "age_days", "cycle"),
    (*_RANGE, "kind", "noticed_day", "age_days"),
]
MISSING_LAYOUTS: dict[State, list[tuple[str, ...]]] = {
    State.OPEN: _OPEN,
    State.SETTLING: _OPEN,
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
_RANGES = "rpt_missing_runs"
_RUNS = "fct_missing_runs"
MISSING_NAMES = (
    *(*_RANGE, "kind", "state", "noticed_day", "noticed_at", "age_days", "cycle"),
    *("arrived_at", "ignored_reason", "remark"),
)
JUMPS = (
    "instrument",
    "run_number_before",
    "run_number_after",
    Column(
        "numbers_between",
        Kind.COUNT,
        "Numbers between",
        "{} number(s) between",
        "How many numbers lie between the two.",
    ),
    "noticed_day",
    "noticed_at",
)


def missing_columns(catalogue: Catalogue, state: State) -> tuple[Column, ...]:
    """Return the columns of ranges in `state`: open ones have an age, the others an end."""
    columns = catalogue.columns(
        _RANGES,
        *(*_RANGE, "kind", catalogue.column(_RUNS, "state")),
        *("noticed_day", "noticed_at", "age_days", "cycle"),
    )
    if state is State.OPEN:
        return columns
    ends = catalogue.columns(_RUNS, "arrived_at", "ignored_reason")
    return (*columns, *ends, Column("remark", Kind.TEXT, "Remark", machine=False))


def _remark(row: Row, settings: Settings) -> str:
    """Return the text of one cell: when a run arrived, or why it is ignored."""
    if row["arrived_at"] is not None:
        return f"arrived {settings.local(row['arrived_at']):%Y-%m-%d %H:%M}"
    return row["ignored_reason"] or ""


def ranges_section(catalogue: Catalogue, rows: Sequence[Row], state: State, settings: Settings) -> Section:
    """Return the table of ranges."""
    which = "" if state in (State.OPEN, State.ALL) else f" ({state.value})"
    return Section(
        name="missing",
        title=f"Missing runs{which}",
        columns=missing_columns(catalogue, state),
        rows=[{**row, "remark": _remark(row, settings)} for row in rows],
        layouts=MISSING_LAYOUTS[state],
        empty="No runs are missing." if state is State.OPEN else "None.",
        count=sum(row["runs"] for row in rows),
    )


def jumps_section(catalogue: Catalogue, rows: Sequence[Row]) -> Section:
    """Return the table of jumps."""
    layout = ("instrument", "run_number_before", "run_number_after", "numbers_between", "noticed_day")
    return Section(
        name="jumps",
        title="Jumps in the numbering",
        which="too long to be missing runs",
        columns=catalogue.columns("fct_run_number_jumps", *JUMPS),
        rows=rows,
        layouts=[layout],
        empty="The numbering never jumped.",
        count=len(rows),
    )


def missing_section(scope: Scope) -> Section:
    """Return the ranges of missing runs noticed in the period; others are counted below."""
    within = sum(open_runs(scope).values())
    others = sum(open_runs(scope.during(EVER)).values()) - within
    return Section(
        name="missing",
        title="Missing runs",
        which="noticed in this period",
        columns=missing_columns(scope.warehouse.catalogue, State.OPEN),
        rows=missing_ranges(scope, State.OPEN),
        layouts=MISSING_LAYOUTS[State.OPEN],
        empty="None in this period.",
        count=within,
        notes=[f"{others} more were noticed on other days: `autostats missing` lists them."]
        if others
        else (),
    )
