"""The value in a cell of the source, as DuckDB writes it; None if there is none."""

import re
from datetime import UTC, datetime, tzinfo

_NUMBER = re.compile(r" *[+-]?[0-9]+ *")


def read_time(cell: datetime | str, zone: tzinfo) -> datetime | None:
    """Return the time in a cell, UTC without a zone.

    A time with an offset is taken at that; others are clock times in `zone`, the first of two if repeated.
    Infinity, a partial date and other text mean none.
    """
    try:
        moment = cell if isinstance(cell, datetime) else _parse(cell.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone, fold=0)
        return moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _parse(text: str) -> datetime:
    if text.endswith(" UTC"):
        return datetime.fromisoformat(text.removesuffix(" UTC")).replace(tzinfo=UTC)
    return datetime.fromisoformat(text)


def read_number(cell: int | str | None) -> int | None:
    """Return the whole number in a cell."""
    if cell is None or isinstance(cell, int):
        return cell
    return int(cell) if _NUMBER.fullmatch(cell) else None
