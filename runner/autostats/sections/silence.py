"""The newest job of each instrument, in a table."""

from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.queries.silence import silence_rows
from autostats.render.section import Column, Kind, Section


def _remark(row: Row) -> str:
    if row["is_paused"]:
        return "paused"
    if not row["is_active"]:
        return "not active"
    return "silent for unusually long" if row["is_unusual"] else ""


def silence_section(scope: Scope) -> Section:
    """Return the table of the newest jobs."""
    rows = silence_rows(scope)
    unusual = [row for row in rows if row["is_unusual"]]
    layout = ("instrument", "last_created_at", "age_hours", "silent_days", "longest_before", "remark")
    return Section(
        name="freshness",
        title="The newest job of each instrument",
        columns=scope.warehouse.catalogue.columns(
            "rpt_instrument_silence", *layout[:-1], "is_unusual", Column("remark", Kind.TEXT, "Remark")
        ),
        rows=[{**row, "remark": _remark(row)} for row in rows],
        layouts=[layout],
        empty="The statistics have no instruments yet.",
        notes=[
            "Ages are as of the statistics.",
            *([] if unusual or not rows else ["No instrument has been silent for unusually long."]),
        ],
    )
