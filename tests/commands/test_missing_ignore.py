"""`autostats missing ignore`: run numbers that will never arrive, added to a seed of the home."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from autostats.dbt_setup.ignored_runs import ignore_runs, parse_ranges
from autostats.dbt_setup.seeds import read_seed
from autostats.home import Home
from hypothesis import given, settings
from hypothesis import strategies as st
from support.homes import STRANGE_NAMES
from support.installed import Autostats

PROJECT = Path(__file__).parents[2]
HEADER = "instrument,first_run_number,last_run_number,reason"


@pytest.fixture
def home(wish_home: Path, tmp_path: Path) -> Path:
    """The home of WISH, which a test may change."""
    return shutil.copytree(wish_home, tmp_path / "home")


def seed(home: Path) -> Path:
    return home / "seeds" / "ignored_runs.csv"


def rows(home: Path) -> list[list[str]]:
    """Return the rows as dbt gets them."""
    return list(csv.reader(io.StringIO(read_seed(seed(home)), newline="")))[1:]


def test_the_first_ones_make_a_copy(autostats: Autostats, home: Path) -> None:
    ran = autostats("missing", "ignore", "wish", "102,110-120, 7", "--reason", "no beam", "--home", home)
    assert ran.code == 0
    assert ran.out == f"Added 7, 102, 110-120 of WISH to {seed(home)}.\n"
    assert "The next `autostats run` ignores them." in ran.err
    lines = ["WISH,7,7,no beam", "WISH,102,102,no beam", "WISH,110,120,no beam"]
    assert seed(home).read_text() == "\n".join([HEADER, *lines]) + "\n"
    assert [file.name for file in seed(home).parent.iterdir()] == ["ignored_runs.csv"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_all_that_is_in_the_file_stays(autostats: Autostats, home: Path, end: str) -> None:
    lines = ["# ours", HEADER, "", "GEM,100,300,", "WISH,105,107,old", 'WISH,103,103,"a, b"']
    seed(home).parent.mkdir()
    seed(home).write_bytes(end.join(lines).encode())
    ran = autostats("missing", "ignore", "WISH", "100-110", "--reason", "new", "--home", home)
    assert ran.out == f"Added 100-102, 104, 108-110 of WISH to {seed(home)}.\n"
    added = [f"WISH,{first},{last},new" for first, last in ((100, 102), (104, 104), (108, 110))]
    assert seed(home).read_bytes() == f"{end.join([*lines, *added])}{end}".encode()


def test_what_is_listed_already_changes_nothing(autostats: Autostats, home: Path) -> None:
    autostats("missing", "ignore", "WISH", "100-110", "--reason", "no beam", "--home", home)
    before = seed(home).stat()
    ran = autostats("missing", "ignore", "WISH", "105-110,101", "--reason", "other", "--home", home)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{seed(home)} already lists 101, 105-110 of WISH.\n"
    assert (seed(home).stat().st_mtime_ns, seed(home).stat().st_ino) == (before.st_mtime_ns, before.st_ino)


@pytest.mark.parametrize(
    "reason", ['Störung, "Kühlung"', "it's =1+1", "a\nb\tc", "🚀", "null", "x" * 200], ids=ascii
)
def test_reasons_are_any_text(autostats: Autostats, home: Path, reason: str) -> None:
    for runs in ("102", "104"):
        ran = autostats("missing", "ignore", "WISH", runs, "--reason", reason, "--home", home)
        assert ran.code == 0, ran.err
    told = " ".join(reason.split())
    assert rows(home) == [["WISH", "102", "102", told], ["WISH", "104", "104", told]]


def test_so_are_the_names_of_instruments(autostats: Autostats, strange_home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(strange_home, tmp_path / "strange")
    for name in STRANGE_NAMES:
        for answer in ("Added 2", "already lists 2"):
            ran = autostats("missing", "ignore", name, "2", "--reason", "no beam", "--home", home)
            assert (ran.code, answer in ran.out) == (0, True), ran.err
    assert [row[0] for row in rows(home)] == list(STRANGE_NAMES)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere", "1", "--reason", "x"), "There is no instrument 'nowhere'."),
        (("WIHS", "1", "--reason", "x"), "Did you mean WISH?"),
        (("WISH", "120-100", "--reason", "x"), "The range 120-100 ends before it starts."),
        (("WISH", "10-", "--reason", "x"), "'10-' are no run numbers."),
        (("WISH", "1,,2", "--reason", "x"), "'1,,2' are no run numbers."),
        (("WISH", "ten", "--reason", "x"), "'ten' are no run numbers."),
        (("WISH", "0", "--reason", "x"), "0 is no run number."),
        (("WISH", f"1-{2**63}", "--reason", "x"), f"{2**63} is no run number."),
        (("WISH", "1", "--reason", " \n"), "--reason is empty."),
        (("WISH", "1", "--reason", "x" * 201), "has 201 characters"),
        (("WISH", "1"), "--reason"),
        (("WISH",), "RUNS"),
    ],
)
def test_bad_input(autostats: Autostats, home: Path, arguments: tuple[str, ...], says: str) -> None:
    ran = autostats("missing", "ignore", *arguments, "--home", home)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert not seed(home).parent.exists()


@pytest.mark.parametrize(
    ("line", "says"),
    [("WISH,ten,12,", "line 3, is no range"), ("WISH,1", "line 3, is no range"), ('WISH,1,2,"', "line 3")],
)
def test_a_broken_file_stays_as_it_is(autostats: Autostats, home: Path, line: str, says: str) -> None:
    seed(home).parent.mkdir()
    text = f"# ours\n{HEADER}\n{line}\n"
    seed(home).write_text(text)
    ran = autostats("missing", "ignore", "WISH", "1", "--reason", "x", "--home", home)
    assert (ran.code, ran.out, seed(home).read_text()) == (2, "", text)
    assert says in ran.err
    seed(home).write_text("instrument,first\n")
    assert HEADER in autostats("missing", "ignore", "WISH", "1", "--reason", "x", "--home", home).err


def test_ranges_are_in_order_and_do_not_overlap() -> None:
    assert parse_ranges("105-107,1,107-110, 111 , 3 - 4") == [(1, 1), (3, 4), (105, 111)]


RANGES = st.lists(
    st.tuples(st.sampled_from(["WISH", "GEM"]), st.integers(1, 30), st.integers(0, 8)), min_size=1, max_size=6
)


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(RANGES)
def test_each_number_is_listed_once_with_its_first_reason(ranges: list[tuple[str, int, int]]) -> None:
    expected: dict[tuple[str, int], str] = {}
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        for place, (instrument, first, more) in enumerate(ranges):
            numbers = range(first, first + more + 1)
            added = ignore_runs(home, PROJECT, instrument, [(first, first + more)], f"because {place}")
            new = [number for number in numbers if (instrument, number) not in expected]
            assert [n for low, high in added.ranges for n in range(low, high + 1)] == new
            expected |= {(instrument, number): f"because {place}" for number in new}
        listed = [
            ((name, number), reason)
            for name, low, high, reason in rows(home.root)
            for number in range(int(low), int(high) + 1)
        ]
    assert len(listed) == len(expected)
    assert dict(listed) == expected


def test_the_list_goes_on_as_it_was(autostats: Autostats, home: Path) -> None:
    bare, named = (autostats("missing", *names, "--home", home) for names in ((), ("WISH",)))
    assert bare.code == named.code == 0
    assert "102" in bare.out
    assert "102" in named.out
    wrong = autostats("missing", "--state", "lost", "--home", home)
    assert "`autostats missing --help` shows its usage." in wrong.err
    # An instrument of this name is one in other letters, or after two dashes.
    assert "no instrument 'IGNORE'" in autostats("missing", "IGNORE", "--home", home).err
    assert "no instrument 'ignore'" in autostats("missing", "--home", home, "--", "ignore").err
    assert "no instrument 'list'" in autostats("missing", "list", "--home", home).err
