"""Observations that cannot be used at the moment: a sentence, nothing lost, and a way out."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from autostats.errors import AutostatsError, LockedError, UsageError
from autostats.home import Home
from autostats.observations.attach import attach_observations
from autostats.observations.file_systems import network_file_system
from support.installed import Autostats, Ran, run_command
from support.observations import SPOILT, held, sqlite
from support.reliability.disk import read_only, small_disk

COUNT = (
    "select count(*) from obs_polls join obs_collections using (collection_id)"
    " where obs_collections.state = 'complete'"
)
HEADER = "instrument,status,timestamp_utc\n"


def added(autostats: Autostats, home: Path, **env: str) -> Ran:
    return autostats("availability", "add", "WISH", "up", "--home", home, "--quiet", env=env)


def counted(home: Path) -> str:
    return sqlite(home / "observations.sqlite", COUNT)[0]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which one poll was added, by a process of its own: this one reads through DuckDB."""
    home = tmp_path / "home"
    add = ("availability", "add", "WISH", "up", "--home", home, "--quiet")
    assert run_command(add, tmp_path / "nobody").code == 0
    return home


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_another_process_keeps_them_for_itself(autostats: Autostats, home: Path, mode: str) -> None:
    with held(home / "observations.sqlite", f"pragma journal_mode = {mode}", "begin exclusive"):
        ran = added(autostats, home, AUTOSTATS_WAIT="0.2")
    assert ran.code == 5
    assert f"The observations {home}/observations.sqlite are in use by another process." in ran.err
    assert "Traceback" not in ran.err
    assert added(autostats, home).code == 0
    assert counted(home) == "[(2,)]"


@pytest.mark.slow
def test_a_file_that_may_not_be_written(autostats: Autostats, home: Path) -> None:
    with read_only(home / "observations.sqlite"):
        ran = added(autostats, home)
    assert ran.code == 2
    assert "observations.sqlite cannot be written: " in ran.err
    assert "Fix the file's permissions." in ran.err
    assert added(autostats, home).code == 0
    assert counted(home) == "[(2,)]"


@pytest.mark.slow
def test_a_home_that_may_not_be_written(autostats: Autostats, home: Path) -> None:
    with read_only(home):
        ran = added(autostats, home)
    assert ran.code == 2
    assert f"The folder {home} cannot be written: " in ran.err
    assert added(autostats, home).code == 0
    assert counted(home) == "[(2,)]"


@pytest.mark.slow
def test_a_full_disk(autostats: Autostats, tmp_path: Path) -> None:
    lines = "".join(f"WISH,up,2023-01-22 12:00:{second:02}\n" for second in range(60)) * 500
    polls = tmp_path / "polls.csv"
    polls.write_text(HEADER + lines)
    with small_disk(tmp_path / "disk", 800_000) as disk:
        home = disk / "home"
        assert added(autostats, home).code == 0
        ran = autostats("availability", "import", "--polls", polls, "--home", home, "--quiet")
        assert ran.code == 2
        assert "observations.sqlite cannot be written: " in ran.err
        assert "Free some space on its disk." in ran.err
        assert "Traceback" not in ran.err
        full = added(autostats, home)
        assert full.code == 2
        assert "Free some space on its disk" in full.err
        roomy = shutil.copytree(home, tmp_path / "roomy")
    assert counted(roomy) == "[(1,)]"
    assert autostats("availability", "import", "--polls", polls, "--home", roomy).code == 0
    assert counted(roomy) == "[(30001,)]"


def attached(home: Path) -> None:
    with duckdb.connect() as connection:
        attach_observations(connection, Home(home))


@pytest.mark.slow
@pytest.mark.parametrize("how", SPOILT)
def test_what_a_run_cannot_read(home: Path, how: str) -> None:
    spoil, words = SPOILT[how]
    spoil(home / "observations.sqlite")
    with pytest.raises(UsageError) as error:
        attached(home)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.remedy
    (home / "observations.sqlite").rename(home / "moved away")
    attached(home)


@pytest.mark.slow
def test_a_run_cannot_read_what_another_process_keeps_for_itself(home: Path) -> None:
    with (
        held(home / "observations.sqlite", "pragma journal_mode = delete", "begin exclusive"),
        pytest.raises(LockedError, match="in use by another process"),
    ):
        attached(home)
    attached(home)


def test_a_reader_that_has_read_keeps_nobody_from_tidying_up(home: Path) -> None:
    file = home / "observations.sqlite"
    with duckdb.connect() as connection:
        attach_observations(connection, Home(home))
        connection.begin()
        assert connection.execute("select count(*) from observations.obs_polls").fetchall() == [(1,)]
        sqlite(file, "insert into obs_polls select * from obs_polls")
        # Busy, pages in the log, pages that could be moved into the file.
        assert sqlite(file, "pragma busy_timeout = 0", "pragma wal_checkpoint(truncate)")[1].startswith(
            "[(1,"
        )
        connection.commit()
        assert sqlite(file, "pragma wal_checkpoint(truncate)") == ["[(0, 0, 0)]"]
        assert connection.execute("select count(*) from observations.obs_polls").fetchall() == [(2,)]


MOUNTS = r"""
sysfs /sys sysfs rw 0 0
/dev/sda1 / ext4 rw 0 0
server:/export /srv/net nfs4 rw 0 0
/dev/sdb1 /srv/net/local\040disk xfs rw 0 0
//share /mnt/share cifs rw 0 0
short
"""


@pytest.mark.parametrize(
    ("folder", "found"),
    [
        ("/srv/net", "nfs4"),
        ("/srv/net/autostats", "nfs4"),
        ("/srv/network", None),
        ("/srv/net/local disk/autostats", None),
        ("/mnt/share/a/b", "cifs"),
        ("/", None),
    ],
)
def test_a_network_file_system_is_told(folder: str, found: str | None, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert network_file_system(Path(folder), mounts) == found
    assert network_file_system(Path(folder), tmp_path / "none") is None


@pytest.mark.slow
def test_there_they_have_no_write_ahead_log(
    autostats: Autostats, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autostats.cli import invoke
    from autostats.observations import store

    file = home / "observations.sqlite"
    assert sqlite(file, "pragma journal_mode") == ["[('wal',)]"]
    monkeypatch.setattr(store, "network_file_system", lambda folder: "nfs4")
    assert invoke(["availability", "add", "WISH", "down", "--home", str(home)]) == 0
    assert sqlite(file, "pragma journal_mode") == ["[('delete',)]"]
    assert counted(home) == "[(2,)]"
    # Moved to a local disk again.
    assert added(autostats, home).code == 0
    assert sqlite(file, "pragma journal_mode") == ["[('wal',)]"]
    assert counted(home) == "[(3,)]"


def test_every_failure_is_one_of_ours() -> None:
    from autostats.observations.failures import failure

    for message in ("database is locked", "file is not a database", "disk I/O error\n\nLINE 1: x", ""):
        assert isinstance(failure("x", message, "read"), AutostatsError)
