"""The errors that people see: one sentence, a remedy and an exit code."""


class AutostatsError(Exception):
    """Base of every expected failure.

    `str(error)` is one clear sentence; `remedy` says what to do about it; the process ends with
    `exit_code`.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class CheckFailed(AutostatsError):
    """A check found something (exit code 1)."""


class UsageError(AutostatsError):
    """The command line, the configuration or the schema of a database is not usable (exit code 2)."""

    exit_code = 2


class ModelError(AutostatsError):
    """A dbt model or test failed (exit code 3)."""

    exit_code = 3


class StaleError(AutostatsError):
    """Data is older than it should be (exit code 4)."""

    exit_code = 4


class LockedError(AutostatsError):
    """Another process holds the lock or the statistics database (exit code 5)."""

    exit_code = 5


class UnreachableError(AutostatsError):
    """A database cannot be reached: trying again may help (exit code 6)."""

    exit_code = 6


class TryAgainError(AutostatsError):
    """Nothing is there yet, or it is still being written: exit code 75, EX_TEMPFAIL of sysexits.h."""

    exit_code = 75


class RefusedError(UsageError):
    """A database refused the credentials: trying again would not help, and might lock the account."""


class PrivilegeError(UsageError):
    """An account lacks a privilege that somebody has to grant."""


class MissingDatabaseError(UsageError):
    """The server answers, but has no database of this name."""


class NoStatisticsError(UsageError):
    """There are no statistics yet, or no run has finished any."""
