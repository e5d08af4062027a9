"""Every setting: its key in `autostats.toml`, the environment variables that also set it, its default."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autostats.configuration.value_types import (
    ANY_TEXT,
    CALENDAR,
    COUNT,
    ERA,
    FILL,
    FLAG,
    LIMIT,
    LINK,
    LOG_FORMAT,
    MOMENT,
    PAGE,
    PORT,
    SECONDS,
    SHARE,
    STATE,
    TEXT,
    TEXTS,
    Value,
    ValueType,
)

VARS = "vars."
RULES = "rules."
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
SERVE_TOKEN = Key("serve.token", TEXT, '"${SERVE_TOKEN}"', ("AUTOSTATS_TOKEN",), is_secret=True)
SERVE_ORIGINS = Key(
    "serve.cors_origins", TEXTS, '["https://grafana.facility.example"]', ("AUTOSTATS_CORS_ORIGINS",)
)
SERVE_HOURS = Key("serve.report_hours", COUNT, "24", ("AUTOSTATS_REPORT_HOURS",), 24)
SOURCE_SCHEMA = Key(
    "vars.source_schema", TEXT, '"autoreduction"', ("AUTOSTATS_SOURCE_SCHEMA",), "autoreduction"
)

THING_URLS: Mapping[str, Key] = {
    thing: Key(
        f"{thing}_url",
        LINK,
        f'"https://reduction.facility.example{path}"',
        (f"AUTOSTATS_{thing.upper()}_URL",),
    )
    for thing, path in (
        ("instrument", "/instruments/{instrument}"),
        ("run", "/runs/{instrument}/{run}"),
        ("job", "/jobs/{job}"),
    )
}
FACILITY_NAME = Key("facility_name", TEXT, '"ISIS Neutron and Muon Source"', ("AUTOSTATS_FACILITY_NAME",))
LOGO = Key("logo", TEXT, '"logo.svg"', ("AUTOSTATS_LOGO",))
OWNER = Key("owner", TEXT, '"Data reduction team <reduction@facility.example>"', ("AUTOSTATS_OWNER",))
PAGE_URL = Key("page_url", PAGE, '"https://stats.facility.example/week.html"', ("AUTOSTATS_PAGE_URL",))

# In the order of the documentation and of `autostats settings`.
_ALL = (
    SOURCE_URL,
    TARGET,
    Key("title", TEXT, '"Data reduction at the facility"', ("AUTOSTATS_TITLE",), "Data reduction"),
    FACILITY_NAME,
    LOGO,
    OWNER,
    *THING_URLS.values(),
    PAGE_URL,
    PASSWORD,
    Key("wait", SECONDS, "10", ("AUTOSTATS_WAIT",), 10),
    Key("timeout", LIMIT, "3600", ("AUTOSTATS_TIMEOUT",), 3600),
    Key("memory_limit", TEXT, '"1GB"', ("AUTOSTATS_MEMORY_LIMIT",), "1GB"),
    Key("pager", ANY_TEXT, '"less -S"', ("AUTOSTATS_PAGER",)),
    Key("plain", FLAG, "true", ("AUTOSTATS_PLAIN",), False),
    Key("log_format", LOG_FORMAT, '"json"', ("AUTOSTATS_LOG_FORMAT",), "text"),
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
    Key("vars.announce_grace", COUNT, "3600", default=3600),
    Key("vars.live_days", COUNT, "7", default=7),
    Key("rules.pass_rate_below", SHARE, "0.9"),
    Key("rules.p95_above", LIMIT, "600"),
    Key("rules.pending_for", LIMIT, "7200"),
    Key("rules.silent_for", LIMIT, "86400"),
    NOTIFY_URLS,
    Key("notify.config", TEXT, '"/etc/apprise.yml"', ("AUTOSTATS_NOTIFY_CONFIG",)),
    Key("notify.attach_report", FLAG, "true", default=False),
    SERVE_TOKEN,
    SERVE_ORIGINS,
    SERVE_HOURS,
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
RULE_NAMES = tuple(name.removeprefix(RULES) for name in KEYS if name.startswith(RULES))
# By their names in dbt.
VARIABLES: Mapping[str, Key] = {key.var: key for key in _ALL if key.var is not None}
# They belong to one run, and so only to its command line.
OF_ONE_RUN = ("as_of", "from_day", "to_day")


def key_of(name: str) -> Key | None:
    """Return the setting `name`; a rule may also be that of one instrument: `rules.WISH.pending_for`."""
    known = KEYS.get(name)
    if known is not None or not name.startswith(RULES):
        return known
    instrument, rule = rule_parts(name)
    of_all = KEYS.get(RULES + rule)
    return replace(of_all, name=name) if of_all is not None and instrument else None


def meant_rule(name: str) -> str:
    """Return which rule `name` may mean, or else what rules there are: a sentence."""
    rule = nearest(name, RULE_NAMES)
    return f"Did you mean {rule}?" if rule else f"The rules are {', '.join(RULE_NAMES)}."


def rule_parts(name: str) -> tuple[str, str]:
    """Return the instrument that a setting of `[rules]` is for, "" for all, and the name of the rule."""
    instrument, _, rule = name.removeprefix(RULES).rpartition(".")
    return instrument, rule


def rules_of(settings: Mapping[str, Value]) -> dict[str, Value]:
    """Return the rules among settings as dbt's var `rules`, those of an instrument under its name."""
    of_all: dict[str, Value] = {}
    by_instrument: dict[str, dict[str, Value]] = {}
    for name, value in settings.items():
        if name.startswith(RULES):
            instrument, rule = rule_parts(name)
            (by_instrument.setdefault(instrument, {}) if instrument else of_all)[rule] = value
    return {**of_all, **by_instrument}


def flat_rules(rules: Mapping[object, object]) -> dict[str, object]:
    """Return dbt's var `rules` by the names of the settings; null sets nothing."""
    found: dict[str, object] = {}
    for name, value in rules.items():
        if isinstance(value, Mapping):
            found |= {f"{RULES}{name}.{rule}": each for rule, each in value.items()}
        else:
            found[f"{RULES}{name}"] = value
    return {name: value for name, value in found.items() if value is not None}


def nearest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str | None:
    """Return the known name that `name` may mean: from another section, or the most similar; else None."""
    from difflib import get_close_matches

    last = name.rpartition(".")[2]
    same = [each for each in known if each.rpartition(".")[2] == last]
    return next(iter(same or get_close_matches(name, known, 1)), None)
