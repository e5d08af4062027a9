"""The log holds one line an event, rotates, and holds no secret."""

import logging
import re
from pathlib import Path

import pytest
from autostats import log
from autostats.home import Home

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [0-9a-f]{8} [A-Z]+ [\w.]+: ")


def _written(home: Path) -> str:
    return (home / "logs" / log.FILE_NAME).read_text(encoding="utf-8")


def test_an_event_is_one_line_with_time_invocation_and_level(tmp_path: Path) -> None:
    logger = log.start(Home(tmp_path))
    logger.info("first\r\nand second line")
    logger.debug("left out")
    first = _written(tmp_path)
    assert LINE.match(first)
    assert first.endswith("INFO autostats: first\\nand second line\n")
    log.start(Home(tmp_path), debug=True).debug("now in")
    assert _written(tmp_path).count("\n") == 2
    invocations = {line.split(" ")[1] for line in _written(tmp_path).splitlines()}
    assert len(invocations) == 2


def test_secrets_are_struck_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOSTATS_SOURCE_URL", "mysql://me:p%40ss-w0rd@db/x")
    monkeypatch.setenv("DBT_ENV_SECRET_PASSWORD", "tr0ub4dor")
    logger = log.start(Home(tmp_path))
    logger.error(
        "%s", "mysql://me:p%40ss-w0rd@db p@ss-w0rd tr0ub4dor postgresql://you:other@host:1/x a://b/c"
    )
    written = _written(tmp_path)
    assert not re.search("p%40ss|p@ss|tr0ub|other", written)
    assert "mysql://me:***@db" in written
    assert "postgresql://you:***@host:1/x a://b/c" in written


def test_it_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_BYTES", 1000)
    logger = log.start(Home(tmp_path))
    for number in range(100):
        logger.info("event %s", number)
    files = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert files == [log.FILE_NAME, *(f"{log.FILE_NAME}.{n}" for n in range(1, log.BACKUPS + 1))]
    assert all(path.stat().st_size <= 1000 for path in (tmp_path / "logs").iterdir())


def test_a_folder_that_cannot_be_written_keeps_no_traceback(tmp_path: Path) -> None:
    for handler in list(logging.getLogger("autostats").handlers):
        logging.getLogger("autostats").removeHandler(handler)
    (tmp_path / "file").write_text("")
    assert log.keep_traceback(Home(tmp_path / "file"), ValueError("x")) is None
