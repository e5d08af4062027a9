"""How a check of `autostats doctor` came out."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check came out."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Check:
    """One line of the doctor: what was looked at, how it is, and what fixes it (empty: nothing to fix)."""

    name: str
    state: State
    detail: str
    remedy: str = ""
    is_stale: bool = False
