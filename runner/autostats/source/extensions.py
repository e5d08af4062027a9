"""DuckDB's readers for other databases, from their wheels."""

from importlib.util import find_spec
from pathlib import Path

import duckdb

from autostats.errors import UsageError


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load `mysql_scanner`, `postgres_scanner` or `sqlite_scanner` from its installed wheel.

    This needs no network and writes nothing to the user's home. Raises `UsageError` when it is not installed.
    """
    package = f"duckdb_extension_{name}"
    spec = find_spec(package)
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    files = [
        file
        for folder in folders
        for file in Path(folder).glob(f"extensions/v{duckdb.__version__}/{name}.duckdb_extension")
    ]
    if not files:
        from autostats.installation import install_line

        raise UsageError(
            f"DuckDB's {name} {duckdb.__version__} is not installed.",
            f"Install {package.replace('_', '-')}=={duckdb.__version__}, or reinstall: {install_line()}",
        )
    path = str(files[0]).replace("'", "''")
    connection.execute(f"load '{path}'")
