"""Disks that are full, and files and folders that may not be written, for root as well."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*arguments: str | Path) -> None:
    """Mount something, or skip where that is not allowed."""
    done = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting needs root: {done.stderr.strip()}")


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """Mount an empty file system of `size` bytes."""
    place.mkdir()
    if os.geteuid():
        pytest.skip("a file system of its own needs root")
    _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", place)
    try:
        yield place
    finally:
        _unmount(place)


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Let a file or a folder be read-only, for root too."""
    if os.geteuid():
        modes = {path: path.stat().st_mode for path in (place, *place.rglob("*"))}
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        try:
            yield
        finally:
            for path, mode in modes.items():
                path.chmod(mode)
        return
    _mount("--bind", place, place)
    try:
        _mount("-o", "remount,bind,ro", place)
        yield
    finally:
        _unmount(place)
