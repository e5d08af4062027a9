"""Texts that are wider than their column."""

import pytest
from autostats.render.as_table import _folded
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("by the version of the software", ["by the version", "of the", "software"]),
        ("a word-that-is-far-too-long for it", ["a", "word-that-is-f", "ar-too-long", "for it"]),
        ("exactly so far", ["exactly so far"]),
        ("名前が長い 計測器", ["名前が長い", "計測器"]),
    ],
)
def test_lines_end_between_words(text: str, lines: list[str]) -> None:
    assert list(_folded(text, 14)) == lines


@given(st.text(st.sampled_from("ab é名 "), max_size=60), st.integers(2, 20))
def test_nothing_is_lost_and_nothing_is_too_wide(text: str, width: int) -> None:
    lines = list(_folded(text, width))
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
