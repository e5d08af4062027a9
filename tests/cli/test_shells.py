"""What Tab does in real shells: names stay one word, whatever is in them."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from support.installed import COMMAND, bare_environment, run_command
from support.marts import wish_jobs, write_marts
from support.terminal import in_a_terminal

NAMES = (
    "ISIS (old)",
    "Bob's",
    'Say "hi"',
    "cash $HOME",
    "queue; now & `then`",
    "tilde ~ * ? [a]",
    r"\slash",
    "ÖRTLICH größer",
    "up  to",
    "a:b",
)
# The command itself prints its arguments; for completion, the shells run the program.
_POSIX = "autostats() { printf '<%s>' \"$@\"; echo done.; }\n"
_FISH = "function autostats; printf '<%s>' $argv; echo done.; end\nfunction fish_prompt; echo 'ready>'; end\n"
Typed = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def named_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("named")
    write_marts(
        home / "autostats.duckdb", wish_jobs(), datetime(2020, 2, 12, 23, 30), idle_instruments=[*NAMES]
    )
    return home


@pytest.fixture(params=["bash", "zsh", "fish"])
def typed(request: pytest.FixtureRequest, named_home: Path, tmp_path: Path) -> Typed:
    """Type a line in a shell with completion, and return the arguments that the command gets."""
    shell = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = run_command(
        ("--show-completion", shell),
        tmp_path,
        {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "AUTOSTATS_HOME": str(named_home)},
    ).out
    commands = {
        "bash": ["bash", "--noprofile", "--rcfile", str(tmp_path / "rc"), "-i"],
        "zsh": ["zsh", "-d", "-i"],
        "fish": ["fish", "--no-config", "-i", "-C", f"source {tmp_path / 'rc'}"],
    }
    starts = {
        "bash": f"{script}\n{_POSIX}bind 'set enable-bracketed-paste off'\nPS1='ready>'\n",
        "zsh": f"autoload -Uz compinit; compinit -u -D\n{script}\n{_POSIX}PS1='ready>'\nunsetopt PROMPT_SP\n",
        "fish": f"{script}\n{_FISH}",
    }
    (tmp_path / (".zshrc" if shell == "zsh" else "rc")).write_text(starts[shell], encoding="utf-8")
    environment = bare_environment(
        tmp_path,
        {
            "AUTOSTATS_HOME": str(named_home),
            "PATH": f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}",
            "TERM": "xterm",
            "ZDOTDIR": str(tmp_path),
        },
    )

    def line(text: str) -> list[str]:
        keys = {"ready>": f"{text}\r", "done.": "exit\r"}
        shown = in_a_terminal(commands[shell], environment, columns=200, keys=keys).text
        return re.findall(r"<([^<>]*)>", shown.rpartition("done.")[0])

    return line


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_one_word(typed: Typed, name: str) -> None:
    begun = r"\\" if name[0] == "\\" else name[0]
    assert typed(f"autostats report {begun}\t --all") == ["report", name, "--all"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('report "ISIS \t --all', ["report", "ISIS (old)", "--all"]),
        ("report 'ISIS (\t --all", ["report", "ISIS (old)", "--all"]),
        (r"report ISIS\ " + "\t --all", ["report", "ISIS (old)", "--all"]),
        ("report 'Bo\t --all", ["report", "Bob's", "--all"]),
        ('report "cash\t --all', ["report", "cash $HOME", "--all"]),
        ("report ISIS\t Bob\t", ["report", "ISIS (old)", "Bob's"]),
        ("report --cycle=2019/01\t", ["report", "--cycle=2019/01"]),
        ("report --last 4\t", ["report", "--last", "4"]),
        ("report --last=4w\t", ["report", "--last=4w"]),
        ("report --target p\t", ["report", "--target", "postgres"]),
        ("run --from 2020-02-11\t --quiet", ["run", "--from", "2020-02-11", "--quiet"]),
        ("attent\t --check", ["attention", "--check"]),
        ("report --no-p\t -q", ["report", "--no-pager", "-q"]),
    ],
)
def test_words_that_are_begun(typed: Typed, line: str, words: list[str]) -> None:
    assert typed(f"autostats {line}") == words
