"""Why a source cannot be read, in a sentence for people."""

from autostats.errors import AutostatsError, RefusedError, UnreachableError, UsageError
from autostats.source.url import ENVIRONMENT_VARIABLE, Source


def check_file(source: Source) -> None:
    """Say what is wrong with the file before the readers, which make little of a wrong one."""
    path = source.path
    assert path is not None
    head = b""
    problem = ""
    try:
        if path.is_dir():
            problem = "is a folder and not a file"
        else:
            with path.open("rb") as file:
                head = file.read(16)
    except FileNotFoundError:
        problem = "does not exist"
    except OSError as error:
        problem = f"cannot be read ({(error.strerror or 'error').lower()})"
    if problem:
        raise UnreachableError(
            f"The source file {path} {problem}.", f"Check the path in {ENVIRONMENT_VARIABLE}."
        )
    found = "sqlite" if head.startswith(b"SQLite format 3\0") else "duckdb" if head[8:12] == b"DUCK" else ""
    if not head:
        raise UsageError(f"The source file {path} is empty.", f"Check the path in {ENVIRONMENT_VARIABLE}.")
    if found != source.kind:
        remedy = f"It is a {found} database: write {found}:// instead." if found else "Check the path."
        raise UsageError(f"The source file {path} is not a {source.kind} database.", remedy)


def explained(source: Source, text: str) -> AutostatsError:
    """Return the error for people. Of DuckDB's text only what the server or the system said is kept."""
    # Up to and with the connection string in quotes, DuckDB's own words.
    reason = " ".join(text.rsplit('": ', 1)[-1].split()).removesuffix(".")
    reason = reason.removesuffix(
        "Is the server running on that host and accepting TCP/IP connections?"
    ).strip()
    reason = reason.split(" Attempted host:")[0].split(" First attempted host:")[0].rstrip(".")
    # A password of a letter or two would only show by the holes it leaves.
    if source.password and len(source.password) > 3:
        reason = reason.replace(source.password, "***")
    if source.is_file and ("Could not set lock" in text or "database is locked" in text):
        return UnreachableError(
            f"The source file {source.path} is in use by another process.",
            "Wait until it has finished, or read a copy of the file.",
        )
    if source.is_file and "already attached" in text:
        return UsageError(
            f"The source file {source.path} is open in this process already.",
            f"The statistics need a file of their own, not that of {source.origin}.",
        )
    if source.is_file:
        return UsageError(
            f"The source file {source.path} cannot be opened as a {source.kind} database: {reason}.",
            f"Check the path in {source.origin}.",
        )
    lowered = reason.lower()
    if "unknown database" in lowered or ("database" in lowered and "does not exist" in lowered):
        return UsageError(
            f"{source.redacted}: there is no such database on the server.",
            f"Check the name after the last slash of {source.origin}.",
        )
    refused = ("access denied", "authentication failed", "no password supplied", "role", "pg_hba")
    if any(word in lowered for word in refused):
        return RefusedError(
            f"{source.redacted} refused the account: {reason}.",
            f"Check user name and password in {source.origin}; the account needs SELECT alone.",
        )
    return UnreachableError(
        f"{source.redacted} cannot be reached: {reason}.",
        "Check the host and port, and that the server runs.",
    )
