"""The command line in this process: quicker than the installed command, and its clock can be set."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from autostats.cli import invoke
from autostats.queries import settings

from support.installed import Autostats, Ran

NowIs = Callable[[datetime], None]


@pytest.fixture
def autostats(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Autostats:
    """Run the command line in this process, on a plain 80-column screen with a UTF-8 locale."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        code = invoke([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def now_is(monkeypatch: pytest.MonkeyPatch) -> NowIs:
    """Set the moment (UTC) that a command in this process takes as now."""

    def choose(moment: datetime) -> None:
        monkeypatch.setattr(settings, "utc_now", lambda: moment)

    return choose
