"""News of the archive: runs that have a file and no job, and instruments whose last runs are missing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from autostats.queries.archive import archived_instruments
from autostats.queries.rows import Row
from autostats.queries.scope import Scope

Run = tuple[str, int]


@dataclass(frozen=True)
class Archived:
    """What the archive says now: of each instrument whose files are counted, and of missing runs."""

    instruments: Sequence[Row] = ()
    archive_only: frozenset[Run] = frozenset()


@dataclass(frozen=True)
class KnownArchive:
    """What a destination was told: the runs that have a file and no job, and the instruments behind."""

    archive_only: frozenset[Run] = frozenset()
    behind: frozenset[str] = frozenset()


NOTHING_ARCHIVED = Archived()
NOTHING_TOLD = KnownArchive()


def read_archived(scope: Scope, missing: Sequence[Row]) -> Archived:
    """Return what the archive says; `missing` are rows of missing runs."""
    return Archived(
        instruments=archived_instruments(scope),
        archive_only=frozenset(
            (row["instrument"], row["run_number"])
            for row in missing
            if row["state"] == "open" and row["kind"] == "archive_only"
        ),
    )


def newly_behind(archived: Archived, told: KnownArchive) -> list[Row]:
    """Return the instruments that are behind and were not told to be."""
    return [row for row in archived.instruments if row["is_behind"] and row["instrument"] not in told.behind]


def caught_up(archived: Archived, told: KnownArchive) -> list[Row]:
    """Return the instruments that were told to be behind and are not."""
    return [
        row
        for row in archived.instruments
        if not row["is_behind"] and not _is_unknown(row) and row["instrument"] in told.behind
    ]


def known_archive(archived: Archived, told: KnownArchive, missing: Collection[Run]) -> KnownArchive:
    """Return the knowledge of somebody who was told everything, and knew what `told` says before.

    What was told is not told again for as long as the run is one of the `missing`, whatever the archive says
    in between, or the archive says nothing.
    """
    return KnownArchive(
        archive_only=archived.archive_only | told.archive_only.intersection(missing),
        behind=frozenset(
            row["instrument"]
            for row in archived.instruments
            if row["is_behind"] or (_is_unknown(row) and row["instrument"] in told.behind)
        ),
    )


def _is_unknown(row: Row) -> bool:
    """Whether nobody has looked for so long that nobody can say who is behind."""
    return row["archive_last_run_number"] is None
