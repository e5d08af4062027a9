"""Any command line ends in a documented exit code and one sentence, never in a traceback."""

import contextlib
import io
import re
from datetime import datetime
from pathlib import Path

import pytest
import typer
from autostats.cli import COMMANDS, build_app, invoke
from autostats.source import connection as source_connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.installed import Autostats
from support.marts import wish_jobs, write_marts
from support.reliability.figures import COMMAND_LINES

_CODES = {0, 1, 2, 3, 4, 5, 6, 130}
_NAMES = ("WISH", "wish", "[bold]X[/]", 'O\'Neil "q" %s', "=1+1", "🚀", "../x", "'; drop table fct_jobs; --")
_DAYS = (
    *("2020-02-11", "2020-02", "2020-02-30", "yesterday", "today", "0001-01-01", "9999-12-31", "7d", "0d"),
    *("999999999999d", "2019/04", "", " ", "-1d", "2020-02-11T10:00", "١٢٣"),
)
_NUMBERS = ("0", "1", "-1", "7", "1e9", "nan", "inf", "99999999999999999999", "0x10")
_WORDS = (
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "cycle",
    "previous",
    "year",
    "add",
    "csv",
    "json",
    "md",
    "table",
    "open",
    "jobs_failed",
    "p95_exe_time",
)
# A name of a file, never of a folder elsewhere: what is written is written into the test's own folder.
_FILES = ("out.csv", "out.json", "out.md", "no/such/folder.csv", ".", "file/below", "n" * 300)


def _options() -> dict[str, list[str]]:
    """Return the options of each command, as the command line itself knows them."""
    group = typer.main.get_command(build_app(list(COMMANDS)))
    commands = group.commands  # type: ignore[attr-defined]
    return {
        name: [option for parameter in command.params for option in parameter.opts if option[:1] == "-"]
        for name, command in commands.items()
    }


_OPTIONS = _options()
_SCRAPS = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), max_size=8).filter(
    lambda text: not text.startswith(("-o", "~"))
)
_VALUES = st.one_of(st.sampled_from((*_NAMES, *_DAYS, *_NUMBERS, *_WORDS)), _SCRAPS)


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command, mostly one that exists, with options, mostly of its own, and values, mostly sensible."""
    command = draw(st.sampled_from([*COMMANDS, "rpt", ""]))
    arguments = [command]
    if command == "demo":
        # It would be made; below a file it cannot.
        arguments += ["--dir", "file/below"]
    if command == "serve":
        # It would serve; where others could reach it without a token, it does not.
        arguments += ["--host", "192.0.2.1"]
    for _ in range(draw(st.integers(0, 4))):
        option = draw(st.sampled_from([*_OPTIONS.get(command, ["--help"]), "--unknown", "positional"]))
        if option in ("--dir", "--jobs"):
            continue
        if option != "positional":
            arguments.append(option)
        if option in ("--output", "-o"):
            arguments.append(draw(st.sampled_from(_FILES)))
        elif draw(st.booleans()) or option == "positional":
            arguments.append(draw(_VALUES))
    return arguments


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with statistics, whose sources and servers cannot be reached."""
    write_marts(tmp_path / "home" / "autostats.duckdb", wish_jobs(), datetime(2020, 2, 12, 23, 30))
    (tmp_path / "file").write_text("")
    work = tmp_path / "work"
    work.mkdir()
    (work / "file").write_text("")
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AUTOSTATS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AUTOSTATS_SOURCE_URL", f"sqlite:///{tmp_path}/nothing.sqlite")
    monkeypatch.setenv("AUTOSTATS_WAIT", "0.1")
    for engine in ("POSTGRES", "MYSQL"):
        monkeypatch.setenv(f"AUTOSTATS_{engine}_HOST", "127.0.0.1")
        monkeypatch.setenv(f"AUTOSTATS_{engine}_PORT", "1")
    monkeypatch.setattr(source_connection, "PAUSES_SECONDS", ())
    return work


def _check(arguments: list[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = invoke(arguments)
    printed = err.getvalue()
    assert code in _CODES, arguments
    assert "failed with an unexpected" not in printed, printed
    if "--debug" not in arguments:
        assert "Traceback" not in out.getvalue() + printed
    if code in {2, 3, 5, 6}:
        assert re.search(r"^error: .", printed, re.MULTILINE), (arguments, printed)


@pytest.mark.slow
def test_any_command_line_ends_in_a_documented_code(place: Path) -> None:
    @settings(
        max_examples=COMMAND_LINES.now,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(command_lines())
    def try_one(arguments: list[str]) -> None:
        _check(arguments)

    try_one()


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "--last", "999999999999d"],
        ["report", "--from", "0001-01-01", "--to", "9999-12-31", "--by", "day"],
        ["report", "--to", "0001-01-01", "--last", "7d"],
        ["report", "--from", "0001-01-01", "--to", "0001-01-02", "--by", "hour"],
        ["report", "--from", "0001-01-01", "--to", "0001-01-02", "--compare", "previous"],
        ["report", "--cycle", "2018/04", "--compare", "year"],
        ["cycles", "nonsense"],
        ["cycles", "add"],
        [
            "cycles",
            "add",
            "2027/01",
            "--from",
            "9999-12-31",
            "--to",
            "9999-12-31",
            "--maintenance",
            "0001-01-01",
        ],
        ["cycles", "add", "\udcff", "--from", "2027-01-01", "--to", "2027-01-02"],
        ["report", "--from", "9999-12-31"],
        ["report", "--last", "9999y"],
        ["explain", "WISH", "9999-12-31", "jobs_failed"],
        ["explain", "'; drop table fct_jobs; --", "today", "jobs_failed"],
        ["missing", "[bold]X[/]"],
        ["plot", "pass-rate", "--from", "0001-01-01", "--to", "9999-12-31"],
        ["plot", "jobs", "--output", "\udcff.svg"],
        ["plot", "missing", "--output", "/dev/null/x.png", "--dark"],
        ["missing", "--last", "0d"],
        ["run", "--wait", "nan"],
        ["run", "--wait", "inf"],
        ["run", "--as-of", "0001-01-01"],
        ["run", "--as-of", "0001-01-01T00:00+14:00"],
        ["run", "--as-of", "9999-12-31T23:59-14:00"],
        ["run", "--from", "0001-01-01"],
        ["run", "--vars", "{a: !!python/object:os.system x}"],
        ["run", "--vars", "{facility_timezone: [}"],
        ["run", "--target", "postgres"],
        ["report", "--home", "\udcff"],
        ["report", "-o", "n" * 300],
        ["verify", "--days", "99999999999999999999"],
        ["verify", "--seed", "-99999999999999999999"],
    ],
)
def test_a_command_line_on_the_edge(arguments: list[str], place: Path) -> None:
    _check(arguments)


def test_bytes_that_are_no_text(autostats: Autostats) -> None:
    ran = autostats("report", "caf\udce9", "\udcff")
    assert ran.code == 2
    assert "Traceback" not in ran.err
