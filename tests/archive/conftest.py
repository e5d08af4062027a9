"""Archives for the tests of their command."""

from pathlib import Path

import pytest
from support.archive import Archive
from support.in_process import autostats

__all__ = ["autostats"]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "home", tmp_path / "archive")
