"""The requests on the page about the server get answers."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from support.dbt_project import ROOT
from support.published import jobs_by_day, publish
from support.serving import serving

PAGE = ROOT / "docs" / "serve.md"
BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)


@pytest.mark.slow
def test_requests_work(tmp_path: Path) -> None:
    publish(tmp_path, [jobs_by_day()])
    requests = [
        line for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")) for line in block.splitlines()
    ]
    assert len(requests) == 7
    with serving(tmp_path) as server:
        for request in requests:
            command = shlex.split(request.replace("http://127.0.0.1:8417", server.url))
            ran = subprocess.run(
                [*command, "--fail-with-body"],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert ran.returncode == 0, (request, ran.stdout, ran.stderr)
    assert (tmp_path / "jobs.csv").read_text(encoding="utf-8").startswith("day,instrument,")
    assert (tmp_path / "jobs.svg").read_text(encoding="utf-8").startswith("<svg")
