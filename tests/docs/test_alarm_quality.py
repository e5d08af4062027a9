"""The figures in docs/freshness.md and docs/attention.md of how good the alarms are come from the benches."""

import re
from pathlib import Path

import pytest
from support.dbt_project import ROOT
from support.extent import long_only

from bench import alarm_quality, attention
from bench.alarm_quality import UNUSUAL

FRESHNESS = (ROOT / "docs" / "freshness.md").read_text(encoding="utf-8")
ATTENTION = (ROOT / "docs" / "attention.md").read_text(encoding="utf-8")


def numbers(cell: str) -> tuple[int, ...]:
    return tuple(int(number.replace(",", "")) for number in cell.split(", "))


def published() -> dict[int, list[tuple[int, ...]]]:
    """The rows of single seeds: outages, table-days, and what each rule found with its false alarms."""
    rows = re.findall(r"^\| (\d{3}) \| (.+) \|$", FRESHNESS, flags=re.MULTILINE)
    return {int(seed): [numbers(cell) for cell in cells.split(" | ")] for seed, cells in rows}


def test_the_summary_is_of_the_seeds() -> None:
    rows = published()
    assert tuple(rows) == alarm_quality.SEEDS
    for place, name in enumerate(alarm_quality.RULES):
        counts = [(row[0][0], row[1][0], *row[2 + place]) for row in rows.values()]
        recalls = [found / outages for outages, _, found, _ in counts]
        alarms = [1000 * false / days for _, days, _, false in counts]
        outages, days, found, false = (sum(column) for column in zip(*counts, strict=True))
        line = (
            f"| {name} | {found / outages:.3f} ({min(recalls):.3f} to {max(recalls):.3f})"
            f" | {1000 * false / days:.1f} ({min(alarms):.1f} to {max(alarms):.1f}) |"
        )
        assert line in FRESHNESS
        if name == UNUSUAL:
            assert found / outages > 0.94
            assert 1000 * false / days < 2.5


def test_the_summary_of_what_needs_attention_is_of_the_seeds() -> None:
    pattern = r"^\| (\d{3}) \| `(\w+)` \| (.+) \|$"
    rows = [
        (int(seed), subject, [numbers(cell) for cell in cells.split(" | ")])
        for seed, subject, cells in re.findall(pattern, ATTENTION, flags=re.MULTILINE)
    ]
    assert [row[:2] for row in rows] == [(s, kind) for s in attention.SEEDS for kind in attention.KINDS]
    for kind in attention.KINDS:
        own = [cells for _, subject, cells in rows if subject == kind]
        for place, name in enumerate(attention.RULES):
            judged = [attention.Quality(planted, *cells[place], days) for (planted,), (days,), *cells in own]
            assert attention.summary_of(kind, name, judged) in ATTENTION
            if name == attention.OURS:
                assert sum(each.found for each in judged) / sum(each.planted for each in judged) > 0.94
                alarms = sum(each.false_alarms for each in judged)
                assert 1000 * alarms / sum(each.instrument_days for each in judged) < 1.5


@pytest.mark.slow
@long_only
def test_a_seed_again(tmp_path: Path) -> None:
    seed = alarm_quality.SEEDS[-1]
    judged = alarm_quality.study(seed, alarm_quality.rendered(tmp_path))
    assert alarm_quality.row_of(seed, judged) in FRESHNESS


@pytest.mark.slow
@long_only
def test_a_seed_of_what_needs_attention_again(tmp_path: Path) -> None:
    seed = attention.SEEDS[-1]
    judged = attention.study(seed, attention.rendered(tmp_path))
    for kind in attention.KINDS:
        assert attention.row_of(seed, kind, judged) in ATTENTION
