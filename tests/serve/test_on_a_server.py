"""Statistics that are on a server of their own are served by the same words."""

import time
from pathlib import Path

import pytest
from support.accounts import account
from support.serving import serving

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("target", ["postgres", "mysql"])
def test_rows_and_reports(target: str, tmp_path: Path) -> None:
    with account(target, tmp_path) as autostats:
        ran = autostats("run", "--as-of", "2020-02-12 23:30")
        assert ran.code == 0, ran.err
        home = Path(autostats.environment["AUTOSTATS_HOME"])
        served = serving(home, "--target", target, env=autostats.environment, command=autostats.command)
        with served as server, server.client() as client:
            page = client.get("/api/jobs-1d", params={"instrument": "WISH"}).json()
            assert sum(row["jobs_total"] for row in page["rows"]) == 9
            words = {"from": "2020-02-11", "to": "2020-02-12", "format": "csv"}
            report = client.post("/reports", json=words).json()
            for _ in range(300):
                if report["state"] != "Running":
                    break
                time.sleep(0.1)
                report = client.get(report["url"]).json()
            assert report["state"] == "Complete", report
            expected = autostats("report", "--from", "2020-02-11", "--to", "2020-02-12", "--format", "csv")
            assert client.get(report["file"]).text == expected.out
            assert "autostats_jobs{" in client.get("/metrics").text
