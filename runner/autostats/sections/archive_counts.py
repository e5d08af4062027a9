"""What looks at the archive have counted, and what a registration has changed, in tables."""

import json
from collections.abc import Sequence
from typing import Any

from autostats.archive.look import Seen
from autostats.archive.registry import Change
from autostats.render.section import Column, Kind, Section

COUNT_COLUMNS = (
    Column("location", Kind.TEXT, "Location", "{}", "The location, as registered."),
    Column("file_type", Kind.TEXT, "Files", description="The file type, as registered."),
    Column("instrument", Kind.TEXT, "Instrument", description="The instrument; empty for an experiment."),
    Column("experiment", Kind.TEXT, "Experiment", description="The experiment; empty for an instrument."),
    Column("cycle", Kind.TEXT, "Cycle", description="The cycle; empty if the location has none."),
    Column(
        "count", Kind.COUNT, "Count", description="The number of files; null if incomplete.", is_nullable=True
    ),
    Column(
        "expected",
        Kind.COUNT,
        "Expected",
        description="How many files there should be; null if that was not said.",
        is_nullable=True,
    ),
    Column(
        "shortfall",
        Kind.BAD_COUNT,
        "Shortfall",
        description="How many of the expected files are not there; null if unknown.",
        is_nullable=True,
    ),
    Column(
        "bytes", Kind.COUNT, "Bytes", description="Their size together; null if incomplete.", is_nullable=True
    ),
    Column(
        "newest_modified_at",
        Kind.TIME,
        "Newest",
        description="When the newest file was last modified. UTC timestamp; null if there is none.",
        is_nullable=True,
    ),
    Column("state", Kind.TEXT, "State", description="`settled`, `settling`, `empty` or `incomplete`."),
)
CHANGE_COLUMNS = (
    Column("kind", Kind.TEXT, "Kind", description="`experiment`, `location` or `file_type`."),
    Column("name", Kind.TEXT, "Name", "{}", "Its name."),
    Column("state", Kind.TEXT, "State", description="`new`, `changed` or `unchanged`."),
    Column(
        "changes", Kind.TEXT, "Changes", description="Each key that differs, with its old and its new value."
    ),
)


def state(row: dict[str, Any]) -> str:
    """Return the state of a count."""
    return "empty" if row["count"] == 0 else "settled" if row["is_settled"] else "settling"


def counts_section(seen: Sequence[Seen]) -> Section:
    """Return the counts, which are null for an incomplete look."""
    rows = [row for each in seen for row in _rows(each)]
    names = [name for name in ("instrument", "experiment", "cycle") if any(row[name] for row in rows)]
    if len({row["file_type"] for row in rows}) > 1:
        names.insert(0, "file_type")
    names.insert(0, "location")
    expected = ["expected", "shortfall"] if any(row["expected"] is not None for row in rows) else []
    return Section(
        name="counts",
        title="Files in the archive",
        columns=COUNT_COLUMNS,
        rows=rows,
        layouts=[
            [*names, "count", *expected, "bytes", "newest_modified_at", "state"],
            [*names, "count", *expected, "newest_modified_at", "state"],
            [*names, "count", *expected, "state"],
            [*names, "count", "state"],
        ],
        empty="There is nothing to count yet.",
    )


def _rows(seen: Seen) -> list[dict[str, Any]]:
    if seen.rows:
        return [
            {
                **row,
                "state": state(row),
                "shortfall": None if row["expected"] is None else max(0, row["expected"] - row["count"]),
            }
            for row in seen.rows
        ]
    target, is_broken = seen.target, bool(seen.error)
    nothing = None if is_broken else 0
    return [
        {
            "location": target.location.name,
            "file_type": kind.name,
            "instrument": instrument,
            "experiment": target.location.experiment,
            "cycle": target.cycle or "",
            "count": nothing,
            "bytes": nothing,
            "newest_modified_at": None,
            "shortfall": None if is_broken else target.location.expected_in(target.cycle or ""),
            "expected": target.location.expected_in(target.cycle or ""),
            "state": "incomplete" if is_broken else "empty",
        }
        for instrument in target.instruments
        for kind in target.file_types
    ]


def changes_section(found: Sequence[Change]) -> Section:
    """Return what each entry of a file is to what was registered before."""

    def said(change: Change) -> str:
        shown = [(key, json.dumps(old), json.dumps(new)) for key, (old, new) in change.values.items()]
        return "" if change.is_new else "; ".join(f"{key}: {old} -> {new}" for key, old, new in shown)

    return Section(
        name="entries",
        title="Registered",
        columns=CHANGE_COLUMNS,
        rows=[
            {"kind": each.kind, "name": each.entry.name, "state": each.state, "changes": said(each)}
            for each in found
        ],
        layouts=[["kind", "name", "state", "changes"], ["kind", "name", "state"]],
        empty="The file has no entries.",
    )
