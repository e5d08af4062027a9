"""The log: one rotated file for the runner and dbt, one line per event, no secrets."""

import json
import logging
import logging.handlers
import os
import re
import time
import traceback
import uuid
from collections.abc import Iterable
from pathlib import Path

from autostats.errors import UsageError
from autostats.home import Home

FILE_NAME = "autostats.log"
MAX_BYTES = 5_000_000
BACKUPS = 4
FORMAT_VARIABLE = "AUTOSTATS_LOG_FORMAT"
_PASSWORD_IN_URL = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)(?P<password>[^\s]*)@", re.IGNORECASE
)
# In addition to those in the environment.
_hidden: set[str] = set()


def hide(secrets: Iterable[str]) -> None:
    """Make `redact`, and so the log, hide these from now on."""
    _hidden.update(filter(None, secrets))


def _secrets() -> list[str]:
    """Return the values that must never be shown, the longest first."""
    from urllib.parse import unquote

    found = {value for name, value in os.environ.items() if name.startswith("DBT_ENV_SECRET") and value}
    found |= _hidden
    for match in _PASSWORD_IN_URL.finditer(os.environ.get("AUTOSTATS_SOURCE_URL", "")):
        found |= {match["password"], unquote(match["password"])}
    return sorted((secret for secret in found if secret), key=len, reverse=True)


def redact(text: str) -> str:
    """Return `text` without the passwords in URLs and without the secrets in the environment."""
    text = _PASSWORD_IN_URL.sub(r"\g<scheme>***@", text)
    for secret in _secrets():
        text = text.replace(secret, "***")
    return text


class _Formatter(logging.Formatter):
    """What the formats share: times in UTC, and the id of the invocation."""

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        """Return the time in UTC."""
        return time.gmtime(seconds)

    def __init__(self, invocation: str) -> None:
        super().__init__("%(message)s")
        self.invocation = invocation


class _Text(_Formatter):
    """UTC time, invocation, level, logger and message, on one line whatever the message contains."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{self.formatTime(record)} {self.invocation} {record.levelname} {record.name}"
        return redact(f"{head}: {super().format(record)}").replace("\r", "").replace("\n", "\\n")


class _Json(_Formatter):
    """The same as one JSON object. Secrets are struck out first, because JSON may write them differently."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            {
                "time": self.formatTime(record),
                "invocation": self.invocation,
                "level": record.levelname,
                "logger": record.name,
                "message": redact(super().format(record)),
            }
        )


_FORMATTERS = {"text": _Text, "json": _Json}


def _formatter() -> logging.Formatter:
    """Return the formatter of a new invocation. Raises UsageError for an unknown format."""
    wanted = os.environ.get(FORMAT_VARIABLE, "").strip() or "text"
    if wanted not in _FORMATTERS:
        raise UsageError(
            f"{FORMAT_VARIABLE}={wanted!r} is not a format of the log.", "Set it to text or to json."
        )
    return _FORMATTERS[wanted](uuid.uuid4().hex[:8])


def start(home: Home, *, debug: bool = False) -> logging.Logger:
    """Open the log of `home` for this invocation and return the runner's logger.

    Raises OSError when the folder or the file cannot be written, and UsageError for an unknown format.
    """
    formatter = _formatter()
    home.logs.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        home.logs / FILE_NAME, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(formatter)
    logger = logging.getLogger("autostats")
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    logger.propagate = False
    # A log that can no longer be written must not fill cron's mail with its own tracebacks.
    logging.raiseExceptions = False
    return logger


def keep_traceback(home: Home, error: BaseException) -> Path | None:
    """Write the traceback of `error` to the log; return the log's path, or None when it cannot be written."""
    try:
        logger = logging.getLogger("autostats")
        if not logger.handlers:
            start(home)
        logger.error("%s", "".join(traceback.format_exception(error)))
    except (OSError, UsageError):
        return None
    return home.logs / FILE_NAME
