"""Numbers and dates are the same in every locale."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = [
    ("report", "--from", "2020-02-11", "--to", "2020-02-11", "--by", "week"),
    ("report", "--last", "yesterday", "--plain"),
    ("report", "--format", "csv"),
    ("report", "--format", "prometheus"),
    ("report", "--format", "json"),
    ("missing", "--format", "md"),
    ("explain", "WISH", "2020-02-10", "avg_exe_time"),
]
# As a program does that takes on the user's locale, and as ours does not: the number formats follow it.
PROGRAM = """
import locale, sys
locale.setlocale(locale.LC_ALL, "")
if sys.argv[1] == "--proof":
    print(f"{1.5:n}", locale.nl_langinfo(locale.ABDAY_3))
else:
    from autostats.cli import invoke
    sys.exit(invoke(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A German locale made here, where a computer has its sources: comma for point, `Di` for Tue."""
    folder = tmp_path_factory.mktemp("locales")
    if shutil.which("localedef") is None:
        pytest.skip("no localedef")
    made = subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "UTF-8", folder / "de_DE.UTF-8"], capture_output=True, check=False
    )
    if not (folder / "de_DE.UTF-8" / "LC_NUMERIC").exists():
        pytest.skip(f"localedef: {made.stderr.decode()[:200]}")
    return {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8"}


def run(environment: dict[str, str], *arguments: str) -> str:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=kept | environment,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8")


@pytest.mark.slow
def test_the_locale_would_change_numbers(german: dict[str, str]) -> None:
    assert run(german, "--proof").split() == ["1,5", "Di"]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_same_in_german(german: dict[str, str], busy_home: Path, command: tuple[str, ...]) -> None:
    english = run({"LC_ALL": "C.UTF-8"}, *command, "--home", str(busy_home))
    assert run(german, *command, "--home", str(busy_home)) == english


def test_no_format_asks_the_locale() -> None:
    """Nothing is formatted by `n`, or by a name of a day or a month."""
    asks = re.compile(r":n\}|%[aAbBxXpc]\b|nl_langinfo|setlocale|day_abbr|month_abbr|day_name|month_name")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in (ROOT / "runner").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if asks.search(line)
    ]
    assert found == []
