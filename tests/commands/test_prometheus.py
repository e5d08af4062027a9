"""Metrics that node_exporter's textfile collector takes."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from autostats.text import printable
from support.homes import STRANGE_NAMES
from support.installed import COMMAND, Autostats

DAY = ("--from", "2020-02-11", "--to", "2020-02-11")
_SAMPLE = re.compile(r'([a-z_0-9]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (\S+)')
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
Labels = frozenset[tuple[str, str]]


def metrics(text: str) -> dict[str, dict[Labels, float]]:
    """Read the text format as strictly as its definition: HELP, TYPE, then the samples of one metric."""
    assert text.endswith("\n")
    found: dict[str, dict[Labels, float]] = {}
    lines = text[:-1].split("\n")
    for place, line in enumerate(lines):
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert name not in found
            assert lines[place + 1] == f"# TYPE {name} gauge"
            found[name] = {}
        elif not line.startswith("# TYPE "):
            sample = _SAMPLE.fullmatch(line)
            assert sample is not None, line
            assert sample[1] == name
            labels = frozenset(
                (label, re.sub(r"\\.", lambda escape: _ESCAPES[escape[0]], value))
                for label, value in _LABEL.findall(sample[2] or "")
            )
            assert labels not in found[name]
            found[name][labels] = float(sample[3])
    return found


def of(instrument: str, **more: str) -> Labels:
    return frozenset({"instrument": instrument, **more}.items())


def test_metrics_are_the_figures_of_the_report(autostats: Autostats, busy_home: Path) -> None:
    found = metrics(autostats("report", "--format", "prometheus", "--home", busy_home).out)
    report = json.loads(autostats("report", "--format", "json", "--home", busy_home).out)
    for row in report["summary"]:
        name = row["instrument"]
        for status in ("passed", "failed", "skipped", "pending", "other"):
            assert found["autostats_jobs"][of(name, status=status)] == row[f"jobs_{status}"]
        for outcome in ("passed", "failed", "other"):
            assert found["autostats_runs"][of(name, outcome=outcome)] == row[f"runs_{outcome}"]
        for metric, column in {
            "batch_jobs": "jobs_batch",
            "pass_ratio": "pass_rate",
            "timed_jobs": "exe_time_count",
            "execution_time_mean_seconds": "avg_exe_time",
            "execution_time_median_seconds": "median_exe_time",
            "execution_time_p95_seconds": "p95_exe_time",
            "resolved_runs": "resolved_runs",
            "missing_runs": "missing_runs",
        }.items():
            assert found[f"autostats_{metric}"][of(name)] == row[column]
    missing = json.loads(autostats("missing", "--format", "json", "--home", busy_home).out)["missing"]
    for name in ("WISH", "GEM", "Pearl"):
        runs = sum(row["runs"] for row in missing if row["instrument"] == name)
        assert found["autostats_open_missing_runs"][of(name)] == runs
        # From the first day on, with those that failed earlier named below the table: all there are.
        failing = json.loads(
            autostats(
                *("report", name, "--from", "2019-01-01", "--to", "2020-02-12", "--unresolved"),
                *("--format", "json", "--home", busy_home),
            ).out
        )["unresolved"]
        assert found["autostats_unresolved_runs"][of(name)] == len(failing)
    assert sum(found["autostats_open_missing_runs"].values()) > sum(found["autostats_missing_runs"].values())


def test_availability_is_that_of_the_report(autostats: Autostats, busy_home: Path) -> None:
    days = ("--from", "2020-02-11", "--to", "2020-02-12", "--home", str(busy_home))
    found = metrics(autostats("report", *days, "--format", "prometheus").out)
    rows = json.loads(autostats("availability", "report", *days, "--format", "json").out)["availability"]
    for row in rows:
        name = row["instrument"]
        for metric, column in {
            "availability_ratio": "availability",
            "scheduled_seconds": "scheduled_seconds",
            "outages": "outages",
        }.items():
            assert found[f"autostats_instrument_{metric}"][of(name)] == row[column]
        for state in ("up", "down", "unknown"):
            seconds = found["autostats_instrument_state_seconds"][of(name, state=state)]
            assert seconds == row[f"{state}_seconds"]
            now = found["autostats_instrument_state"][of(name, state=state)]
            assert now == (state == "down")
    assert {row["instrument"] for row in rows} == {"GEM", "WISH"}
    assert len(found["autostats_instrument_availability_ratio"]) == 2


def test_moments_are_seconds_since_1970(autostats: Autostats, busy_home: Path) -> None:
    found = metrics(autostats("report", *DAY, "--format", "prometheus", "--home", busy_home).out)
    nobody: Labels = frozenset()
    assert found["autostats_statistics_timestamp_seconds"][nobody] == 1581550200
    assert found["autostats_period_start_timestamp_seconds"][nobody] == 1581379200
    assert found["autostats_period_end_timestamp_seconds"][nobody] == 1581379200 + 86400


def test_what_is_not_known_has_no_sample(autostats: Autostats, wish_home: Path) -> None:
    found = metrics(autostats("report", "--format", "prometheus", "--home", wish_home).out)
    assert of("LOQ") not in found["autostats_execution_time_mean_seconds"]
    assert found["autostats_open_missing_runs"][of("LOQ")] == 0


def test_names_are_data(autostats: Autostats, strange_home: Path) -> None:
    out = autostats("report", *DAY, "--format", "prometheus", "--home", strange_home).out
    names = {dict(labels)["instrument"] for labels in metrics(out)["autostats_jobs"]}
    assert names == set(map(printable, STRANGE_NAMES))


def test_a_client_reads_the_same(autostats: Autostats, busy_home: Path, strange_home: Path) -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    for home in (busy_home, strange_home):
        out = autostats("report", *DAY, "--format", "prometheus", "--home", home).out
        read = {
            family.name: {frozenset(sample.labels.items()): sample.value for sample in family.samples}
            for family in parser.text_string_to_metric_families(out)
        }
        assert read == metrics(out)


def test_names_follow_the_practice(autostats: Autostats, busy_home: Path) -> None:
    found = metrics(autostats("report", "--format", "prometheus", "--home", busy_home).out)
    for name, samples in found.items():
        assert re.fullmatch(r"autostats(_[a-z0-9]+)+", name)
        # Suffixes of counters and histograms mean something else.
        assert not name.endswith(("_total", "_count", "_sum", "_bucket"))
        in_seconds = ("time_", "timestamp", "lag_", "_scheduled_", "_state_")
        assert any(part in name for part in in_seconds) == name.endswith("_seconds")
        assert not {label for labels in samples for label, _ in labels} & {"quantile", "le", "job"}


def test_a_file_appears_whole(busy_home: Path, tmp_path: Path) -> None:
    """While it is written over and over, each look at the folder finds one whole file, readable by all."""
    file = tmp_path / "autostats.prom"
    os.umask(0o022)
    command = [str(COMMAND), "report", *DAY, "--quiet", "--output", str(file), "--home", str(busy_home)]
    subprocess.run(command, check=True)
    sizes = set()
    for _ in range(2):
        with subprocess.Popen(command) as writer:
            while writer.poll() is None:
                assert [path.name for path in tmp_path.glob("*.prom")] == ["autostats.prom"]
                sizes.add(len(metrics(file.read_text(encoding="utf-8"))))
            assert writer.returncode == 0
    assert len(sizes) == 1
    assert file.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "command",
    [
        ("report", "--by", "day"),
        ("report", "--columns", "jobs_total"),
        ("missing",),
        ("explain", "WISH", "2020-02-10", "jobs_failed"),
    ],
)
def test_there_are_no_other_metrics(autostats: Autostats, busy_home: Path, command: tuple[str, ...]) -> None:
    result = autostats(*command, "--format", "prometheus", "--home", busy_home)
    assert (result.code, result.out) == (2, "")
    assert "Prometheus" in result.err


def test_tables_have_their_lag_and_one_state_each(
    autostats: Autostats, busy_home: Path, wish_home: Path
) -> None:
    found = metrics(autostats("report", "--format", "prometheus", "--home", busy_home).out)
    tables = json.loads(autostats("freshness", "report", "--format", "json", "--home", busy_home).out)[
        "tables"
    ]
    assert len(tables) == 4
    for row in tables:
        labels = frozenset({name: row[name] for name in ("dbobject", "table", "column")}.items())
        assert found["autostats_table_lag_seconds"].get(labels) == row["lag_seconds"]
        states = ("fresh", "warn", "stale", "unknown")
        values = [found["autostats_table_state"][labels | {("state", state)}] for state in states]
        assert values == [float(state == row["state"]) for state in states]
    # None of single instruments, and none where no table is monitored.
    for arguments in (("GEM", "--home", busy_home), ("--home", wish_home)):
        assert "table_" not in autostats("report", *arguments, "--format", "prometheus").out
