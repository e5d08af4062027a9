"""The log: one rotated file for the runner and dbt, one line of text per event, no secrets."""

import logging
import logging.handlers
import os
import re
import time
import traceback
import uuid
from collections.abc import Iterable
from pathlib import Path

from autostats.home import Home

FILE_NAME = "autostats.log"
MAX_BYTES = 5_000_000
BACKUPS = 4
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


class _OneLine(logging.Formatter):
    """UTC time, invocation, level, logger and message, on one line whatever the message contains."""

    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        """Return the time in UTC."""
        return time.gmtime(seconds)

    def __init__(self, invocation: str) -> None:
        super().__init__(
            f"%(asctime)s.%(msecs)03dZ {invocation} %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S"
        )

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record)).replace("\r", "").replace("\n", "\\n")


def start(home: Home, *, debug: bool = False) -> logging.Logger:
    """Open the log of `home` for this invocation and return the runner's logger.

    Raises OSError when the folder or the file cannot be written.
    """
    home.logs.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        home.logs / FILE_NAME, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(_OneLine(uuid.uuid4().hex[:8]))
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
    except OSError:
        return None
    return home.logs / FILE_NAME
