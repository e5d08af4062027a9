"""The plain values of the machine formats: raw seconds, ISO dates, UTC times."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any


def machine_value(value: Any) -> Any:
    """Return `value` as None, bool, int, float or str; times are UTC with a `Z`."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def machine_text(value: Any) -> str:
    """Return `value` as the text of one cell; empty for None."""
    plain_value = machine_value(value)
    if plain_value is None:
        return ""
    if isinstance(plain_value, bool):
        return "true" if plain_value else "false"
    return str(plain_value)
