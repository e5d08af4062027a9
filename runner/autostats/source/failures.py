"""Why a source cannot be read, in one sentence for people."""

import re
from pathlib import Path
from urllib.parse import quote

from autostats.errors import (
    AutostatsError,
    MissingDatabaseError,
    PrivilegeError,
    RefusedError,
    UnreachableError,
    UsageError,
)
from autostats.locked_file import is_locked
from autostats.source.names import PREFIX, TABLES, mysql_grants
from autostats.source.url import Source

_QUOTED = re.compile(r"(?<!\w)'[^']*'|\"[^\"]*\"|`[^`]*`")
# Messages of MySQL, MariaDB and PostgreSQL, with an empty pair of quotes in place of each name.
_NO_DATABASE = ("unknown database ''", "database '' does not exist")
_REFUSED = (
    "access denied for user",
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "pg_hba.conf rejects connection",
    "role '' does not exist",
    "role '' is not permitted to log in",
    "permission denied for database",
    "is not allowed to connect to this",
    "account is locked",
    "password has expired",
)
_MAY_NOT = ("access denied for user", "command denied to user", "permission denied for", "must be owner of")


def without_names(text: str) -> str:
    """Return a server's message in lower case and without quoted parts, because a name may be any word."""
    return _QUOTED.sub("''", text).lower()


def lacks_privilege(text: str) -> bool:
    """Return whether a server refused a statement because a privilege is missing."""
    said = without_names(text)
    return any(sign in said for sign in _MAY_NOT)


def check_file(source: Source) -> None:
    """Report what is wrong with the file before the readers do, whose messages are of little help."""
    assert source.path is not None
    path = source.path.absolute()
    head = b""
    problem = ""
    try:
        if path.is_dir():
            problem = "is a folder, not a file"
        else:
            with path.open("rb") as file:
                head = file.read(16)
    except FileNotFoundError:
        _check_slashes(source, source.path)
        problem = "does not exist"
    except OSError as error:
        problem = f"cannot be read ({(error.strerror or 'error').lower()})"
    if problem:
        raise UnreachableError(f"The source file {path} {problem}.", f"Check the path in {source.origin}.")
    found = "sqlite" if head.startswith(b"SQLite format 3\0") else "duckdb" if head[8:12] == b"DUCK" else ""
    if not head:
        raise UsageError(f"The source file {path} is empty.", f"Check the path in {source.origin}.")
    if found != source.kind:
        remedy = f"It is a {found} database: write {found}:/// instead." if found else "Check the path."
        raise UsageError(f"The source file {path} is not a {source.kind} database.", remedy)


def _check_slashes(source: Source, path: Path) -> None:
    """Raise UsageError when a relative path that does not exist was meant to be absolute."""
    absolute = "/" / path
    if not path.is_absolute() and absolute.exists():
        raise UsageError(
            f"The source file {path.absolute()} does not exist: after three slashes, a path is relative to "
            "the current folder.",
            f"For {absolute}, write {source.kind}:///{quote(str(absolute))}, with four slashes, "
            f"in {source.origin}.",
        )


def explained(source: Source, text: str) -> AutostatsError:
    """Return the error for people. Only the server's or the system's part of DuckDB's text is kept."""
    # DuckDB's own words, up to and including the connection string in quotes.
    reason = " ".join(text.rsplit('": ', 1)[-1].split()).removesuffix(".")
    reason = reason.removesuffix(
        "Is the server running on that host and accepting TCP/IP connections?"
    ).strip()
    reason = reason.split(" Attempted host:")[0].split(" First attempted host:")[0].rstrip(".")
    # The gaps that hiding leaves would reveal a password of up to three letters.
    if source.password and len(source.password) > 3:
        reason = reason.replace(source.password, "***")
    return _of_file(source, text, reason) if source.is_file else _of_server(source, reason)


def _of_file(source: Source, text: str, reason: str) -> AutostatsError:
    assert source.path is not None
    path = source.path.absolute()
    said = text.replace(str(path), "").replace(str(source.path), "")
    if is_locked(text) or "database is locked" in said:
        return UnreachableError(
            f"The source file {path} is in use by another process.",
            "Wait until it has finished, or read a copy of the file.",
        )
    if "already attached" in said:
        return UsageError(
            f"The source file {path} is already open in this process.",
            f"The statistics need their own file, not that of {source.origin}.",
        )
    return UsageError(
        f"The source file {path} cannot be opened as a {source.kind} database: {reason}.",
        f"Check the path in {source.origin}.",
    )


def _of_server(source: Source, reason: str) -> AutostatsError:
    said = without_names(reason)
    if any(sign in said for sign in _NO_DATABASE):
        return MissingDatabaseError(
            f"{source.redacted}: the server has no such database.",
            f"Check the name after the last slash of {source.origin}.",
        )
    if "access denied for user ''@'' to database" in said:
        return _no_right(source, reason)
    if any(sign in said for sign in _REFUSED):
        return RefusedError(
            f"{source.redacted} refused the account: {reason}.",
            f"Check the user name and password in {source.origin}; the account needs only SELECT.",
        )
    return UnreachableError(
        f"{source.redacted} cannot be reached: {reason}.",
        "Check the host and port, and that the server is running.",
    )


def _no_right(source: Source, reason: str) -> PrivilegeError:
    """Return the error for MySQL refusing an account a whole database, whether it exists or not."""
    account = re.search(r"user ('[^']*'@'[^']*')", reason)
    schema = source.database or source.schema
    grants = (
        mysql_grants(schema, [PREFIX + table for table in TABLES], account[1]) if account and schema else ""
    )
    return PrivilegeError(
        f"{source.redacted}: the account has no privilege in this database.",
        f"Check the name in {source.origin}; if it is right, ask an administrator to run: {grants}",
    )
