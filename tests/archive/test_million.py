"""Objects by the million: counted in little memory, and through a store that misbehaves now and then."""

import os
import subprocess
from pathlib import Path

import pytest
from support.archive import Archive, Fault, made_up_bucket
from support.extent import Extent
from support.installed import COMMAND, bare_environment, run_command

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
        with (tmp_path / "errors.txt").open("w") as errors:
            running = subprocess.Popen(
                [str(COMMAND), "archive", "count", "--quiet", "--output", str(tmp_path / "counted.csv")],
                env=bare_environment(nobody, archive.env),
                stderr=errors,
            )
            _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0, (tmp_path / "errors.txt").read_text()
    assert archive.observed("select count, bytes from obs_file_counts") == [
        {"count": KEYS, "bytes": 10 * KEYS}
    ]
    runs = archive.observed("select first_run_number, last_run_number, is_settled from obs_file_runs")
    assert [tuple(row.values()) for row in runs] == [(1, KEYS, 1)]
    # Kilobytes.
    assert usage.ru_maxrss < 200_000
