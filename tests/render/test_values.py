"""Durations, shares, sparklines and foreign text."""

from __future__ import annotations

import pytest
from autostats.render.cells import count, share
from autostats.render.durations import human
from autostats.render.sparkline import sparkline
from autostats.text import for_csv, for_markdown, printable


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0.0s"),
        (0.449, "0.4s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (59.6, "1m 00s"),
        (258, "4m 18s"),
        (3599.4, "59m 59s"),
        (3599.6, "1h 00m"),
        (86399, "1d 00h"),
        (187200, "2d 04h"),
        (8_640_000, "100d"),
        (-90, "-1m 30s"),
    ],
)
def test_durations(seconds: float, shown: str) -> None:
    assert human(seconds) == shown


def test_a_share_is_whole_only_when_it_is_exact() -> None:
    assert [share(value) for value in (0, 0.0001, 0.5, 0.99999, 1)] == [
        "0%",
        "0.1%",
        "50.0%",
        "99.9%",
        "100%",
    ]


def test_counts() -> None:
    assert [count(value) for value in (0, 9999, 15130)] == ["0", "9999", "15,130"]


def test_sparklines() -> None:
    assert sparkline([0, 1, 4, 8], 7, unicode=True) == "·▁▄█"
    assert sparkline([0, 1, 4, 8], 7, unicode=False) == "_.=@"
    assert sparkline([0, 0], 7, unicode=True) == "··"
    assert sparkline([], 7, unicode=True) == ""
    assert sparkline([1000, 1], 7, unicode=True) == "█▁", "a single job is no zero"


def test_a_long_series_is_squeezed_to_means() -> None:
    assert sparkline([2, 2, 0, 0, 8, 8], 3, unicode=True) == "▂·█"
    assert len(sparkline(list(range(100)), 7, unicode=True)) == 7


def test_control_characters_become_visible() -> None:
    assert printable("a\x1b[31m\nb\u202ec\u009b") == "a\\x1b[31m\\x0ab\\u202ec\\x9b"
    assert printable("über 🚀 👩\u200d🔬") == "über 🚀 👩\u200d🔬"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-cmd|' /C calc'!A0", "@SUM(1)", "\tx", "\rx", "\N{FULLWIDTH EQUALS SIGN}1"]
)
def test_formulas_are_defused(text: str) -> None:
    assert for_csv(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1.5", "+7", "1e5", "-1E-5", "WISH", "a=b", "'x"])
def test_numbers_and_plain_names_stay(text: str) -> None:
    assert for_csv(text) == text


def test_markdown_cells() -> None:
    assert for_markdown("a|b`*_[x](y)<b>&\n") == "a\\|b\\`\\*\\_\\[x\\]\\(y\\)&lt;b&gt;&amp;\\\\x0a"
