"""`autostats.toml`: what it may say, and what is said of a wrong line."""

import os
from pathlib import Path

import pytest
from autostats.configuration.expand import expanded, expanded_url
from autostats.configuration.file import parse, read_file
from autostats.configuration.keys import KEYS, Key
from autostats.configuration.write import as_toml, write_settings
from autostats.errors import UsageError

FILE = Path("/etc/autostats/autostats.toml")


def _complaint(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse(text.encode(), FILE)
    return caught.value


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_file(tmp_path / "autostats.toml") == {}


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.name)
def test_each_key_takes_its_example_and_refuses_a_table(key: Key) -> None:
    section, _, last = key.name.rpartition(".")
    header = f"[{section}]\n" if section else ""
    found = parse(f"{header}{last} = {key.example}\n".encode(), FILE)
    assert list(found) == [key.name]
    error = _complaint(f"# first\n{header}{last} = {{a = 1}}\n")
    assert f"line {2 + bool(section)}: {key.name} is not {key.kind.what}." in str(error)
    assert error.remedy.startswith(f"Write {last} = {key.example}")
    assert error.exit_code == 2


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("[vars]\nmax_gap = -1", "vars.max_gap"),
        ("[vars]\nmax_gap = true", "vars.max_gap"),
        ('[vars]\nmax_gap = "1000"', "vars.max_gap"),
        ("[vars]\nlookback_days = 1.5", "vars.lookback_days"),
        ('[vars]\nschema_era = "D"', "vars.schema_era"),
        ('[vars]\nearliest_time = "soon"', "vars.earliest_time"),
        ("[vars]\nearliest_time = 1990-01-01T00:00:00+01:00", "vars.earliest_time"),
        ("[vars]\nearliest_time = 1990", "vars.earliest_time"),
        ("[vars]\nfacility_timezone = 1", "vars.facility_timezone"),
        ("[postgres]\nport = 65536", "postgres.port"),
        ("[mysql]\nport = 0", "mysql.port"),
        ("wait = -1", "wait"),
        ("wait = inf", "wait"),
        ("timeout = 0", "timeout"),
        ('plain = "yes"', "plain"),
        ('title = ""', "title"),
        ("target = 1", "target"),
        ("source_url = []", "source_url"),
        ("[notify]\nurls = []", "notify.urls"),
        ('[notify]\nurls = ["a", 1]', "notify.urls"),
        ("vars = 1", "vars"),
    ],
)
def test_a_value_of_a_wrong_kind(line: str, name: str) -> None:
    error = _complaint(f"\n{line}\n")
    assert f"line {line.count(chr(10)) + 2}: {name} is not " in str(error)
    assert error.remedy


@pytest.mark.parametrize(
    ("text", "line", "meant"),
    [
        ('taget = "duckdb"', 1, "target, above the first section"),
        ('[vars]\nfacility_timezon = "UTC"', 2, "facility_timezone, under [vars]"),
        ('facility_timezone = "UTC"', 1, "facility_timezone, under [vars]"),
        ('[vars]\ntarget = "duckdb"', 2, "target, above the first section"),
        ("[var]\nmax_gap = 1", 2, "max_gap, under [vars]"),
        ("vars.max_gab = 1", 1, "max_gap, under [vars]"),
        ('[notify]\nurl = ["x"]', 2, "urls, under [notify]"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest(text: str, line: int, meant: str) -> None:
    error = _complaint(text)
    assert f"{FILE}, line {line}: " in str(error)
    assert "is not an autostats setting" in str(error)
    assert error.remedy == f"Did you mean {meant}?"


@pytest.mark.parametrize("text", ["[rulez]", 'host_url = "https://x"', "[rules]\nx = 1", "zzzzzz = 1"])
def test_keys_without_an_effect_are_refused(text: str) -> None:
    error = _complaint(text)
    assert "is not an autostats setting" in str(error)
    assert error.remedy


@pytest.mark.parametrize("name", ["as_of", "from_day", "to_day"])
def test_what_belongs_to_one_run_is_not_for_the_file(name: str) -> None:
    assert "`autostats run --help`" in _complaint(f'[vars]\n{name} = "2020-02-11"').remedy


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"target = duckdb\n", "line 1"), (b'title = "x"\ntarget = "a\n', "line 2"), (b"[vars\n", "line 1")],
)
def test_broken_toml_names_its_line(content: bytes, line: str) -> None:
    error = _complaint(content.decode())
    assert f"{FILE} is not TOML" in str(error)
    assert line in str(error)
    assert "target = " in error.remedy


def test_a_file_that_is_no_text() -> None:
    with pytest.raises(UsageError, match="is not UTF-8"):
        parse(b'title = "\xff"', FILE)


def test_no_message_repeats_a_secret() -> None:
    for text in ('password = ["s3cret"]', '[notify]\nurls = [["s3cret"]]', 'source_url = {a = "s3cret"}'):
        error = _complaint(text)
        assert "s3cret" not in f"{error} {error.remedy}"
    assert "s3cret" not in str(_complaint('source_url = "mysql://me:s3cret@db/x\n'))


def test_times_are_kept_alike() -> None:
    for written in ('"1990-01-01"', "1990-01-01", "1990-01-01T00:00:00", '"1990-01-01 00:00"'):
        found = parse(f"[vars]\nearliest_time = {written}".encode(), FILE)
        assert found == {"vars.earliest_time": "1990-01-01 00:00:00"}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    values = {
        "source_url": "mysql://reader:\"${X}\\'é\x7f🚀@db/x",
        "target": "duckdb",
        "wait": 1.5,
        "plain": True,
        "vars.max_gap": 7,
        "notify.urls": ("json://a", "json://b"),
    }
    file = tmp_path / "new" / "autostats.toml"
    write_settings(file, as_toml(values), private=True)
    assert read_file(file) == values
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]
    write_settings(file, as_toml({}), private=False)
    assert file.stat().st_mode & 0o777 == 0o644
    assert read_file(file) == {}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "autostats.toml").touch(mode=0o000)
    with pytest.raises(UsageError, match="cannot be read"):
        read_file(tmp_path / "autostats.toml")


def test_variables_of_the_environment() -> None:
    environment = {"DB": "p@ss/w:ord %41", "URL": "mysql://me:x@db/x", "EMPTY": ""}
    assert expanded("a${DB}b$", "password", environment) == "ap@ss/w:ord %41b$"
    assert expanded_url("mysql://me:${DB}@h/x", "url", environment) == (
        "mysql://me:p%40ss%2Fw%3Aord%20%2541@h/x"
    )
    assert expanded_url("${URL}", "url", environment) == environment["URL"]
    for missing in ("MISSING", "EMPTY"):
        with pytest.raises(UsageError, match=f"url needs the environment variable {missing}") as caught:
            expanded_url(f"mysql://me:${{{missing}}}@h/x", "url", environment)
        assert missing in caught.value.remedy
