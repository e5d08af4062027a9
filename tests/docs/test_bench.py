"""The bench runs, and the tables that it compares are equal."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.extent import long_only


@pytest.mark.slow
@long_only
def test_the_bench_runs(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "bench",
        "--sizes",
        "0.02,0.05",
        "--nights",
        "1",
        "--folder",
        str(tmp_path),
    ]
    ran = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=900, check=False
    )
    assert ran.returncode == 0, ran.stderr
    for ratio in (
        "full refresh / hand-written query",
        "night's SQL / hand-written script",
        "report / bare import",
    ):
        assert ratio in ran.stdout
