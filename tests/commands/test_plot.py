"""`autostats plot`: what the terminal shows, what the files hold, and how it fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from autostats.charts import ChartName
from autostats.commands import plot as plot_command
from autostats.installation import install_line
from autostats.render import notes
from support.installed import COMMAND, Autostats
from support.terminal import in_a_terminal

NAMES = [name.value for name in ChartName]
SINCE = ("--from", "2020-01-24", "--to", "2020-02-12")
SLOW_PACKAGES = ("altair", "plotext", "vl_convert")


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_gets_no_colour_and_no_line_that_is_too_long(
    autostats: Autostats, busy_home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in (40, 80, 200):
        monkeypatch.setenv("COLUMNS", str(width))
        result = autostats("plot", name, *SINCE, "--home", busy_home, "--quiet")
        assert (result.code, result.err) == (0, "")
        assert "\x1b" not in result.out
        assert max(map(len, result.out.splitlines())) <= width
        assert "Statistics of 2020-02-12 23:30" in " ".join(result.out.split())
        assert len(result.out.splitlines()) > 8


def test_jobs_in_ascii(autostats: Autostats, wish_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    result = autostats("plot", "jobs", "--last", "2d", "--to", "2020-02-12", "--home", wish_home)
    assert (
        result.out.split("\nStatistics")[0]
        == """\
Jobs per day, by outcome
All instruments, 2020-02-11 to 2020-02-12 (2 days), Europe/London

5+--------
 |--------
4+--------
 |xxxxxxxx oooooooo
 |xxxxxxxx oooooooo
3+xxxxxxxx oooooooo
 |xxxxxxxx ########
 |xxxxxxxx ########
2+######## ########
 |######## ########
 |######## ########
1+######## ########
 |######## ########
0+######## ########
 +----+-------+-----
    11 Feb  12 Feb

# passed   x failed   - skipped   o pending
Parts too small for a line are drawn as one line.

9 jobs: 5 passed, 2 failed, 1 skipped, 1 pending. Most on Tue 2020-02-11: 5.
Most failed on Tue 2020-02-11: 2.
2020-02-12 was not over when the statistics were built."""
    )


@pytest.mark.parametrize("name", NAMES)
def test_ascii_is_ascii(
    autostats: Autostats, busy_home: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert autostats("plot", name, *SINCE, "--home", busy_home).out.isascii()


@pytest.mark.parametrize("name", NAMES)
def test_a_terminal_gets_colour_unless_it_does_not_want_it(busy_home: Path, name: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(busy_home),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "AUTOSTATS_HOME": str(busy_home),
    }
    command = [str(COMMAND), "plot", name, *SINCE]
    coloured = in_a_terminal(command, environment)
    assert coloured.code == 0
    assert "\x1b[1m" in coloured.text
    assert re.search(r"[█─▄⠒⠔⠢]", coloured.text)
    plain = in_a_terminal(command, environment | {"NO_COLOR": "1"})
    assert plain.code == 0
    assert not re.search(r"\x1b\[[0-9;]*m", plain.text)
    assert re.search(r"[█─▄⠒⠔⠢]", plain.text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dark", [False, True])
def test_files(autostats: Autostats, busy_home: Path, tmp_path: Path, name: str, dark: bool) -> None:
    more = ("--dark",) if dark else ()
    svg, png = tmp_path / "a.svg", tmp_path / "b.PNG"
    for file in (svg, png):
        result = autostats("plot", name, "gem", *SINCE, "--home", busy_home, "-o", file, *more, "--quiet")
        assert (result.code, result.out, result.err) == (0, "", "")
    root = ElementTree.parse(svg).getroot()
    recorded = "; recorded from 2020-02-11" if name == "availability" else ""
    assert f"GEM, 2020-01-24 to 2020-02-12 (20 days){recorded}, Europe/London" in " ".join(root.itertext())
    background = next(root.iter("{http://www.w3.org/2000/svg}rect")).get("fill")
    assert background == ("#14191f" if dark else "#ffffff")
    assert png.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "b.PNG"]


def test_an_empty_period_is_a_sentence(autostats: Autostats, busy_home: Path, tmp_path: Path) -> None:
    period = ("--from", "2018-01", "--to", "2018-01")
    sentence = "No statistics for 2018-01-01 to 2018-01-31 (31 days): they go from"
    for name in NAMES:
        shown = autostats("plot", name, *period, "--home", busy_home)
        assert shown.code == 0
        began = "2020-02-11" if name == "availability" else "2020-01-24"
        assert f"{sentence} {began}" in " ".join(shown.out.split())
        assert len(shown.out.splitlines()) < 8
    file = tmp_path / "empty.svg"
    assert autostats("plot", "jobs", *period, "--home", busy_home, "--output", file).code == 0
    assert sentence in " ".join(ElementTree.parse(file).getroot().itertext())


def test_a_period_that_is_not_over_says_where_the_statistics_end(
    autostats: Autostats, busy_home: Path
) -> None:
    result = autostats("plot", "jobs", "--from", "2020-02-10", "--to", "2020-03-01", "--home", busy_home)
    assert "The statistics end on 2020-02-12: later days of the period are not counted." in result.err
    assert "2020-02-10 to 2020-03-01 (21 days); recorded until 2020-02-12" in result.out
    assert "2020-02-12 was not over when the statistics were built." in result.out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("jobs", "-o", "x.pdf"), "--output 'x.pdf' is neither an SVG nor a PNG file."),
        (("jobs", "-o", "jobs"), "--output 'jobs' is neither an SVG nor a PNG file."),
        (("jobs", "--dark"), "--dark is for pictures"),
        (("pie",), "'pie' is not one of 'jobs', 'pass-rate'"),
        (("jobs", "nowhere"), "There is no instrument 'nowhere'."),
        (("jobs", "-o", "/nowhere/at/all.svg"), "/nowhere/at/all.svg cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    autostats: Autostats, wish_home: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    result = autostats("plot", *arguments, "--home", wish_home, "--quiet")
    assert (result.code, result.out) == (2, "")
    assert complaint in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("arguments", [("jobs",), ("jobs", "-o", "x.svg"), ("missing", "-o", "x.png")])
def test_without_the_extra_it_says_what_to_install(
    autostats: Autostats,
    wish_home: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for package in SLOW_PACKAGES:
        monkeypatch.setitem(sys.modules, package, None)
    result = autostats("plot", *arguments, "--home", wish_home, "--quiet")
    assert (result.code, result.out) == (2, "")
    assert install_line("charts") in result.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_only_what_draws_is_imported(wish_home: Path, tmp_path: Path) -> None:
    def imported(*arguments: str | Path) -> set[str]:
        script = (
            "import sys; from autostats.cli import invoke; assert invoke(sys.argv[1:]) == 0;"
            f"print(*({SLOW_PACKAGES} + ('dbt', 'pandas')).__class__(sys.modules), file=sys.stderr)"
        )
        command = [sys.executable, "-c", script, *arguments, "--home", wish_home]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return {*SLOW_PACKAGES, "dbt", "pandas"} & set(done.stderr.splitlines()[-1].split())

    assert imported("report") == set()
    assert imported("plot", "exe-time", "--to", "2020-02-12") == {"plotext"}
    file = tmp_path / "x.svg"
    assert imported("plot", "exe-time", "--to", "2020-02-12", "-o", file) <= {"altair", "vl_convert"}


def test_what_takes_long_says_so_to_whoever_waits_at_a_screen(
    autostats: Autostats, wish_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = plot_command.read_chart

    def slowly(*arguments: object) -> object:
        time.sleep(0.2)
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(notes, "PATIENCE_SECONDS", 0.05)
    quick = autostats("plot", "jobs", "--to", "2020-02-12", "--home", wish_home, "--quiet")
    monkeypatch.setattr(plot_command, "read_chart", slowly)
    asked = ("plot", "jobs", "--to", "2020-02-12", "--home", wish_home)
    assert "is taking longer than usual" not in autostats(*asked).err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    slow = autostats(*asked)
    assert "is taking longer than usual" in slow.err
    assert slow.out == quick.out
