"""The dbt-duckdb plugin that gives dbt the source; `profiles.example.yml` names it.

It reads the environment by itself, so that no password is in a profile, in dbt's variables, its manifest
or its log.
"""

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from autostats.errors import AutostatsError
from autostats.source.attach import attach
from autostats.source.url import Source


class Plugin(BasePlugin):  # type: ignore[misc]  # dbt has no types
    """Attaches the database that `AUTOSTATS_SOURCE_URL` names."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Attach the source; an error of ours says its remedy too, for dbt prints the text alone."""
        try:
            attach(conn, Source.from_environment())
        except AutostatsError as error:
            error.args = (f"{error} {error.remedy}".strip(),)
            raise

    def configure_cursor(self, cursor: DuckDBPyConnection) -> None:
        """Give each session of dbt the time zone in which the models read times."""
        cursor.execute("set TimeZone = 'UTC'")
