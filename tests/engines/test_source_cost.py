"""A night reads from the source's server what may have changed, by its keys, and never the logs."""

import re
import subprocess
import sys

import pytest
from support.extent import some
from support.nights import PROJECT
from support.sources import Engine, require_engine

pytestmark = pytest.mark.slow

# Large enough for a scan in pieces to tempt the reader, and for the server to prefer its index.
JOBS = 50_000


@pytest.mark.parametrize("engine", some(["mariadb", "postgres"], 1))
def test_a_night_reads_few_rows(engine: Engine) -> None:
    require_engine(engine)
    command = [
        *(sys.executable, "-m", "bench.source_cost", "--jobs", str(JOBS)),
        *("--engine", engine, "--target", "duckdb"),
    ]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stderr
    look_back = _figures(r"()([\d,]+) in the look-back", ran.stdout)[""]
    jobs = _figures(r"^  reductionrun: (.*?) {2,}([\d,]+)$", ran.stdout)
    # A table as narrow as that of the run numbers a server may well scan while it is small.
    # To count ids, MariaDB reads each from an index, and PostgreSQL the rows of pages that changed lately.
    # Both read keys to say which of our jobs are still there, and MariaDB counts these like rows.
    by_key = jobs.pop("rows read" if engine == "mariadb" else "rows by index")
    assert 300 < by_key <= (JOBS + 2 * look_back if engine == "mariadb" else 1.2 * look_back)
    assert not any(jobs.values()), jobs


def _figures(pattern: str, text: str) -> dict[str, int]:
    return {name: int(rows.replace(",", "")) for name, rows in re.findall(pattern, text, re.MULTILINE)}
