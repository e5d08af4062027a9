"""What a listing adds up to: ranges of runs, and the newest files."""

from collections.abc import Iterator

import pytest
from autostats.archive.tally import Known, Newest, Runs, Tally, divided, run_number
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.lists(st.integers(0, 40) | st.integers(0, 10**18 - 1), max_size=60)


def collected(numbers: list[int]) -> Iterator[tuple[int, int]]:
    runs = Runs()
    for number in numbers:
        runs.extend([number])
    return runs.ranges()


def oracle(numbers: set[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


@given(NUMBERS)
def test_ranges_are_those_of_a_set(numbers: list[int]) -> None:
    assert list(collected(numbers)) == oracle(set(numbers))


@given(NUMBERS, st.randoms())
def test_ranges_are_cut_where_runs_are_not_settled(numbers: list[int], random: object) -> None:
    unsettled = {number for number in numbers if hash((number, id(random))) % 3 == 0}
    settled = set(numbers) - unsettled
    found = list(divided(oracle(set(numbers)), oracle(unsettled)))
    assert [each[:2] for each in found if each[2]] == oracle(settled)
    assert [each[:2] for each in found if not each[2]] == oracle(unsettled)
    assert found == sorted(found)


def test_a_million_in_a_row_are_one() -> None:
    runs = Runs()
    for first in range(1, 1_000_001, 1_000):
        runs.extend(range(first, first + 1_000))
        runs.extend(range(first, first + 1_000))
    assert list(runs.ranges()) == [(1, 1_000_000)]
    assert len(runs._firsts) == 2
    assert not runs._numbers


@given(NUMBERS)
def test_known_runs(numbers: list[int]) -> None:
    known = Known(oracle(set(numbers)))
    for number in {*numbers, *(each + 1 for each in numbers), *(each - 1 for each in numbers), 0}:
        around = known.around(number)
        assert (around is not None) == (number in set(numbers))
        assert around is None or around[0] <= number <= around[1]


@pytest.mark.parametrize("most", [1, 3, 10])
@given(moments=st.lists(st.integers(0, 30), max_size=60))
def test_the_newest_files(most: int, moments: list[int]) -> None:
    newest = Newest(most)
    for place, moment in enumerate(moments):
        newest.add((str(place), 1, 1, moment, "", ""))
    assert [seen[3] for seen in newest.files()] == sorted(moments, reverse=True)[:most]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("", None),
        (None, None),
        ("x", None),
        ("9" * 18, 10**18 - 1),
        ("1" * 19, None),
        ("-1", None),
    ],
)
def test_run_numbers(text: str | None, number: int | None) -> None:
    assert run_number(text) == number


def test_a_run_is_settled_when_its_newest_file_is_old_enough() -> None:
    tally = Tally(("nexus", ""), 100.0, Known([(1, 1)]), 50.0, Newest(10))
    for run, modified in ((1, 60.0), (2, 100.0), (3, 99.0), (3, 100.1), (4, 50.0)):
        tally.add("/f/", [(f"{run}.nxs", 1, modified)], [str(run)])
    assert list(tally.ranges()) == [(1, 2, True), (3, 3, False), (4, 4, True)]
    assert not tally.is_settled
    assert tally.found is not None
    # Not the one that is known, and not the one that is too old.
    assert [seen[:2] for seen in tally.found.files()] == [("/f/3.nxs", 3), ("/f/2.nxs", 2), ("/f/3.nxs", 3)]
