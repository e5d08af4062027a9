"""The units for systemd: valid, hardened, and their commands exist."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.documentation import ROOT
from support.installed import Autostats

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
PROGRAM = "/opt/autostats/bin/autostats"
ANALYZE = shutil.which("systemd-analyze")

pytestmark = pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze")


def analyzed(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ANALYZE), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_systemd_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    assert PROGRAM in text
    # The program is not installed where the unit expects it.
    own = tmp_path / unit.name
    own.write_text(text.replace(PROGRAM, sys.executable))
    checked = analyzed("verify", "--recursive-errors=no", own)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_little_is_left_to_it(unit: Path) -> None:
    rated = analyzed("security", "--offline=true", "--no-pager", unit)
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", rated.stdout)
    assert exposure is not None, rated.stdout + rated.stderr
    # Of ten; a unit without any hardening has 9.6.
    assert float(exposure[1]) <= 2.0


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_its_command_line_is_understood(unit: Path, autostats: Autostats) -> None:
    [line] = re.findall(rf"^ExecStart={PROGRAM} (.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)
    ran = autostats(*shlex.split(line), "--help")
    assert ran.code == 0, ran.err
    named = [word for word in shlex.split(line) if word.startswith("--")]
    assert all(word in ran.out for word in named)
