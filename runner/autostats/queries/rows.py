"""Small pieces that several queries share."""

from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]


def pass_rate(row: Mapping[str, Any]) -> float | None:
    """Return the `pass_rate` of sums over several days, as `fct_instrument_daily` defines it."""
    ended = row["jobs_passed"] + row["jobs_failed"]
    return row["jobs_passed"] / ended if ended else None
