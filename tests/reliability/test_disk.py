"""A disk that is full, and statistics that may no longer be written: a clear error, and nothing is lost."""

import resource
import shutil
import subprocess
from pathlib import Path

import pytest
from support.extent import some
from support.installed import COMMAND, Ran, bare_environment, run_command
from support.reliability.disk import read_only, small_disk
from support.reliability.night import Night, differing, state_of, without_deleted

pytestmark = pytest.mark.slow

_MEGABYTE = 1_000_000


def _size(folder: Path) -> int:
    """Return the bytes that the files of a folder take, in whole pages."""
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in folder.rglob("*") if path.is_file())


def _check_clear(ran: Ran) -> None:
    assert ran.code in {2, 3}, ran.err
    assert ran.out == ""
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err
    assert "Logging error" not in ran.err
    assert len(ran.err.splitlines()) <= 3, ran.err


def _check_healed(night: Night, home: Path, before_healing: bool = True) -> None:
    if before_healing:
        found = state_of(home)
        torn = [mart for mart, rows in found.items() if rows not in (night.before[mart], night.after[mart])]
        assert not torn
    night.heal(home)
    assert not differing(state_of(home), night.after)


def test_a_full_disk(night: Night, tmp_path: Path) -> None:
    needed = _size(night.folder / "morning")
    home_size = _size(night.folder / "evening")
    rooms = (4096, 200_000, 800_000, max(needed - home_size, 0) // 2 + 900_000)
    for number, room in some(list(enumerate(rooms)), 2, start=1):
        with small_disk(tmp_path / f"disk {number}", home_size + 65_536 + room) as disk:
            home = night.home(disk / "home")
            ran = night.run(home)
            if ran.code == 0:
                # It had room enough after all.
                assert number > 1
                assert not differing(state_of(home), night.after)
                continue
            _check_clear(ran)
            told = run_command(("report", "--home", home, "--format", "json"), night.folder / "nobody")
            assert told.code == 0, told.err
            _check_healed(night, shutil.copytree(home, tmp_path / f"more room {number}"))


def test_a_full_disk_at_the_first_load(night: Night, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 2 * _MEGABYTE) as disk:
        ran = night.run(disk / "home")
        _check_clear(ran)
        told = run_command(("report", "--home", disk / "home"), night.folder / "nobody")
        assert (told.code, "Traceback" in told.err) == (2, False)
        roomy = shutil.copytree(disk / "home", tmp_path / "home")
    night.heal(roomy)
    assert not differing(without_deleted(state_of(roomy)), without_deleted(night.after))


@pytest.mark.parametrize("megabytes", some([1, 4, 9], 1, start=1))
def test_no_file_may_grow_any_more(night: Night, tmp_path: Path, megabytes: float) -> None:
    """The same where no file system can be mounted: the operating system refuses to let files grow."""
    home = night.home(tmp_path / "home")
    limit = int(megabytes * _MEGABYTE)
    done = subprocess.run(
        [str(COMMAND), *night.arguments(home)],
        env=bare_environment(night.folder / "nobody", night.env),
        capture_output=True,
        text=True,
        timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        check=False,
    )
    if done.returncode:
        _check_clear(Ran(done.returncode, done.stdout, done.stderr))
    else:
        assert not differing(state_of(home), night.after)
    _check_healed(night, home)


def test_a_home_that_turnsread_only(night: Night, tmp_path: Path) -> None:
    home = night.home(tmp_path / "home")
    with read_only(home):
        ran = night.run(home)
        _check_clear(ran)
        assert ran.code == 2
        assert f"{home} cannot be written" in ran.err
        told = run_command(("report", "--home", home, "--format", "json"), night.folder / "nobody")
        assert told.code == 0, told.err
    _check_healed(night, home)


def test_a_database_that_turnsread_only(night: Night, tmp_path: Path) -> None:
    home = night.home(tmp_path / "home")
    with read_only(home / "autostats.duckdb"):
        ran = night.run(home)
        _check_clear(ran)
        assert ran.code == 2
        assert "autostats.duckdb cannot be opened" in ran.err
    _check_healed(night, home)


def test_a_log_that_turnsread_only(night: Night, tmp_path: Path) -> None:
    home = night.home(tmp_path / "home")
    with read_only(home / "logs"):
        ran = night.run(home)
        _check_clear(ran)
        assert ran.code == 2
        assert "cannot be written" in ran.err
    _check_healed(night, home)
