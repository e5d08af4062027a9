"""`autostats availability import` and `add`: what they take, and what is in the observations then."""

import os
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from autostats.availability.polls import read_polls
from autostats.errors import UsageError
from support.installed import COMMAND, Autostats, bare_environment, hear_ctrl_c

HEADER = "store_id,status,timestamp_utc\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def observed(home: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(home / "observations.sqlite")) as connection:
        return connection.execute(query).fetchall()


def written(tmp_path: Path, text: str, name: str = "polls.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2023-01-22 12:09:39.388884 UTC", datetime(2023, 1, 22, 12, 9, 39, 388884)),
        ("2023-01-22 12:09:39 UTC", datetime(2023, 1, 22, 12, 9, 39)),
        ("2023-01-22T12:09:39Z", datetime(2023, 1, 22, 12, 9, 39)),
        ("2023-01-22 12:09:39+01:00", datetime(2023, 1, 22, 11, 9, 39)),
        (" 2023-01-22 ", datetime(2023, 1, 22)),
    ],
)
def test_times(tmp_path: Path, text: str, moment: datetime) -> None:
    path = written(
        tmp_path, f"status,reason,timestamp_utc,instrument\r\nUP ,a pump,{text},8419537941919820732\r\n"
    )
    assert list(read_polls(path)) == [
        {"instrument": "8419537941919820732", "state": "up", "polled_at": moment, "reason": "a pump"}
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("WISH,up,22.01.2023", "has the time '22.01.2023'"),
        ("WISH,up,", "has the time ''"),
        ("WISH,up,0001-01-01", "has the time '0001-01-01'"),
        ("WISH,up,2023-02-30", "has the time '2023-02-30'"),
        ("WISH,open,2023-01-22", "has the status 'open'"),
        (" ,up,2023-01-22", "names no instrument"),
        (f"{'W' * 201},up,2023-01-22", "more than 200 characters"),
        ("WISH,up", "has only 2 cells"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = written(tmp_path, f"{HEADER}WISH,up,2023-01-22\n\n{line}\n")
    with pytest.raises(UsageError, match=r"polls\.csv, line 4") as error:
        list(read_polls(path))
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "has no column instrument or store_id"),
        (b"instrument,timestamp_utc\n", "has no column status or state"),
        (b"\xff\xfei\x00", "is not UTF-8"),
        (b"instrument,status,timestamp_utc\nW\x00,up,2023-01-22\n", "line 2, has a name with a NUL"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "polls.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        list(read_polls(path))


def test_a_failed_import_leaves_nothing(autostats: Autostats, home: Path, tmp_path: Path) -> None:
    lines = "".join(
        f"I{number % 7},active,2023-01-22 12:00:{number % 60:02}.5 UTC\n" for number in range(12_000)
    )
    good = written(tmp_path, HEADER + lines)
    bad = written(tmp_path, f"{HEADER}{lines}I1,active,never\n", "bad.csv")
    ran = autostats("availability", "import", "--polls", good, "--home", home)
    assert (ran.code, ran.out) == (0, "12,000 polls imported.\n")
    ran = autostats("availability", "import", "--polls", bad, "--home", home)
    assert ran.code == 2
    assert "bad.csv, line 12002, has the time 'never'." in ran.err
    ran = autostats(
        *("availability", "add", "WISH", "down", "--reason", 'O\'Neil "x" é 🚀', "--home", home, "--quiet"),
        *("--at", "2023-01-22 13:00"),
    )
    assert (ran.code, ran.err) == (0, "")
    collections = observed(home, "select collector, state, rows, ended_at is not null from obs_collections")
    assert collections == [
        ("availability", "complete", 12_000, 1),
        ("availability", "failed", 0, 1),
        ("availability", "complete", 1, 1),
    ]
    looks = "select count(*) from obs_polls group by collection_id order by collection_id"
    assert observed(home, looks) == [(12_000,), (1,)]
    assert observed(
        home, "select instrument, state, polled_at, reason from obs_polls where reason is not null"
    ) == [("WISH", "down", "2023-01-22 13:00:00.000000", 'O\'Neil "x" é 🚀')]


def test_control_c_leaves_nothing(home: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "endless.csv"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [COMMAND, "availability", "import", "--polls", pipe, "--home", home],
        env=bare_environment(tmp_path / "nobody"),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )
    with pipe.open("w") as writer:
        writer.write(HEADER + "WISH,up,2023-01-22 12:00:00\n" * 20_000)
        writer.flush()
        while not observed(home, "select count(*) from obs_polls")[0][0]:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (130, False)
    assert observed(home, "select count(*) from obs_polls") == [(0,)]
    assert observed(home, "select state, error from obs_collections") == [("failed", "KeyboardInterrupt")]


def test_old_observations_go(autostats: Autostats, home: Path) -> None:
    add = ("availability", "add", "WISH", "up", "--home", home)
    assert autostats(*add).code == 0
    with closing(sqlite3.connect(home / "observations.sqlite")) as connection:
        connection.execute("update obs_collections set started_at = '2020-01-01 00:00:00.000000'")
        connection.commit()
    assert autostats(*add).code == 0
    newest = "(select max(collection_id) from obs_collections)"
    assert observed(home, f"select collection_id = {newest} from obs_polls") == [(1,)]


@pytest.mark.slow
def test_eight_collectors_at_once_lose_no_row(home: Path, tmp_path: Path) -> None:
    files = []
    for number in range(8):
        start = datetime(2023, 1, 22)
        lines = "".join(f"I{number},up,{start + timedelta(seconds=each)}\n" for each in range(9_000))
        files.append(written(tmp_path, HEADER + lines, f"polls{number}.csv"))
    processes = [
        subprocess.Popen(
            [COMMAND, "availability", "import", "--polls", file, "--home", home, "--quiet"],
            env=bare_environment(tmp_path / "nobody"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for file in files
    ]
    assert [process.communicate(timeout=120)[1] for process in processes] == [""] * 8
    rows = observed(
        home, "select instrument, count(*), count(distinct collection_id) from obs_polls group by 1"
    )
    assert rows == [(f"I{number}", 9_000, 1) for number in range(8)]


def test_observations_that_cannot_be_written(autostats: Autostats, home: Path) -> None:
    add = ("availability", "add", "WISH", "up", "--home", home)
    assert autostats(*add).code == 0
    file = home / "observations.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma user_version = 99")
    newer = autostats(*add)
    assert newer.code == 2
    assert "were written by a newer autostats (version 99)" in newer.err
    file.with_suffix(".sqlite-wal").unlink(missing_ok=True)
    file.write_bytes(b"not a database, but long enough to be looked at" * 100)
    garbage = autostats(*add)
    assert garbage.code == 2
    assert "is damaged, or is no file of observations" in garbage.err
    assert "Traceback" not in garbage.err
    file.unlink()
    file.mkdir()
    folder = autostats(*add)
    assert folder.code == 2
    assert "cannot be written: unable to open" in folder.err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("import",), "There is nothing to import"),
        (("import", "--polls", "nowhere.csv"), "nowhere.csv"),
        (("add", "WISH", "broken"), "broken"),
        (("add", " ", "up"), "names no instrument"),
        (("add", "WISH", "up", "--at", "yesterday"), "has the time 'yesterday'"),
    ],
)
def test_nonsense(autostats: Autostats, home: Path, arguments: tuple[str, ...], complaint: str) -> None:
    ran = autostats("availability", *arguments, "--home", home)
    assert ran.code == 2
    assert complaint in ran.err
    assert not (home / "observations.sqlite").exists()
