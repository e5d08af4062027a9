"""Where the observations of an installation are: a file of the home, or the schema of the statistics."""

from sqlalchemy.engine import URL

from autostats.dbt_setup.setup import Setup
from autostats.source.url import Source


def observations_url(setup: Setup) -> tuple[URL, str | None, str]:
    """Return the URL of the database, the schema in it where there are several, and its name for people."""
    if setup.server is None:
        path = setup.home.observations
        return URL.create("sqlite", database=str(path)), None, str(path)
    statistics = setup.server.statistics.with_login_files()
    if statistics.kind == "postgresql":
        return _server_url("postgresql+psycopg2", statistics), statistics.schema, statistics.redacted
    return _server_url("mysql+mysqlconnector", statistics), None, statistics.redacted


def _server_url(driver: str, source: Source) -> URL:
    options = dict(source.options)
    if driver.startswith("mysql"):
        options = {"unix_socket": options["socket"]} if "socket" in options else {}
    return URL.create(
        driver, source.user, source.password, source.host, source.port, source.database, query=options
    )
