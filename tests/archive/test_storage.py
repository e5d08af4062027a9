"""Listing folders that change meanwhile, and what fsspec reaches."""

import json
import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import fsspec
import pytest
from autostats.archive.storage import Folders, storage_of
from autostats.errors import UsageError
from autostats.observations.store import BrokenOff
from support.archive import Archive, written
from support.installed import Autostats


def listed(place: Path) -> set[str]:
    return {folder + path for folder, page in Folders().pages(str(place)) for path, _, _ in page}


def test_what_vanishes_meanwhile_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "sub/c"):
        written(tmp_path / name)
    scandir = os.scandir

    def vanishing(place: str) -> Any:
        entries = list(scandir(place))
        (tmp_path / "b").unlink(missing_ok=True)
        (tmp_path / "sub/c").unlink(missing_ok=True)
        if (tmp_path / "sub").exists():
            (tmp_path / "sub").rmdir()
        return nullcontext(entries)

    monkeypatch.setattr(os, "scandir", vanishing)
    assert listed(tmp_path) == {f"{tmp_path}/a"}
    assert listed(tmp_path / "nowhere") == set()
    assert listed(tmp_path / "a") == set()


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "a")

    def refuse(place: str) -> object:
        raise PermissionError(13, "Permission denied", place)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(BrokenOff, match=rf"^{tmp_path} cannot be listed: Permission denied$"):
        listed(tmp_path)
    with pytest.raises(BrokenOff):
        Folders().folders(str(tmp_path))


@pytest.fixture
def memory() -> Iterator[Any]:
    """A file system of fsspec's, with nothing in it."""
    files = fsspec.filesystem("memory")
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


def test_what_fsspec_reaches(archive: Archive, autostats: Autostats, memory: Any) -> None:
    for path in ("WISH/c_1/WISH1.nxs", "WISH/c_1/sub/WISH2.raw", "WISH/c_2/WISH5.nxs", "WISH/c_2/x.txt"):
        memory.pipe_file(f"/top/{path}", b"12")
    memory.pipe_file("/top/WISH/lastrun.txt", b"WISH 7 0")
    archive.write(
        {"name": "raw", "url": "memory://top/{instrument}/c_{cycle}", "instruments": ["WISH", "GEM"],
         "settle_minutes": 0}
    )  # fmt: skip
    assert autostats("archive", "register", "--home", archive.home).code == 0
    ran = autostats("archive", "count", "--home", archive.home, "--format", "json")
    assert ran.code == 6
    assert "raw, GEM: memory://top/GEM is not there (unmounted?)" in ran.err
    rows = json.loads(ran.out)["counts"]
    assert [(row["instrument"], row["cycle"], row["count"], row["bytes"]) for row in rows] == [
        ("WISH", "1", 2, 4),
        ("WISH", "2", 1, 2),
        ("GEM", "", None, None),
    ]
    assert {row["path"] for row in archive.observed("select path from obs_files")} == {
        "/top/WISH/c_1/WISH1.nxs", "/top/WISH/c_1/sub/WISH2.raw", "/top/WISH/c_2/WISH5.nxs",
    }  # fmt: skip
    assert archive.observed("select distinct last_run_number as n from obs_file_counts") == [{"n": 7}]


def test_a_folder_of_fsspec_that_cannot_be_listed(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.pipe_file("/top/a/x", b"")
    ls = memory.ls

    def broken(place: str, **more: Any) -> Any:
        if place.endswith("a"):
            raise PermissionError(13, "Permission denied")
        return ls(place, **more)

    monkeypatch.setattr(memory, "ls", broken)
    storage = storage_of("memory://top", {})
    with pytest.raises(BrokenOff, match=r"^/top/a cannot be listed: Permission denied$"):
        list(storage.pages(storage.place("memory://top")))


def test_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("autostats.archive.storage.import_module", missing)
    with pytest.raises(
        UsageError, match=r"^s3:// needs the extra `archive`, which is not installed"
    ) as error:
        storage_of("s3://bucket/x", {})
    assert "[archive]" in error.value.remedy
    assert isinstance(storage_of("/archive", {}), Folders)


def test_a_scheme_that_nobody_knows() -> None:
    with pytest.raises(UsageError, match=r"^strange:// cannot be used: Protocol not known: strange"):
        storage_of("strange://x", {})
