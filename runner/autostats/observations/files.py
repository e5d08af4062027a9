"""The single files that looks at the archive have seen."""

from typing import Any

from autostats.dbt_setup.setup import Setup
from autostats.observations.attach import CATALOG, collected
from autostats.sql_text import literal
from autostats.warehouse import Warehouse

_OF_RUN = "select * from obs_files where instrument = {instrument} and run_number = {run_number}"
_NEWEST = """
select location, file_type, path, cast(bytes as bigint) as bytes,
    cast(modified_at as timestamp) as modified_at
from {files} as files
where exists (
    select 1 from {collections} as collections
    where collections.collection_id = files.collection_id and collections.state = 'complete'
)
qualify row_number() over (partition by location, file_type, path order by collection_id desc) = 1
order by location, path
"""


def files_of_run(
    warehouse: Warehouse, setup: Setup, instrument: str, run_number: int
) -> list[dict[str, Any]] | None:
    """Return a run's files as they were last seen; None where nobody has looked for any.

    Raises UsageError or LockedError when the observations cannot be read.
    """
    seen = collected(warehouse.connection, setup)
    if "obs_files" not in seen:
        return None
    wanted = _OF_RUN.format(instrument=literal(instrument), run_number=run_number)
    if setup.server is None:
        # DuckDB's reader itself reads every row of a SQLite table, whatever is asked of it.
        files = f"sqlite_query({literal(CATALOG)}, {literal(wanted)})"
    else:
        files = f"({wanted.replace('obs_files', seen['obs_files'], 1)})"
    return warehouse.rows(_NEWEST.format(files=files, collections=seen["obs_collections"]))
