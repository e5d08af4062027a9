"""What one message announces: a row for each of its runs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from autostats.bus.fields import Fields
from autostats.freshness.moments import utc_moment
from autostats.observations.tables import LONGEST_ERROR, LONGEST_ID, LONGEST_NAME
from autostats.text import printable

Row = Mapping[str, Any]
_MOST_RUNS = 10_000
_LARGEST = 2**63 - 1


class Malformed(Exception):
    """A message that announces nothing; the text says why."""


@dataclass(frozen=True)
class Message:
    """A message as it was received; `message_id` and `sent_at` are what the broker says, if it says so."""

    topic: str
    body: bytes
    received_at: datetime
    message_id: str | None = None
    sent_at: datetime | None = None

    def rows(self, fields: Fields) -> list[Row]:
        """Return its runs as rows of `obs_messages`. Raises Malformed when it names none."""
        content = self._content()
        try:
            instrument = _text(fields.found("instrument", content), "instrument")
            runs = _runs(fields.found("run_number", content))
            rb_number = _text(fields.found("rb_number", content), "rb_number", is_needed=False)
            said = _text(fields.found("message_id", content), "message_id", is_needed=False)
            sent = fields.found("sent_at", content)
            sent_at = utc_moment(sent[0], fields.timezone) if sent and sent[0] is not None else self.sent_at
        except (ValueError, RecursionError) as error:
            raise Malformed(str(error)) from None
        shared = {
            "topic": printable(self.topic)[:LONGEST_NAME],
            "instrument": instrument,
            "rb_number": rb_number,
            "sent_at": sent_at,
            "received_at": self.received_at,
        }
        first, *others = dict.fromkeys(runs)
        key = self.key(said)
        return [
            {"message_id": key, **shared, "run_number": first},
            *({"message_id": self.key(f"{key}/{run}"), **shared, "run_number": run} for run in others),
        ]

    def key(self, said: str | None = None) -> str:
        """Return what the message is known by: what it says, else its broker's id, else what it contains."""
        found = said or self.message_id
        if found and len(found) <= LONGEST_ID and found.isprintable():
            return found
        said_by = _bytes(found) if found else b"\0".join((_bytes(self.topic), self.body))
        return sha256(said_by).hexdigest()

    def rejected(self, reason: str) -> Row:
        """Return a row of `obs_rejected_messages`."""
        return {
            "message_id": self.key(),
            "topic": printable(self.topic)[:LONGEST_NAME],
            "reason": printable(reason)[:LONGEST_ERROR],
            "body": printable(self.body[:LONGEST_ERROR].decode("utf-8", "replace"))[:LONGEST_ERROR],
            "received_at": self.received_at,
        }

    def _content(self) -> Any:
        try:
            return json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Malformed("it is no JSON") from None


def _bytes(text: str) -> bytes:
    """Return a text of a broker, which may hold half a surrogate pair, as bytes."""
    return text.encode("utf-8", "surrogatepass")


def _text(values: Sequence[Any], name: str, *, is_needed: bool = True) -> str | None:
    """Return the first value as a text. Raises ValueError when it is none."""
    value = values[0] if values else None
    if value is None and not is_needed:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} is missing, or no text")
    if len(value) > LONGEST_NAME or not value.isprintable():
        raise ValueError(f"{name} has more than {LONGEST_NAME} characters, or control characters")
    return value.strip()


def _runs(values: Sequence[Any]) -> list[int]:
    """Return run numbers, in the order of the message. Raises ValueError when there are none."""
    if not values or len(values) > _MOST_RUNS:
        raise ValueError(f"run_number is missing, or has more than {_MOST_RUNS:,} values")
    found = []
    for value in values:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        is_text = isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < 20
        number = int(value) if is_number or is_text else 0
        if not 0 < number <= _LARGEST:
            raise ValueError(f"run_number is {str(value)[:60]!r}, which is no run number")
        found.append(number)
    return found
