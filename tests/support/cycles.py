"""The seed `beam_cycles` in the form that a recount needs."""

import csv
from datetime import date
from pathlib import Path

from autostats.verification.settings import Cycle


def read_cycles(path: Path) -> tuple[Cycle, ...]:
    """Read the seed `beam_cycles`."""
    with path.open(newline="", encoding="utf-8") as lines:
        return tuple(
            Cycle(
                row["cycle"],
                date.fromisoformat(row["first_day"]),
                date.fromisoformat(row["last_day"]),
                tuple(date.fromisoformat(day) for day in (row["maintenance_days"] or "").split()),
            )
            for row in csv.DictReader(lines)
        )
