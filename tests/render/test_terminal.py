"""What a real terminal gets: a pager for long tables, and colour only where it is wanted."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support.installed import COMMAND
from support.terminal import Shown, in_a_terminal

pytestmark = pytest.mark.slow

COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3\d|4\d|9\d|10\d)(?:;\d+)*m")
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LONG = ("report", "--by", "day", "--from", "2020-01-24")
MARK = "sed s/^/paged:/"


Terminal = Callable[..., Shown]


@pytest.fixture
def terminal(busy_home: Path) -> Terminal:
    """Run the installed command in a terminal of 24 rows, with the given environment and no other."""

    def run(
        *arguments: str,
        rows: int = 24,
        keys: Mapping[str, str] | None = None,
        has_keyboard: bool = True,
        **more: str,
    ) -> Shown:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment = kept | {"TERM": "xterm-256color", "LANG": "C.UTF-8", "AUTOSTATS_HOME": str(busy_home)}
        return in_a_terminal(
            [str(COMMAND), *arguments],
            environment | more,
            rows=rows,
            keys=keys,
            has_keyboard=has_keyboard,
        )

    return run


def test_a_long_table_goes_through_less_and_q_leaves(terminal: Terminal) -> None:
    shown = terminal(*LONG, keys={"\n:": "q"})
    assert shown.code == 0
    assert "Data reduction" in shown.text
    assert "Statistics of" not in shown.text, "the end is on a later screen"
    assert COLOUR.search(shown.text), "less shows colours"
    assert "ESC[" not in shown.text


def test_the_pager_of_the_environment(terminal: Terminal) -> None:
    shown = terminal(*LONG, PAGER=MARK)
    assert shown.code == 0
    lines = shown.text.splitlines()
    assert all(line.startswith("paged:") for line in lines)
    assert "Statistics of" in shown.text
    own = terminal(*LONG, PAGER="false", AUTOSTATS_PAGER=MARK)
    assert own.text == shown.text


@pytest.mark.parametrize(
    "how",
    [
        {"PAGER": "cat"},
        {"AUTOSTATS_PAGER": "", "PAGER": MARK},
        {"PAGER": "no-such-pager --really"},
        {"PAGER": "less '"},
        {"PAGER": MARK, "TERM": "dumb"},
    ],
    ids=str,
)
def test_without_a_pager_all_is_printed(terminal: Terminal, how: dict[str, str]) -> None:
    shown = terminal(*LONG, **how)
    assert shown.code == 0
    assert shown.text.startswith(("\x1b[1mData reduction", "Data reduction"))
    assert "Statistics of" in shown.text
    assert "paged:" not in shown.text


def test_not_paged(terminal: Terminal) -> None:
    for arguments in (
        (*LONG, "--no-pager"),
        (*LONG, "--plain"),
        (*LONG, "--format", "csv"),
        ("explain", "WISH", "2020-02-10", "p95_exe_time", "--no-pager"),
        ("missing", "--state", "all", "--no-pager"),
    ):
        shown = terminal(*arguments, rows=5, PAGER=MARK)
        assert shown.code == 0
        assert "paged:" not in shown.text
    assert "paged:" not in terminal(*LONG, PAGER=MARK, rows=2000).text
    assert "paged:" not in terminal(*LONG, PAGER=MARK, has_keyboard=False).text


def test_missing_and_explain_are_paged(terminal: Terminal) -> None:
    assert terminal("missing", "--state", "all", PAGER=MARK, rows=5).text.startswith("paged:")
    assert terminal("explain", "WISH", "2020-02-10", "p95_exe_time", PAGER=MARK, rows=5).text.startswith(
        "paged:"
    )


def test_a_check_fails_after_the_pager(terminal: Terminal) -> None:
    shown = terminal("missing", "--check", PAGER=MARK, rows=5)
    assert shown.code == 1
    assert "\nerror: " in shown.text


@pytest.mark.parametrize("pager", ["true", "head -1", "false"])
def test_a_pager_that_leaves_early_is_no_error(terminal: Terminal, pager: str) -> None:
    shown = terminal(*LONG, PAGER=pager)
    assert shown.code == 0
    assert "error" not in shown.text
    assert len(shown.text.splitlines()) <= 1


def test_no_shell_reads_the_pager(terminal: Terminal, tmp_path: Path) -> None:
    shown = terminal(*LONG, PAGER=f"sed s/^/paged:/ ; touch {tmp_path}/x")
    assert shown.code == 0
    assert not (tmp_path / "x").exists()


def test_a_reader_may_take_longer_than_a_server(terminal: Terminal) -> None:
    shown = terminal(*LONG, PAGER="sh -c 'sleep 3; cat'", AUTOSTATS_TIMEOUT="1")
    assert shown.code == 0
    assert "Statistics of" in shown.text


COMMANDS = {
    "report": ("report", "--no-pager"),
    "missing": ("missing", "--no-pager"),
    "doctor": ("doctor",),
    "help": ("--help",),
    "help of report": ("report", "--help"),
    "a slip": ("report", "--formt", "csv"),
    "an error": ("report", "no such instrument"),
}


def words(shown: Shown) -> list[str]:
    """Return the lines without what colours them, and without the blanks at their ends."""
    return [line.rstrip() for line in ANSI.sub("", shown.text).splitlines()]


@pytest.mark.parametrize(
    "command",
    [
        name if name in ("report", "doctor", "help") else pytest.param(name, marks=pytest.mark.slow)
        for name in COMMANDS
    ],
)
def test_no_colour(terminal: Terminal, command: str) -> None:
    without = terminal(*COMMANDS[command], NO_COLOR="1")
    assert not COLOUR.search(without.text)
    on_a_dumb_terminal = terminal(*COMMANDS[command], TERM="dumb")
    assert "\x1b" not in on_a_dumb_terminal.text
    assert words(on_a_dumb_terminal) == words(without)
    if command in ("report", "doctor", "help"):
        in_colour = terminal(*COMMANDS[command], NO_COLOR="")
        assert COLOUR.search(in_colour.text)
        assert words(in_colour) == words(without)


def test_links_where_the_terminal_is_known_to_show_them(terminal: Terminal) -> None:
    template = {"AUTOSTATS_INSTRUMENT_URL": "https://reduction.example/{instrument}"}
    link = re.compile(r"\x1b\]8;[^;]*;https://reduction\.example/GEM\x1b\\GEM *\x1b\]8;;\x1b\\")
    shown = terminal("report", rows=60, VTE_VERSION="7600", **template)
    assert link.search(shown.text)
    assert "reduction.example" not in terminal("report", rows=60, **template).text
    paged = terminal(*LONG, PAGER="cat -v", VTE_VERSION="7600", **template)
    assert "GEM" in paged.text
    assert "reduction.example" not in paged.text, "not every pager passes links on"
