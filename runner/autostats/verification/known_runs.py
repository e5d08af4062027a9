"""Which jobs have which run numbers, on either side: the table `known_runs` of a DuckDB connection."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

Run = tuple[str, int]
Rows = Callable[[str, Sequence[Any]], list[dict[str, Any]]]


class KnownRuns:
    """The instrument, run number and job of each line of a temporary table, made once."""

    def __init__(self, rows: Rows, query: str) -> None:
        """Make the table from `query`, which selects `job_id`, `instrument` and `run_number`."""
        self._rows = rows
        rows(f"create temp table known_runs as {query}", [])

    def jobs_of(self, runs: Collection[Run]) -> set[int]:
        """Return the ids of the jobs of the runs, including batches."""
        query = """
            select distinct job_id
            from known_runs
            inner join (select unnest($1) as instrument, unnest($2::bigint[]) as run_number) as wanted
                using (instrument, run_number)
        """
        return {row["job_id"] for row in self._rows(query, _columns(runs))} if runs else set()

    def next_below(self, runs: Collection[Run]) -> dict[Run, int]:
        """Return the next lower run number on the instrument of each run, if there is one."""
        query = """
            select wanted.instrument, wanted.run_number, known_runs.run_number as below
            from (select unnest($1) as instrument, unnest($2::bigint[]) as run_number) as wanted
            asof join known_runs
                on wanted.instrument = known_runs.instrument and wanted.run_number > known_runs.run_number
        """
        rows = self._rows(query, _columns(runs)) if runs else []
        return {(row["instrument"], row["run_number"]): row["below"] for row in rows}


def _columns(runs: Collection[Run]) -> list[Any]:
    return [[instrument for instrument, _ in runs], [number for _, number in runs]]
