"""What a table gives up where there is little room, and how it looks outside a terminal."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from support.installed import COMMAND, Autostats
from support.terminal import in_a_terminal


def headings(out: str) -> str:
    """Return the words above the first rule of the summary."""
    lines = out.splitlines()
    lines = lines[lines.index("Summary") :]
    rule = next(place for place, line in enumerate(lines) if set(line) in ({"─"}, {"-"}))
    return " ".join(" ".join(lines[:rule]).split())


def test_at_80_columns(autostats: Autostats, busy_home: Path) -> None:
    out = autostats("report", "--home", busy_home).out
    for heading in (
        "Instr.",
        "Jobs",
        "Pass",
        "Fail",
        "rate",
        "Mean",
        "Median",
        "p95",
        "Runs",
        "solved",
        "Per day",
    ):
        assert heading in headings(out)
    left_out = "Left out at 80 columns: Evidence; of summary also Skipped, Pending, Other, Runs failed"
    assert left_out in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 80


def test_at_160_columns(autostats: Autostats, busy_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    out = autostats("report", "--home", busy_home).out
    for heading in (
        "Instrument",
        "Skipped",
        "Pending",
        "Other",
        "failed",
        "Resolved",
        "Missing",
        "Jobs per day",
    ):
        assert heading in headings(out)
    assert "Left out" not in out


def test_one_instrument_needs_no_total(autostats: Autostats, busy_home: Path) -> None:
    assert "Total" in autostats("report", "--home", busy_home).out
    assert "Total" not in autostats("report", "WISH", "--home", busy_home).out


@pytest.mark.parametrize("locale", [None, "C", "POSIX", "en_GB.ISO-8859-1"])
def test_a_mail_of_cron_is_plain_ascii(busy_home: Path, locale: str | None) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(busy_home)}
    if locale:
        environment["LANG"] = locale
    for command in (
        ["report", "--all"],
        ["missing", "--jumps"],
        ["explain", "WISH", "2020-02-10", "p95_exe_time"],
    ):
        done = subprocess.run(
            [str(COMMAND), *command, "--home", busy_home],
            env=environment,
            capture_output=True,
            check=True,
        )
        assert done.stdout.decode("ascii")
        assert b"\x1b" not in done.stdout
        assert done.stderr == b""
        assert max(map(len, done.stdout.splitlines())) <= 80


def test_colour_on_a_terminal_only_and_no_background(busy_home: Path) -> None:
    import re

    command = [str(COMMAND), "report", "--no-pager", "--home", str(busy_home)]
    environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    shown = in_a_terminal(command, environment).text
    assert set(re.findall(r"\x1b\[([0-9;]*)m", shown)) == {"0", "1", "2", "31", "1;31", "7;31"}
    without = in_a_terminal(command, environment | {"NO_COLOR": "1"}).text
    assert "\x1b[31m" not in without
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == re.sub(r"\x1b\[[0-9;]*m", "", without)
