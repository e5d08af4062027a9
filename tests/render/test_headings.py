"""A heading says how many things are listed below it, whether all are shown or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from autostats.render.section import Column, Section
from support.installed import Autostats


@pytest.mark.parametrize(
    ("count", "which", "heading"),
    [
        (None, "", "Runs"),
        (0, "", "Runs"),
        (1, "", "Runs (1)"),
        (1204, "failed today", "Runs (1,204), failed today"),
        (0, "failed today", "Runs, failed today"),
    ],
)
def test_a_heading_counts(count: int | None, which: str, heading: str) -> None:
    section = Section("runs", "Runs", [Column("run")], [{"run": "1"}], [["run"]], count=count, which=which)
    assert section.heading == heading


def test_missing_runs_are_counted_not_their_ranges(autostats: Autostats, busy_home: Path) -> None:
    options = ("report", "--missing", "--home", busy_home)
    ranges = json.loads(autostats(*options, "--format", "json").out)["missing"]
    runs = sum(row["runs"] for row in ranges)
    heading = f"Missing runs ({runs:,}), noticed in this period"
    assert heading in autostats(*options).out
    assert heading in autostats(*options, "--plain").out
    assert heading in autostats(*options, "--format", "md").out.replace("\\", "")
