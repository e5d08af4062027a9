"""The log holds one line an event, rotates, and holds no secret."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from autostats import log
from autostats.errors import UsageError
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


def _objects(home: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _written(home).splitlines()]


def test_as_json_an_event_is_an_object(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOSTATS_LOG_FORMAT", "json")
    logger = log.start(Home(tmp_path))
    said = 'first\r\nand "second" \u2028 line \udce9'
    logger.getChild("part").info("%s", said)
    try:
        raise ValueError("broken")
    except ValueError:
        logger.exception("it failed")
    first, second = _objects(tmp_path)
    assert list(first) == ["time", "invocation", "level", "logger", "message"]
    assert (first["level"], first["logger"], first["message"]) == ("INFO", "autostats.part", said)
    assert re.fullmatch(r"[0-9a-f]{8}", first["invocation"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["time"])
    assert abs(datetime.fromisoformat(first["time"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert (second["level"], second["invocation"]) == ("ERROR", first["invocation"])
    assert second["message"].startswith("it failed\nTraceback")
    assert second["message"].endswith("ValueError: broken")


def test_as_json_secrets_are_struck_out_however_json_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOSTATS_LOG_FORMAT", "json")
    secret = 'w\u00f6rt"\\er\tb'
    monkeypatch.setenv("DBT_ENV_SECRET_PASSWORD", secret)
    log.start(Home(tmp_path)).error("%s and mysql://me:pw@db/x", secret)
    [line] = _objects(tmp_path)
    assert line["message"] == "*** and mysql://me:***@db/x"


def test_an_unknown_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOSTATS_LOG_FORMAT", "xml")
    with pytest.raises(UsageError, match="'xml' is not a format of the log"):
        log.start(Home(tmp_path))
    assert not (tmp_path / "logs").exists()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_it_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_format: str) -> None:
    monkeypatch.setenv("AUTOSTATS_LOG_FORMAT", log_format)
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
