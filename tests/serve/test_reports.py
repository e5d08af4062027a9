"""Reports on demand: ordered, made once, fetched, expired."""

import io
import shutil
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from autostats.errors import LockedError
from autostats.home import Home
from autostats.serve.report_store import ReportState, opened
from prometheus_client.parser import text_string_to_metric_families
from support.installed import Autostats, Demo
from support.published import publish
from support.serving import Server, serving

NOW = datetime(2026, 11, 28, 12)
DAYS = {"from": "2020-02-10", "to": "2020-02-12"}


@pytest.fixture
def home(busy_home: Path, tmp_path: Path) -> Path:
    """A home whose build has the statistics of some busy days."""
    build = publish(tmp_path)
    shutil.copy(busy_home / "autostats.duckdb", tmp_path / "published" / f"{build}.marts.duckdb")
    return tmp_path


def _ended(client: httpx.Client, report_id: str) -> dict[str, Any]:
    for _ in range(300):
        found: dict[str, Any] = client.get(f"/reports/{report_id}").json()
        if found["state"] != "Running":
            return found
        time.sleep(0.1)
    pytest.fail("the report is not made")


def test_a_report_is_the_one_of_the_command(home: Path, busy_home: Path, autostats: Autostats) -> None:
    with serving(home) as server, server.client() as client:
        ordered = client.post("/reports", json={**DAYS, "instruments": ["WISH", "GEM"], "format": "csv"})
        assert ordered.status_code == 202
        told = ordered.json()
        assert ordered.headers["location"] == told["url"] == f"/reports/{told['report_id']}"
        assert told["state"] == "Running"
        ended = _ended(client, told["report_id"])
        assert (ended["state"], ended["reason"]) == ("Complete", None)
        file = client.get(ended["file"])
        assert file.headers["content-type"] == "text/csv; charset=utf-8"
        words = ("--from", "2020-02-10", "--to", "2020-02-12", "--format", "csv")
        assert file.text == autostats("report", "WISH", "GEM", *words, "--home", busy_home).out
        again = client.post("/reports", json={"instruments": ["GEM", "WISH"], "format": "csv", **DAYS})
        assert (again.status_code, again.json()["report_id"]) == (200, told["report_id"])
        page = client.post("/reports", json=DAYS).json()
        assert page["report_id"] != told["report_id"]
        html = client.get(_ended(client, page["report_id"])["file"])
        assert html.text.startswith("<!DOCTYPE html>")
        book = client.post("/reports", json={**DAYS, "format": "xlsx"}).json()
        file = client.get(_ended(client, book["report_id"])["file"])
        assert file.headers["content-disposition"].endswith('.xlsx"')
        assert "summary" in openpyxl.load_workbook(io.BytesIO(file.content)).sheetnames
        publish(home, keep=1)
        time.sleep(1.5)
        # Of another build, it is another report.
        assert client.post("/reports", json=DAYS).json()["report_id"] != page["report_id"]


@pytest.mark.slow
def test_a_report_that_cannot_be_made_says_why(home: Path) -> None:
    with serving(home) as server, server.client() as client:
        for words, reason in (
            ({"last": "0d"}, "--last '0d' is not a span of days"),
            ({"instruments": ["--help"]}, "--help"),
            ({"from": "2020-02-31"}, "2020-02-31"),
        ):
            ordered = client.post("/reports", json=words).json()
            ended = _ended(client, ordered["report_id"])
            assert (ended["state"], ended["file"]) == ("Failed", None)
            assert reason in ended["reason"]
            assert str(home) not in ended["reason"]
            assert client.get(f"/reports/{ordered['report_id']}/file").status_code == 409
            # What has failed is tried again.
            assert client.post("/reports", json=words).json()["report_id"] != ordered["report_id"]


@pytest.mark.parametrize(
    "body",
    [
        *('{"last": 7}', '{"lst": "7d"}', "[]", "", "{", '{"last": ""}', '{"format": "docx"}', "\x00"),
        *('{"last": "7x"}', '{"last": "--home=/tmp"}', '{"from": "soon"}', '{"cycle": "a b"}'),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(client: httpx.Client, body: str) -> None:
    answer = client.post("/reports", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"error", "remedy"}


@pytest.mark.parametrize(
    "report_id",
    ["", "1", "..", "0d36c4fd-acfa-4fc4-a969-01acbbf90c0e", "0D36C4FD-ACFA-4FC4-A969-01ACBBF90C0E", "%00"],
)
def test_an_unknown_report(client: httpx.Client, report_id: str) -> None:
    assert client.get(f"/reports/{report_id}/file").status_code == 404
    assert client.get(f"/get_report?report_id={report_id}").status_code == 404


@pytest.mark.slow
def test_a_stop_ends_reports_and_a_kill_leaves_orphans(home: Path) -> None:
    with serving(home) as server, server.client() as client:
        stopped = client.post("/reports", json=DAYS).json()["report_id"]
        assert server.stop(signal.SIGTERM) == 0
    with serving(home) as server, server.client() as client:
        found = client.get(f"/reports/{stopped}").json()
        assert (found["state"], "stopped" in str(found["reason"])) == ("Failed", True)
        orphan = client.post("/reports", json=DAYS).json()["report_id"]
        server.stop(signal.SIGKILL)
    with serving(home) as server, server.client() as client:
        found = client.get(f"/reports/{orphan}").json()
        assert (found["state"], "stopped" in str(found["reason"])) == ("Failed", True)
        assert client.get(f"/get_report?report_id={orphan}").text.startswith("Failed: ")


@pytest.mark.slow
def test_the_queue_is_bounded(home: Path) -> None:
    with serving(home) as server, server.client() as client:
        answers = [client.post("/reports", json={"last": f"{days}d"}) for days in range(1, 26)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[:16] == [202] * 16
        assert 429 in statuses
        refused = answers[statuses.index(429)]
        assert refused.headers["retry-after"] == "60"
        assert client.get("/api/jobs-1d").status_code == 200


def test_reports_expire(tmp_path: Path) -> None:
    home, day = Home(tmp_path), timedelta(hours=24)
    with opened(home, NOW, day) as store:
        made = store.add("key", "build", ".csv", "text/csv", NOW)
        store.file(made).write_text("a,b\n")
        draft = store.file(made).with_name(f".{made.report_id}.csv.x.part")
        draft.write_text("")
        (home.reports / "other.csv").write_text("")
        store.forget(NOW + timedelta(days=9))
        # It is not complete yet.
        assert (store.file(made).exists(), draft.exists()) == (True, True)
        assert not (home.reports / "other.csv").exists()
        store.end(made.report_id, NOW)
        assert store.like("key") == store.find(made.report_id)
        with pytest.raises(LockedError), opened(home, NOW, day):
            pass
    with opened(home, NOW + day, day) as store:
        found = store.find(made.report_id)
        assert found is not None
        assert found.state == ReportState.COMPLETE
        store.forget(NOW + timedelta(seconds=1))
        assert store.find(made.report_id) is None
        assert list(home.reports.iterdir()) == []


def test_metrics_are_those_of_the_report_and_the_server(home: Path) -> None:
    with serving(home) as server, server.client() as client:
        answer = client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        found = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert found["autostats_served_report_metrics"].samples[0].value == 1
    assert found["autostats_served_build_age_seconds"].samples[0].value > 0
    assert {sample.labels["instrument"] for sample in found["autostats_jobs"].samples} >= {"WISH", "GEM"}


def test_metrics_without_statistics_are_those_of_the_server(server: Server, client: httpx.Client) -> None:
    found = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    assert found["autostats_served_report_metrics"].samples[0].value == 0
    assert "autostats_jobs" not in found
    states = found["autostats_served_statistics"].samples
    assert {sample.labels["state"]: sample.value for sample in states} == {"ok": 3, "failed": 1}


@pytest.mark.slow
def test_the_paths_of_the_older_monitor(own_demo: Demo) -> None:
    publish(own_demo.home)
    with serving(own_demo.home) as server, server.client() as client:
        report_id = client.get("/trigger_report").json()["report_id"]
        assert client.get(f"/get_report?report_id={report_id}").text == "Running"
        for _ in range(600):
            answer = client.get(f"/get_report?report_id={report_id}")
            if answer.text != "Running":
                break
            time.sleep(0.2)
        assert answer.headers["content-type"] == "text/csv; charset=utf-8", answer.text
        assert answer.headers["x-report-state"] == "Complete"
        assert answer.text.splitlines()[0] == (
            "store_id,uptime_last_hour,uptime_last_day,uptime_last_week,"
            "downtime_last_hour,downtime_last_day,downtime_last_week"
        )
