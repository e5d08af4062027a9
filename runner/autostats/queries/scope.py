"""What a query is about: which statistics, which days, which instruments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from autostats.period import Period
from autostats.queries.settings import Settings
from autostats.warehouse import Warehouse


@dataclass(frozen=True)
class Scope:
    """The statistics and their settings, the days (EVER: all), and the instruments (None: all)."""

    warehouse: Warehouse
    settings: Settings
    period: Period
    instruments: Sequence[str] | None = None

    def during(self, period: Period) -> "Scope":
        """Return the same scope for other days."""
        return replace(self, period=period)

    def of(self, instruments: Sequence[str] | None) -> "Scope":
        """Return the same for other instruments."""
        return replace(self, instruments=instruments)

    def among(self, instrument: str = "instrument") -> tuple[str, list[str]]:
        """Return the condition that a column is one of the instruments, and its parameters."""
        if self.instruments is None:
            return "1 = 1", []
        if not self.instruments:
            return "1 = 0", []
        return f"{instrument} in ({', '.join('?' for _ in self.instruments)})", list(self.instruments)

    def condition(self, day: str = "day", instrument: str = "instrument") -> tuple[str, list[Any]]:
        """Return the condition that two columns are among the days and instruments, and its parameters."""
        chosen, names = self.among(instrument)
        return f"{day} between ? and ? and {chosen}", [self.period.first, self.period.last, *names]
