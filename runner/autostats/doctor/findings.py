"""The result of a check by `autostats doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The result of a check."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Check:
    """One line of the doctor: what was checked, how it is, and what fixes it (empty: nothing to fix)."""

    name: str
    state: State
    detail: str
    remedy: str = ""
    is_stale: bool = False
