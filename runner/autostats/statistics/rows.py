"""Small pieces of SQL and arithmetic that several queries share."""

from collections.abc import Mapping, Sequence
from typing import Any

Row = dict[str, Any]


def among(column: str, instruments: Sequence[str] | None) -> tuple[str, list[str]]:
    """Return a condition that `column` is one of `instruments` (None: any), and its parameters."""
    if instruments is None:
        return "1 = 1", []
    if not instruments:
        return "1 = 0", []
    return f"{column} in ({', '.join('?' for _ in instruments)})", list(instruments)


def pass_rate(row: Mapping[str, Any]) -> float | None:
    """Return passed / (passed + failed) jobs, or None when no job ended."""
    ended = row["jobs_passed"] + row["jobs_failed"]
    return row["jobs_passed"] / ended if ended else None
