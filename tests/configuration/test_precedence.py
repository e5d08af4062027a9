"""Which of the places that say a setting counts."""

import itertools
import os
from datetime import datetime
from pathlib import Path

import pytest
from autostats.configuration.build import Build, read_build, write_build
from autostats.configuration.given import given_variables
from autostats.configuration.keys import KEYS, VARIABLES, Key
from autostats.configuration.lend import lent_to_environment
from autostats.configuration.resolve import Configuration, Origin, as_layer, configure, own_variables
from autostats.configuration.secrets import configured_source, lend_password, notify_urls
from autostats.configuration.shown import shown
from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.home import Home
from autostats.source.url import Source

SAYING = [origin for origin in Origin if origin is not Origin.DEFAULT]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def _write(home: Home, text: str) -> None:
    home.settings_file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", ["vars.source_schema", "vars.facility_timezone", "target"])
@pytest.mark.parametrize(("first", "later"), list(itertools.combinations(SAYING, 2)))
def test_of_every_two_places_the_earlier_counts(name: str, first: Origin, later: Origin) -> None:
    settings = Configuration(Path("x"), {later: {name: "later"}, first: {name: "first"}})
    assert (settings[name].value, settings[name].origin) == ("first", first)
    settings = Configuration(Path("x"), {later: {name: "later"}, first: {}})
    assert (settings[name].value, settings[name].origin) == ("later", later)


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.name)
def test_what_nobody_says_is_the_default(key: Key, home: Home) -> None:
    setting = configure(home, environment={})[key.name]
    assert (setting.value, setting.origin) == (key.default, Origin.DEFAULT)


def test_each_place_is_read(home: Home) -> None:
    _write(
        home, '[vars]\nmax_gap = 3\nlookback_days = 3\nsource_timezone = "Asia/Tokyo"\nsource_schema = "f"'
    )
    settings = configure(
        home,
        as_layer({"max_gap": 1}, "--vars"),
        as_layer({"lookback_days": 4, "schema_era": "B", "as_of": None}, "dbt_project.yml"),
        {"AUTOSTATS_SOURCE_SCHEMA": "public", "AUTOSTATS_WAIT": " "},
    ).of_statistics(as_layer({"facility_timezone": "Europe/Stockholm", "max_gap": 5, "load": 7}, "x"))
    assert {
        name: (settings[f"vars.{name}"].value, str(settings[f"vars.{name}"].origin)) for name in VARIABLES
    } == {
        "max_gap": (1, "option"),
        "source_schema": ("public", "environment"),
        "lookback_days": (3, "file"),
        "source_timezone": ("Asia/Tokyo", "file"),
        "schema_era": ("B", "project"),
        "facility_timezone": ("Europe/Stockholm", "statistics"),
        "earliest_time": ("1990-01-01 00:00:00", "default"),
        "availability_fill": ("previous", "default"),
        "availability_no_data": ("unknown", "default"),
        "availability_first_state": (None, "default"),
        "availability_max_gap": (None, "default"),
        "availability_calendar": ("hours", "default"),
        "short_uptime": (3600, "default"),
        "announce_grace": (3600, "default"),
        "live_days": (7, "default"),
        "observation_days": (90, "default"),
    }
    assert settings["wait"].origin is Origin.DEFAULT
    assert settings.zones == {"facility_timezone": "Europe/Stockholm", "source_timezone": "Asia/Tokyo"}
    assert settings.variables("postgres")["source_schema"] == "public"
    # What nobody says, and has no default, is left to the project.
    unsaid = {"source_schema", "availability_first_state", "availability_max_gap"}
    assert set(settings.variables("duckdb")) == set(VARIABLES) - unsaid


def test_a_null_says_nothing_and_a_wrong_kind_is_refused() -> None:
    assert as_layer({"max_gap": None, "other": 1}, "x") == {}
    with pytest.raises(UsageError, match=r"--vars: max_gap is not a whole number"):
        as_layer({"max_gap": "five"}, "--vars")
    assert own_variables({"max_gap": 1, "as_of": "x", "mine": 2}) == {"as_of": "x", "mine": 2}


def test_the_vars_of_a_command_line() -> None:
    given = given_variables("{max_gap: 5, as_of: 2020-02-11, mine: x}", ["mine"])
    assert given == {"max_gap": 5, "as_of": "2020-02-11", "mine": "x"}
    assert given_variables("{as_of: 2020-02-11 10:00:00}", []) == {"as_of": "2020-02-11 10:00:00"}
    for text in ("[1]", "a", "{a: [b", "{max_gap: {a: 1}}"):
        with pytest.raises(UsageError) as caught:
            given_variables(text, [])
        assert caught.value.remedy
    with pytest.raises(UsageError, match="no var named facility_timezon") as caught:
        given_variables("{facility_timezon: UTC}", [])
    assert caught.value.remedy == "Did you mean facility_timezone?"
    with pytest.raises(UsageError) as caught:
        given_variables("{zzzzzz: 1}", ["mine"])
    assert "mine" in caught.value.remedy


def test_the_file_stands_in_for_variables_that_nobody_set(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(
        home,
        'wait = 1.5\nplain = true\ntarget = "postgres"\npassword = "s3cret"\nsource_url = "sqlite:///x"\n'
        '[postgres]\nport = 5433\nhost = "db"\n[notify]\nconfig = "/etc/apprise.yml"\nurls = ["json://x"]',
    )
    for name in [name for name in os.environ if name.startswith(("AUTOSTATS_", "DBT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AUTOSTATS_POSTGRES_HOST", "other")
    before = dict(os.environ)
    with lent_to_environment(home):
        lent = {name: value for name, value in os.environ.items() if before.get(name) != value}
    assert lent == {
        "AUTOSTATS_WAIT": "1.5",
        "AUTOSTATS_PLAIN": "1",
        "AUTOSTATS_TARGET": "postgres",
        "AUTOSTATS_POSTGRES_PORT": "5433",
        "AUTOSTATS_NOTIFY_CONFIG": "/etc/apprise.yml",
    }
    assert dict(os.environ) == before
    _write(home, "broken")
    with lent_to_environment(home):
        assert dict(os.environ) == before


def test_the_target(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AUTOSTATS_TARGET", "DBT_TARGET", "DBT_PROFILES_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert Setup(home).target_name is None
    write_build(home, Build("built"))
    assert Setup(home).target_name == "built"
    # A profile that is named has a target of its own.
    assert Setup(home, profiles_option=tmp_path).target_name is None
    _write(home, 'target = "file"')
    assert Setup(home, profiles_option=tmp_path).target_name == "file"
    monkeypatch.setenv("DBT_TARGET", "dbt")
    assert Setup(home).target_name == "dbt"
    monkeypatch.setenv("AUTOSTATS_TARGET", "ours")
    assert Setup(home).target_name == "ours"
    assert Setup(home, "option").target_name == "option"


def test_a_build_is_remembered(home: Home, tmp_path: Path) -> None:
    assert read_build(home) == Build()
    settings = {"vars.max_gap": 5, "vars.facility_timezone": "Europe/Paris"}
    build = Build("postgres", home.profiles, settings, datetime(2020, 2, 12, 6))
    write_build(home, build)
    assert read_build(home) == build
    moved = Home(tmp_path.with_name("moved"))
    home.root.rename(moved.root)
    assert read_build(moved).profiles_dir == moved.profiles
    write_build(moved, Build("duckdb", Path("/etc/dbt")))
    assert read_build(moved) == Build("duckdb", Path("/etc/dbt"))
    for nonsense in ("", "[]", "{}", '{"target": "x", "profiles_dir": null, "settings": {"max_gap": "x"}}'):
        (moved.root / "built.json").write_text(nonsense)
        assert read_build(moved) == Build()
    moved.root.rename(home.root)


def _of_file(home: Home) -> Configuration:
    return configure(home, environment={})


def test_the_source(home: Home) -> None:
    with pytest.raises(UsageError, match="No source database is set") as caught:
        configured_source(_of_file(home), {})
    assert "`autostats init`" in caught.value.remedy
    assert "`autostats demo`" in caught.value.remedy
    _write(home, 'source_url = "mysql://reader:${DB_PASSWORD}@db/x"')
    source = configured_source(_of_file(home), {"DB_PASSWORD": "p@ss:/word"})
    assert source.password == "p@ss:/word"
    assert str(home.settings_file) in source.origin
    with pytest.raises(UsageError, match="needs the environment variable DB_PASSWORD, which is not set"):
        configured_source(_of_file(home), {})
    assert configured_source(_of_file(home), {"AUTOSTATS_SOURCE_URL": "sqlite:///x"}).kind == "sqlite"
    _write(home, 'source_url = "mysql://reader:s3cret@db:port/x"')
    with pytest.raises(UsageError, match=r"The port in source_url of .*autostats\.toml") as caught:
        configured_source(_of_file(home), {})
    assert "s3cret" not in f"{caught.value}{caught.value.remedy}"


def test_the_password_and_the_destinations(home: Home) -> None:
    variable = "DBT_ENV_SECRET_AUTOSTATS_PASSWORD"
    environment: dict[str, str] = {}
    lend_password(_of_file(home), environment)
    assert environment == {}
    _write(home, 'password = "${DB}"\n[notify]\nurls = ["json://${DB}@x", "json://y"]')
    with pytest.raises(UsageError, match=r"password of .* needs the environment variable DB"):
        lend_password(_of_file(home), environment)
    environment = {"DB": "a/b"}
    lend_password(_of_file(home), environment)
    assert environment[variable] == "a/b"
    assert notify_urls(_of_file(home), environment) == ["json://a%2Fb@x", "json://y"]
    environment = {variable: "set", "AUTOSTATS_NOTIFY_URLS": "json://z  json://q"}
    lend_password(_of_file(home), environment)
    assert environment[variable] == "set"
    assert notify_urls(_of_file(home), environment) == ["json://z", "json://q"]


def test_no_secret_is_shown(home: Home) -> None:
    _write(
        home,
        'source_url = "mysql://reader:MARK@db/x?ssl_key=MARK"\npassword = "MARK"\n[notify]\n'
        'urls = ["slack://MARK/MARK", "MARK"]',
    )
    settings = configure(home, environment={})
    told = {name: shown(settings[name]) for name in KEYS}
    assert "MARK" not in str(told)
    assert told["source_url"] == "mysql://reader:***@db/x"
    assert told["password"] == "***"
    assert told["notify.urls"] == "slack://*** ***"
    assert (told["target"], told["plain"], told["pager"], told["wait"]) == ("duckdb", "false", "", "10")
    _write(home, 'source_url = "reader:MARK@db"')
    assert shown(configure(home, environment={})["source_url"]) == "***"


def test_the_origin_of_a_url_is_named_in_its_complaints() -> None:
    assert Source.from_url("sqlite:///x", "here").origin == "here"
    for url in ("mysql", "oracle://x", "mysql://a/b#c", "mysql://a/b?c=d", "sqlite://x", "sqlite:///"):
        with pytest.raises(UsageError, match=r"^here ") as caught:
            Source.from_url(url, "here")
        assert "AUTOSTATS_SOURCE_URL" not in f"{caught.value}{caught.value.remedy}"
