"""What observations that cannot be used are told to people as: one sentence and a remedy."""

from autostats.errors import AutostatsError, LockedError, UnreachableError, UsageError


def failure(place: str, message: str, done: str, *, is_lost: bool = False) -> AutostatsError:
    """Return the error for a database's own `message`; `done` is what it prevents: `read` or `written`.

    `is_lost` says that the connection to a server has gone.
    """
    said = message.lower()
    reason = message.split("\n", 1)[0].strip().rstrip(".")
    if "is locked" in said:
        return LockedError(
            f"The observations {place} are in use by another process.", "Try again when that has ended."
        )
    if "not a database" in said or "malformed" in said:
        return UsageError(
            f"{place} is damaged, or is no file of observations.",
            "Restore it from a backup, or move it away: the statistics keep what they have counted.",
        )
    if "readonly" in said or "unable to open" in said or "read-only" in said:
        return UsageError(
            f"The observations {place} cannot be {done}: {reason}.", "Fix the file's permissions."
        )
    if "is full" in said:
        return UsageError(
            f"The observations {place} cannot be {done}: {reason}.", "Free some space on its disk."
        )
    if is_lost or "connect" in said:
        return UnreachableError(f"{place} cannot be reached: {reason}.", "Check the host and port.")
    return UsageError(
        f"The observations in {place} cannot be {done}: {reason}.",
        "The account needs INSERT, DELETE and CREATE in the schema of the statistics.",
    )
