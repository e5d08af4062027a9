"""Slow builds: done by the first test process that needs the result, and copied by the others."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from filelock import FileLock

from support.installed import Ran


def built_once(
    factory: pytest.TempPathFactory, name: str, build: Callable[[Path], Ran]
) -> tuple[Path, Path, Ran]:
    """Return a folder for this process, where it was built, and how the building command ended."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = factory.mktemp(name) / "home"
        return folder, folder, build(folder)
    built = factory.getbasetemp().parent / name / "home"
    ended = built.with_name("ran.json")
    built.parent.mkdir(exist_ok=True)
    with FileLock(built.with_name("lock")):
        if not ended.exists():
            ended.write_text(json.dumps(asdict(build(built))))
    own = shutil.copytree(built, factory.mktemp(name) / "home")
    return own, built, Ran(**json.loads(ended.read_text()))
