"""The figures of `is_unusual` in docs/freshness.md are those of the bench."""

import re
from pathlib import Path

import pytest
from support.dbt_project import ROOT
from support.extent import long_only

from bench.alarm_quality import RULES, SEEDS, UNUSUAL, rendered, row_of, study

PAGE = (ROOT / "docs" / "freshness.md").read_text(encoding="utf-8")


def published() -> dict[int, list[tuple[int, ...]]]:
    """The rows of single seeds: outages, table-days, and what each rule found with its false alarms."""
    rows = re.findall(r"^\| (\d{3}) \| (.+) \|$", PAGE, flags=re.MULTILINE)
    return {
        int(seed): [tuple(int(n.replace(",", "")) for n in cell.split(", ")) for cell in cells.split(" | ")]
        for seed, cells in rows
    }


def test_the_summary_is_of_the_seeds() -> None:
    rows = published()
    assert tuple(rows) == SEEDS
    for place, name in enumerate(RULES):
        counts = [(row[0][0], row[1][0], *row[2 + place]) for row in rows.values()]
        recalls = [found / outages for outages, _, found, _ in counts]
        alarms = [1000 * false / days for _, days, _, false in counts]
        outages, days, found, false = (sum(column) for column in zip(*counts, strict=True))
        line = (
            f"| {name} | {found / outages:.3f} ({min(recalls):.3f} to {max(recalls):.3f})"
            f" | {1000 * false / days:.1f} ({min(alarms):.1f} to {max(alarms):.1f}) |"
        )
        assert line in PAGE
        if name == UNUSUAL:
            assert found / outages > 0.94
            assert 1000 * false / days < 2.5


@pytest.mark.slow
@long_only
def test_a_seed_again(tmp_path: Path) -> None:
    seed = SEEDS[-1]
    assert row_of(seed, study(seed, rendered(tmp_path))) in PAGE
