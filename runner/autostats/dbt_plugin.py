"""The dbt-duckdb plugin that gives dbt the source; `profiles.example.yml` names it.

It reads the environment and the settings file by itself, so that no password is in a profile, in dbt's
variables, its manifest or its log.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from autostats.configuration.resolve import configure
from autostats.configuration.secrets import configured_source
from autostats.errors import AutostatsError
from autostats.home import Home
from autostats.observations.attach import attach_observations
from autostats.run.preflight import make_folder
from autostats.run.snapshot import connect_database
from autostats.source.attach import attach
from autostats.warehouse import wait_limit


@contextmanager
def _remedies_told() -> Iterator[None]:
    """Add the remedy to the text of our errors, because dbt prints the text alone."""
    try:
        yield
    except AutostatsError as error:
        error.args = (f"{error} {error.remedy}".strip(),)
        raise


class Plugin(BasePlugin):  # type: ignore[misc]  # dbt has no types
    """Attaches the database named by `AUTOSTATS_SOURCE_URL` or the home's settings file."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Make the folder of the statistics, and check that their file opens, before dbt opens it.

        dbt retries whatever fails there for three quarters of a minute, but only a lock is worth waiting for.
        """
        if creds.path == ":memory:" or creds.is_motherduck:
            return
        path = Path(creds.path)
        with _remedies_told():
            make_folder(path.absolute().parent)
            connect_database(path, wait_limit()).close()

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Attach the source, and what collectors have seen, if any has looked."""
        home = Home.resolve()
        with _remedies_told():
            # A build of what collectors have seen has no use for it, and may come every few seconds.
            if os.environ.get("_AUTOSTATS_SOURCE") != "left alone":
                attach(conn, configured_source(configure(home)))
            attach_observations(conn, home)

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        """Give each session of dbt the time zone in which the models read times."""
        cursor.execute("set TimeZone = 'UTC'")
