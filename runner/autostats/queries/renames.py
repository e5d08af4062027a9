"""Instruments that have got another name at the source."""

from datetime import datetime

from autostats.warehouse import Warehouse

_RENAMED = """
select instrument_before, instrument
from fct_instrument_renamings
where named_at <= ? and renamed_at > ?
"""


def renamed_since(warehouse: Warehouse, moment: datetime) -> dict[str, str]:
    """Return the names that instruments bore at a moment of the statistics, UTC, with those of now."""
    rows = warehouse.rows(_RENAMED, [moment, moment])
    return {row["instrument_before"]: row["instrument"] for row in rows}
