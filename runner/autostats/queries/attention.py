"""What needs somebody now, of instruments and of monitored tables."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.text import printable


class Subject(StrEnum):
    """What may need somebody; `fct_attention` explains each."""

    ARCHIVE_ONLY = "archive_only"
    BEHIND = "behind"
    OUTAGE = "outage"
    LATE = "late"
    PENDING = "pending"
    FAILURE_RATE = "failure_rate"
    EXECUTION_TIME = "execution_time"
    SILENT = "silent"
    DATA_PROBLEMS = "data_problems"
    STALE_TABLE = "stale_table"

    @property
    def is_of_instruments(self) -> bool:
        """Whether it is about instruments, not about monitored tables."""
        return self is not Subject.STALE_TABLE


class Severity(StrEnum):
    """How bad it is: high means that data may be lost, or that nobody can work."""

    HIGH = "high"
    MEDIUM = "medium"


# What is worst, and has been so for longest, comes first.
_ATTENTION = """
select instrument, subject, severity, what, evidence, since
from fct_attention
where {chosen}
order by severity <> 'high', since nulls first,
    instrument collate noaccent.nocase nulls last, instrument, subject
"""


def attention_rows(
    scope: Scope, subjects: Sequence[Subject] = (), severities: Sequence[Severity] = ()
) -> list[Row]:
    """Return what needs attention, whatever the period; tables belong to no instrument.

    `subjects` and `severities` are those to choose; if empty, all.
    """
    chosen, parameters = scope.among()
    wanted: list[list[str]] = []
    for column, names in (("subject", subjects), ("severity", severities)):
        if names:
            chosen += f" and {column} in (select unnest(?))"
            wanted.append([*names])
    return scope.warehouse.rows(_ATTENTION.format(chosen=chosen), [*parameters, *wanted])


def attention_words(row: Mapping[str, Any]) -> str:
    """Return `WISH: down`: of what, and what is the matter."""
    of_whom = f"{printable(row['instrument'])}: " if row["instrument"] is not None else ""
    return of_whom + printable(row["what"])
