"""Instruments that were renamed at the source."""

from datetime import datetime

from autostats.warehouse import Warehouse

_RENAMED = """
select instrument_before, instrument
from fct_instrument_renamings
where named_at <= ? and renamed_at > ?
"""


def renamed_since(warehouse: Warehouse, moment: datetime) -> dict[str, str]:
    """Return the names that instruments had at a moment (UTC) of the statistics, with their current names."""
    rows = warehouse.rows(_RENAMED, [moment, moment])
    return {row["instrument_before"]: row["instrument"] for row in rows}
