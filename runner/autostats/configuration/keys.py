"""Every setting: its key in `autostats.toml`, the environment variables that also set it, its default."""

from collections.abc import Mapping
from dataclasses import dataclass

from autostats.configuration.value_types import (
    ANY_TEXT,
    CALENDAR,
    COUNT,
    ERA,
    FILL,
    FLAG,
    LIMIT,
    MOMENT,
    PORT,
    SECONDS,
    STATE,
    TEXT,
    TEXTS,
    Value,
    ValueType,
)

VARS = "vars."
DEFAULT_TARGET = "duckdb"


@dataclass(frozen=True)
class Key:
    """A setting. `example` is a value as TOML writes it; the first of `variables` that is set counts.

    A secret may contain `${VARIABLE}`, and is never shown.
    """

    name: str
    kind: ValueType
    example: str
    variables: tuple[str, ...] = ()
    default: Value | None = None
    is_secret: bool = False

    @property
    def var(self) -> str | None:
        """The dbt var that it sets, or None."""
        return self.name.removeprefix(VARS) if self.name.startswith(VARS) else None


SOURCE_URL = Key(
    "source_url", TEXT, '"mysql://reader@db.example/autoreduction"', ("AUTOSTATS_SOURCE_URL",), is_secret=True
)
TARGET = Key("target", TEXT, '"duckdb"', ("AUTOSTATS_TARGET", "DBT_TARGET"))
PASSWORD = Key("password", TEXT, '"${DB_PASSWORD}"', ("DBT_ENV_SECRET_AUTOSTATS_PASSWORD",), is_secret=True)
NOTIFY_URLS = Key(
    "notify.urls",
    TEXTS,
    '["mailto://mail.example?to=team@facility.example"]',
    ("AUTOSTATS_NOTIFY_URLS",),
    is_secret=True,
)
SOURCE_SCHEMA = Key(
    "vars.source_schema", TEXT, '"autoreduction"', ("AUTOSTATS_SOURCE_SCHEMA",), "autoreduction"
)

# In the order of the documentation and of `autostats settings`.
_ALL = (
    SOURCE_URL,
    TARGET,
    Key("title", TEXT, '"Data reduction at the facility"', ("AUTOSTATS_TITLE",), "Data reduction"),
    PASSWORD,
    Key("wait", SECONDS, "10", ("AUTOSTATS_WAIT",), 10),
    Key("timeout", LIMIT, "3600", ("AUTOSTATS_TIMEOUT",), 3600),
    Key("memory_limit", TEXT, '"1GB"', ("AUTOSTATS_MEMORY_LIMIT",), "1GB"),
    Key("pager", ANY_TEXT, '"less -S"', ("AUTOSTATS_PAGER",)),
    Key("plain", FLAG, "true", ("AUTOSTATS_PLAIN",), False),
    Key("vars.facility_timezone", TEXT, '"Europe/London"', default="Europe/London"),
    Key("vars.source_timezone", TEXT, '"UTC"', default="UTC"),
    SOURCE_SCHEMA,
    Key("vars.schema_era", ERA, '"auto"', default="auto"),
    Key("vars.lookback_days", COUNT, "14", default=14),
    Key("vars.max_gap", COUNT, "1000", default=1000),
    Key("vars.earliest_time", MOMENT, '"1990-01-01"', default="1990-01-01 00:00:00"),
    Key("vars.availability_fill", FILL, '"previous"', default="previous"),
    Key("vars.availability_no_data", STATE, '"unknown"', default="unknown"),
    Key("vars.availability_first_state", STATE, '"up"'),
    Key("vars.availability_max_gap", COUNT, "7200"),
    Key("vars.availability_calendar", CALENDAR, '"hours"', default="hours"),
    Key("vars.short_uptime", COUNT, "3600", default=3600),
    Key("vars.observation_days", COUNT, "90", default=90),
    NOTIFY_URLS,
    Key("notify.config", TEXT, '"/etc/apprise.yml"', ("AUTOSTATS_NOTIFY_CONFIG",)),
    Key("postgres.host", TEXT, '"db.example"', ("AUTOSTATS_POSTGRES_HOST",), "localhost"),
    Key("postgres.port", PORT, "5432", ("AUTOSTATS_POSTGRES_PORT",), 5432),
    Key("postgres.user", TEXT, '"autostats"', ("AUTOSTATS_POSTGRES_USER",), "autostats"),
    Key("postgres.database", TEXT, '"autoreduction"', ("AUTOSTATS_POSTGRES_DATABASE",), "autoreduction"),
    Key("postgres.sslmode", TEXT, '"verify-full"', ("AUTOSTATS_POSTGRES_SSLMODE",), "prefer"),
    Key("mysql.host", TEXT, '"db.example"', ("AUTOSTATS_MYSQL_HOST",), "localhost"),
    Key("mysql.port", PORT, "3306", ("AUTOSTATS_MYSQL_PORT",), 3306),
    Key("mysql.user", TEXT, '"autostats"', ("AUTOSTATS_MYSQL_USER",), "autostats"),
    Key("mysql.database", TEXT, '"autostats"', ("AUTOSTATS_MYSQL_DATABASE",), "autostats"),
)
KEYS: Mapping[str, Key] = {key.name: key for key in _ALL}
SECTIONS = frozenset(name.partition(".")[0] for name in KEYS if "." in name)
# By their names in dbt.
VARIABLES: Mapping[str, Key] = {key.var: key for key in _ALL if key.var is not None}
# They belong to one run, and so only to its command line.
OF_ONE_RUN = ("as_of", "from_day", "to_day")


def nearest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str | None:
    """Return the known name that `name` may mean: from another section, or the most similar; else None."""
    from difflib import get_close_matches

    last = name.rpartition(".")[2]
    same = [each for each in known if each.rpartition(".")[2] == last]
    return next(iter(same or get_close_matches(name, known, 1)), None)
