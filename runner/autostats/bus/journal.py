"""Recording messages: a look a minute, which grows with each batch."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from autostats.bus.fields import Fields
from autostats.bus.messages import Malformed, Message, Row
from autostats.dbt_setup.setup import Setup
from autostats.observations.store import opened
from autostats.observations.tables import messages, rejected_messages
from autostats.text import counted

COLLECTOR = "listen"
_TABLES = (messages, rejected_messages)
_LOOK = timedelta(minutes=1)
# Of each look.
_MOST_REJECTED = 10


class Journal:
    """Appends messages to the observations. Raises what `opened` raises."""

    def __init__(
        self,
        setup: Setup,
        fields: Fields,
        clock: Callable[[], datetime],
        keep: timedelta,
        told: Callable[[str], None],
    ) -> None:
        self._setup, self._fields, self._clock, self._keep, self._told = setup, fields, clock, keep, told
        self._look: Row | None = None
        self._rejected = 0
        self._reason = ""

    def is_quiet(self) -> bool:
        """Return whether a minute has passed since the newest look began."""
        return self._look is None or self._clock() - self._look["started_at"] >= _LOOK

    def write(self, received: Sequence[Message], problem: str = "") -> None:
        """Record messages, or without any that somebody listens; `problem` is why nothing can come."""
        now = self._clock()
        if self.is_quiet():
            self._look, self._rejected = None, 0
        rows, rejected, reasons = self._read(received)
        kept = rejected[: max(0, _MOST_REJECTED - self._rejected)]
        rejected_so_far = self._rejected + len(rejected)
        error = problem
        if rejected_so_far:
            self._reason = reasons[0] if reasons else self._reason
            error = f"{counted(rejected_so_far, 'message')} could not be read ({self._reason})"
        with opened(self._setup) as store:
            is_new = self._look is None
            self._look = store.append_new(
                COLLECTOR, self._look, now, {messages: rows, rejected_messages: kept}, error
            )
            if is_new:
                store.forget(COLLECTOR, _TABLES, now - self._keep)
        if rejected and not self._rejected:
            self._told(f"A message could not be read: {reasons[0]}. It is kept in obs_rejected_messages.")
        self._rejected = rejected_so_far

    def _read(self, received: Sequence[Message]) -> tuple[list[Row], list[Row], list[str]]:
        """Return rows of both tables, each key once, and why the others could not be read."""
        rows: dict[str, Row] = {}
        rejected: dict[str, Row] = {}
        reasons = []
        for message in received:
            try:
                for row in message.rows(self._fields):
                    rows.setdefault(row["message_id"], row)
            except Malformed as error:
                reasons.append(str(error))
                row = message.rejected(str(error))
                rejected.setdefault(row["message_id"], row)
        return list(rows.values()), list(rejected.values()), reasons
