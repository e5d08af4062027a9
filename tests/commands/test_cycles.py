"""`autostats cycles`: the beam cycles that a run takes, and one more of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from autostats.dbt_setup.locate import with_own_seeds
from autostats.dbt_setup.seeds import read_cycles
from autostats.home import Home
from support.installed import Autostats

PROJECT = Path(__file__).parents[2]
HEADER = "cycle,first_day,last_day,maintenance_days"
NEXT = ("2027/01", "--from", "2027-02-09", "--to", "2027-03-26")


def listed(autostats: Autostats, home: Path) -> list[dict[str, Any]]:
    result = autostats("cycles", "--home", home, "--format", "json")
    assert result.code == 0, result.err
    return list(json.loads(result.out)["cycles"])


def own(home: Path, *lines: str, end: str = "\n") -> Path:
    """Write a facility's own cycles."""
    path = home / "seeds" / "beam_cycles.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}{end}" for line in (HEADER, *lines)).encode())
    return path


def test_without_cycles_of_its_own_those_that_come_along(autostats: Autostats, tmp_path: Path) -> None:
    rows = listed(autostats, tmp_path)
    seed = (PROJECT / "seeds" / "beam_cycles.csv").read_text().splitlines()[1:]
    assert [row["cycle"] for row in rows] == [line.split(",")[0] for line in seed]
    assert {row["source"] for row in rows} == {"built-in"}
    assert rows[2] == {
        "cycle": "2016/03",
        "first_day": "2016-09-13",
        "last_day": "2016-10-28",
        "days": 46,
        "maintenance_days": "2016-09-28 2016-10-12",
        "source": "built-in",
    }
    assert list(tmp_path.iterdir()) == []


def test_the_first_one_added_makes_a_copy(autostats: Autostats, tmp_path: Path) -> None:
    result = autostats(
        "cycles",
        "add",
        *NEXT,
        "--maintenance",
        "2027-03-10",
        "--maintenance",
        "2027-02-24",
        "--home",
        tmp_path,
    )
    assert (result.code, result.err.count("autostats run")) == (0, 1)
    path = tmp_path / "seeds" / "beam_cycles.csv"
    assert result.out == f"Added cycle 2027/01 (2027-02-09 to 2027-03-26, 46 days) to {path}.\n"
    built_in = (PROJECT / "seeds" / "beam_cycles.csv").read_text()
    assert path.read_text() == f"{built_in}2027/01,2027-02-09,2027-03-26,2027-02-24 2027-03-10\n"
    rows = listed(autostats, tmp_path)
    assert [(row["cycle"], row["source"]) for row in rows[-2:]] == [
        ("2020/04", "built-in"),
        ("2027/01", "own"),
    ]
    assert [file.name for file in path.parent.iterdir()] == ["beam_cycles.csv"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_all_that_is_in_the_file_stays(autostats: Autostats, tmp_path: Path, end: str) -> None:
    path = own(
        tmp_path,
        "# ours",
        "2026/02,2026-05-01,2026-06-01,",
        "",
        '"2026/01",2026-02-01,2026-03-01,2026-02-10',
        end=end,
    )
    before = path.read_bytes().removesuffix(end.encode())
    path.write_bytes(before)
    assert autostats("cycles", "add", *NEXT, "--home", tmp_path, "--quiet").err == ""
    assert path.read_bytes() == before + f"{end}2027/01,2027-02-09,2027-03-26,{end}".encode()
    assert [row["cycle"] for row in listed(autostats, tmp_path)] == ["2026/01", "2026/02", "2027/01"]


def test_columns_in_another_order_and_a_column_more(autostats: Autostats, tmp_path: Path) -> None:
    path = own(tmp_path)
    path.write_text("\ufefflast_day,cycle,note,maintenance_days,first_day\n", encoding="utf-8")
    assert autostats("cycles", "--home", tmp_path, "add", *NEXT).code == 0
    assert path.read_text(encoding="utf-8-sig").splitlines()[1:] == ["2027-03-26,2027/01,,,2027-02-09"]
    (row,) = listed(autostats, tmp_path)
    assert (row["cycle"], row["first_day"], row["days"]) == ("2027/01", "2027-02-09", 46)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("2026/02", "--from", "2027-02-09", "--to", "2027-03-26"), "There is already a cycle 2026/02"),
        (("2027/01", "--from", "2026-06-01", "--to", "2026-06-02"), "overlaps 2026/02"),
        (("2027/01", "--from", "2026-04-01", "--to", "2026-07-01"), "overlaps 2026/02"),
        (("2027/01", "--from", "2027-03-26", "--to", "2027-02-09"), "--from 2027-03-26 is after --to"),
        (("2027/01", "--from", "2027-02-30", "--to", "2027-03-26"), "no such date"),
        (("2027/01", "--from", "yesterday", "--to", "2027-03-26"), "--from 'yesterday' is not a day"),
        ((*NEXT, "--maintenance", "2027-03-27"), "--maintenance 2027-03-27 is not a day of 2027/01"),
        (("first", "--from", "2027-02-09", "--to", "2027-03-26"), "'first' is not a cycle name"),
        (("2027/1,x", "--from", "2027-02-09", "--to", "2027-03-26"), "is not a cycle name"),
        (("2027/01", "--from", "2027-02-09"), "Missing option '--to'"),
        (("--from", "2027-02-09", "--to", "2027-03-26"), "Missing argument"),
    ],
)
def test_what_is_no_cycle_is_refused(
    autostats: Autostats, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    path = own(tmp_path, "2026/02,2026-05-01,2026-06-01,")
    before = path.read_bytes()
    result = autostats("cycles", "add", *arguments, "--home", tmp_path)
    assert (result.code, result.out) == (2, "")
    assert says in result.err
    assert path.read_bytes() == before


def test_more_maintenance_days_than_the_statistics_have_room_for(
    autostats: Autostats, tmp_path: Path
) -> None:
    days = [word for day in range(1, 20) for word in ("--maintenance", f"2027-03-{day:02}")]
    assert "at most 18 maintenance days" in autostats("cycles", "add", *NEXT, *days, "--home", tmp_path).err
    assert autostats("cycles", "add", *NEXT, *days[2:], "--home", tmp_path).code == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "does not begin with the line cycle,first_day"),
        (b"name,from,to\n", "does not begin with the line cycle,first_day"),
        (
            b"# ours\n\ncycle,first_day,last_day,maintenance_days\n2026/01,soon,2026-06-01,\n",
            "line 4: 'soon'",
        ),
        (b"cycle,first_day,last_day,maintenance_days\n2026/01,2026-06-01\n", "line 2: '' is not a day"),
        (b"cycle,first_day,last_day,maintenance_days\n2026/01,2026-06-01,2026-05-01,\n", "is before"),
        (b"cycle,first_day,last_day,maintenance_days\n,2026-06-01,2026-07-01,\n", "has no name"),
        (b"cycle,first_day,last_day,maintenance_days\n2026/01,2026-06-01,2026-07-01,x\n", "'x' is not a day"),
        (b'cycle,first_day,last_day,maintenance_days\n"2026/01,2026-06-01\x00\n', "is not a day"),
        (b"\xff\xfe", "it is not UTF-8"),
    ],
)
def test_a_broken_file_is_told_and_left_alone(
    autostats: Autostats, tmp_path: Path, content: bytes, says: str
) -> None:
    path = own(tmp_path)
    path.write_bytes(content)
    for arguments in (("cycles", "--home", tmp_path), ("cycles", "add", *NEXT, "--home", tmp_path)):
        result = autostats(*arguments)
        assert (result.code, result.out) == (2, "")
        assert str(path) in result.err
        assert says in result.err
    assert path.read_bytes() == content


def test_a_home_that_cannot_be_written(autostats: Autostats, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = autostats("cycles", "add", *NEXT, "--home", tmp_path / "file")
    assert result.code == 2
    assert "cannot be created" in result.err
    assert "--home" in result.err


def test_a_run_builds_from_the_file_without_its_comments(autostats: Autostats, tmp_path: Path) -> None:
    own(tmp_path, "# ours", "", "2026/02,2026-05-01,2026-06-01,", end="\r\n")
    assert autostats("cycles", "add", *NEXT, "--home", tmp_path).code == 0
    built = with_own_seeds(Home(tmp_path), PROJECT, tmp_path / "project") / "seeds" / "beam_cycles.csv"
    assert built.read_text().splitlines() == [
        HEADER,
        "2026/02,2026-05-01,2026-06-01,",
        "2027/01,2027-02-09,2027-03-26,",
    ]
    assert read_cycles(built) == read_cycles(tmp_path / "seeds" / "beam_cycles.csv")


def test_an_unknown_cycle_of_a_report_is_told_how_to_add_it(autostats: Autostats, wish_home: Path) -> None:
    assert "`autostats cycles add`" in autostats("report", "--home", wish_home, "--cycle", "2027/01").err
