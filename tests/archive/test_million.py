"""Objects by the million: counted in little memory, and through a store that misbehaves now and then."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.archive import Archive, Fault, made_up_bucket
from support.extent import Extent
from support.installed import COMMAND, bare_environment, run_command

# From a process as small as this: a child counts what its parent had when it began.
MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
# With every change, a tenth of a million.
KEYS = Extent(100_000, 1_000_000).now


def sometimes(number: int) -> tuple[int, str | None] | None:
    """Now and then refuse, break off, or send half a page."""
    return {10: (503, ""), 40: (429, ""), 70: (200, None)}.get(number)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [sometimes])
def test_very_many_keys(archive: Archive, tmp_path: Path, fault: Fault) -> None:
    nobody = tmp_path / "nobody"
    with made_up_bucket(KEYS, fault) as url:
        options = {"anon": True, "endpoint_url": url}
        archive.write(
            {"name": "raw", "url": "s3://made/{instrument}", "instruments": ["WISH"], "options": options}
        )
        assert run_command(("archive", "register"), nobody, archive.env).code == 0
        measured = subprocess.run(
            [sys.executable, "-c", MEASURE, str(COMMAND), "archive", "count", "--quiet", "--format", "csv"],
            env=bare_environment(nobody, archive.env),
            capture_output=True,
            text=True,
            check=False,
        )
    assert measured.returncode == 0, measured.stderr
    kilobytes = int(measured.stdout.splitlines()[-1])
    assert archive.observed("select count, bytes from obs_file_counts") == [
        {"count": KEYS, "bytes": 10 * KEYS}
    ]
    runs = archive.observed("select first_run_number, last_run_number, is_settled from obs_file_runs")
    assert [tuple(row.values()) for row in runs] == [(1, KEYS, 1)]
    assert kilobytes < 200_000
