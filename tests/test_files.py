"""Files are written whole, with the permissions that they had, and nothing is left beside them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from autostats.files import replace_file

WRITES_WITHOUT_END = """
import sys
from itertools import count
from pathlib import Path
from autostats.files import replace_file
for number in count():
    replace_file(Path(sys.argv[1]), bytes([number % 256]) * 100_000)
"""


def test_a_killed_writer_leaves_a_whole_file_and_its_draft_goes_later(tmp_path: Path) -> None:
    path = tmp_path / "o'[b]é.txt"
    for pause in (0.0, 0.013, 0.037):
        writer = subprocess.Popen([sys.executable, "-c", WRITES_WITHOUT_END, path])
        while not path.exists():
            time.sleep(0.01)
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        assert len(content := path.read_bytes()) == 100_000
        assert len(set(content)) == 1
    young, old = (tmp_path / f".{path.name}.{name}.part" for name in ("young", "old"))
    for draft in (young, old, other := tmp_path / ".o'be.txt.x.part"):
        draft.write_bytes(b"half")
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert (young.exists(), old.exists(), other.exists()) == (True, False, True)


@pytest.mark.parametrize(("mode", "before", "after"), [(None, 0o640, 0o640), (0o600, 0o644, 0o600)])
def test_permissions(tmp_path: Path, mode: int | None, before: int, after: int) -> None:
    path = tmp_path / "file"
    path.touch(before)
    path.chmod(before)
    replace_file(path, b"new", mode)
    assert path.stat().st_mode & 0o777 == after


def test_a_new_file_is_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "file", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to("real")
    replace_file(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
