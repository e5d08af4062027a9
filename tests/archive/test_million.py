"""A million objects: counted in little memory, and through a store that misbehaves now and then."""

import os
import subprocess
from pathlib import Path

import pytest
from support.archive import Archive, Fault, made_up_bucket
from support.installed import COMMAND, bare_environment, run_command

MILLION = 1_000_000


def sometimes(number: int) -> tuple[int, str | None] | None:
    """Now and then refuse, break off, or send half a page."""
    return {100: (503, ""), 400: (429, ""), 700: (200, None)}.get(number)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [sometimes])
def test_a_million_keys(archive: Archive, tmp_path: Path, fault: Fault) -> None:
    nobody = tmp_path / "nobody"
    with made_up_bucket(MILLION, fault) as url:
        options = {"anon": True, "endpoint_url": url}
        archive.write(
            {"name": "raw", "url": "s3://made/{instrument}", "instruments": ["WISH"], "options": options}
        )
        assert run_command(("archive", "register"), nobody, archive.env).code == 0
        running = subprocess.Popen(
            [str(COMMAND), "archive", "count", "--quiet", "--output", str(tmp_path / "counted.csv")],
            env=bare_environment(nobody, archive.env),
        )
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    assert archive.observed("select count, bytes from obs_file_counts") == [
        {"count": MILLION, "bytes": 10 * MILLION}
    ]
    runs = archive.observed("select first_run_number, last_run_number, is_settled from obs_file_runs")
    assert [tuple(row.values()) for row in runs] == [(1, MILLION, 1)]
    # Kilobytes.
    assert usage.ru_maxrss < 200_000
