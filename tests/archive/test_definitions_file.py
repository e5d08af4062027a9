"""The file that describes an archive: what it says, and which mistakes are named."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from autostats.archive.definitions import Definitions, Experiment, FileType, Location
from autostats.archive.definitions_file import read_definitions
from autostats.archive.tally import run_number
from autostats.errors import UsageError
from support.archive import Archive

GOOD: dict[str, Any] = {"name": "raw", "url": "/archive/{instrument}", "instruments": ["WISH"]}
TIMES: dict[str, Any] = {"name": "obs", "url": "s3://b/%Y%m%d/{hour}", "experiment": "e", "every": "6h"}
SECRET = "t0p-s3cret-value"


def read(text: str, tmp_path: Path, known: Definitions | None = None) -> Definitions:
    path = tmp_path / "archive.yml"
    path.write_text(text, encoding="utf-8")
    return read_definitions(path, known or Definitions())


def test_all_that_it_may_say(tmp_path: Path) -> None:
    found = read(
        """
experiments:
  - {name: replay, cycle_start: 2026-01-01T00:00, cycle_stop: 2026-02-01T02:00+02:00, platform: aws,
     description: A replay}
locations:
  - name: obs
    url: s3://bucket/obs/%Y%m%d/{hour}
    file_types: [nc, nexus]
    experiment: replay
    every: 6h
    settle_minutes: 0.5
    expected: {"00": 31, 6: 74}
    options: {anon: true, endpoint_url: https://s3.example, config_kwargs: {retries: {max_attempts: 3}}}
  - name: raw
    url: /archive/{instrument}/cycle_{cycle}
    instruments: [WISH, GEM]
    expected: 3
    last_run: /archive/{instrument}/logs/lastrun.txt
file_types:
  - {name: nc, pattern: '\\.nc(?P<run>)$'}
""",
        tmp_path,
    )
    options = {
        "anon": True,
        "endpoint_url": "https://s3.example",
        "config_kwargs": {"retries": {"max_attempts": 3}},
    }
    assert dict(found.entries) == {
        ("experiment", "replay"): Experiment(
            "replay", "2026-01-01T00:00", "2026-02-01T00:00", "aws", None, "A replay"
        ),
        ("file_type", "nc"): FileType("nc", r"\.nc(?P<run>)$"),
        ("location", "obs"): Location(
            "obs",
            "s3://bucket/obs/%Y%m%d/{hour}",
            ["nc", "nexus"],
            experiment="replay",
            every="6h",
            settle_minutes=0.5,
            expected={"00": 31, "06": 74},
            options=options,
        ),
        ("location", "raw"): Location(
            "raw",
            "/archive/{instrument}/cycle_{cycle}",
            ["nexus"],
            ["WISH", "GEM"],
            expected=3,
            last_run="/archive/{instrument}/logs/lastrun.txt",
        ),
    }


def test_an_empty_file_defines_nothing(tmp_path: Path) -> None:
    assert dict(read("", tmp_path).entries) == dict(read("locations:\n", tmp_path).entries) == {}


@pytest.mark.parametrize(
    ("name", "prefix", "run"),
    [
        ("WISH00044733.nxs", "WISH", 44733),
        ("wish44733.RAW", "wish", 44733),
        ("SANS2D00041234.nxs", "SANS2D", 41234),
        ("A1B2.nxs", "A1B", 2),
        ("WISH_X0.nxs", "WISH_X", 0),
        ("WISH000.nxs", "WISH", 0),
    ],
)
def test_the_default_file_type(name: str, prefix: str, run: int) -> None:
    nexus = Definitions().file_type("nexus")
    assert nexus is not None
    found = nexus.regex.search(name)
    assert found is not None
    assert (found["prefix"], run_number(found["run"])) == (prefix, run)


@pytest.mark.parametrize(
    "name", ["1.nxs", "WISH1.nxs.bak", "WISH.nxs", "WISH1_event.nxs", "WISH1nxs", "W 1.nxs"]
)
def test_what_is_not_of_the_default_file_type(name: str) -> None:
    nexus = Definitions().file_type("nexus")
    assert nexus is not None
    assert nexus.regex.search(name) is None


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (GOOD | {"name": None}, "locations, entry 1: name is missing"),
        (GOOD | {"name": 7}, "locations, entry 1: name is 7, which is no text"),
        (GOOD | {"name": "n" * 201}, "name has more than 200 characters"),
        (GOOD | {"url": {"password": SECRET}}, "url is a list or mapping, which is no text"),
        (GOOD | {"instruments": ["WISH", "Wish"]}, "instruments names one twice"),
        (GOOD | {"color": "red"}, "location 'raw' has the unknown key 'color'"),
        (GOOD | {"url": None}, "location 'raw': url is missing"),
        (GOOD | {"url": "archive/{instrument}"}, "url is neither a URL nor an absolute path"),
        (GOOD | {"url": "/a/{instrument}/{run}"}, "url has the unknown placeholder {run}"),
        (GOOD | {"url": "/a/{instrument}/{}"}, "url has the unknown placeholder {}"),
        (GOOD | {"url": f"ftp://me:{SECRET}@host/x"}, "url holds a password"),
        (GOOD | {"last_run": f"ftp://me:{SECRET}@host/x"}, "last_run holds a password"),
        (GOOD | {"last_run": "/a/{cycle}"}, "last_run has the unknown placeholder {cycle}"),
        (GOOD | {"url": "/a/{cycle}/{cycle}"}, "url has {cycle} twice"),
        (GOOD | {"url": "s3://{cycle}/a"}, "url has {cycle} twice, or outside of a path"),
        (GOOD | {"url": "/a/%Y"}, "url has a time in it, and there is no `every`"),
        (GOOD | {"every": "6h"}, "url has no time for `every` in it"),
        (GOOD | {"url": "/a/%Y", "every": "6h"}, "every is for the cycles of an experiment"),
        (GOOD | {"experiment": "e"}, "instruments is there beside an experiment"),
        (GOOD | {"instruments": []}, "instruments is missing, and so is an experiment"),
        (GOOD | {"instruments": None, "experiment": "e"}, "url has {instrument}, and there are no"),
        (GOOD | {"instruments": [True]}, "instruments is True, which is no text"),
        (GOOD | {"instruments": "WISH"}, "instruments is no list of names"),
        (GOOD | {"instruments": [None]}, "instruments is no list of names"),
        (GOOD | {"instruments": ["../x"]}, "instruments has '../x'"),
        (GOOD | {"file_types": ["raw"]}, "file_types has the unknown 'raw'"),
        (GOOD | {"settle_minutes": -1}, "settle_minutes is -1"),
        (GOOD | {"settle_minutes": "soon"}, "settle_minutes is 'soon'"),
        (GOOD | {"settle_minutes": True}, "settle_minutes is True"),
        (GOOD | {"expected": -1}, "expected is no number of files"),
        (GOOD | {"expected": {"00": 1}}, "expected is no number of files"),
        (TIMES | {"expected": {"24": 1}}, "expected is no number of files"),
        (TIMES | {"expected": {"00": "x"}}, "expected is no number of files"),
        (GOOD | {"options": ["anon"]}, "options is no mapping"),
        (GOOD | {"options": {"key": SECRET}}, "options holds a secret, 'key'"),
        (GOOD | {"options": {"client_kwargs": {"aws_secret_access_key": SECRET}}}, "'aws_secret_access_key'"),
        (GOOD | {"options": {"x": [{"Password": SECRET}]}}, "options holds a secret, 'Password'"),
        (GOOD | {"options": {"proxy": f"http://me:{SECRET}@host"}}, "options holds a secret, 'proxy'"),
        (GOOD | {"options": {"at": date(2026, 1, 1)}}, "options holds more than"),
        (TIMES, "experiment 'e' is unknown"),
        (TIMES | {"every": "6x"}, "every is '6x', which is no duration"),
        (TIMES | {"every": "0h"}, "every is '0h', which is no duration"),
        (TIMES | {"every": None}, "url has a time in it, and there is no `every`"),
        (TIMES | {"url": "s3://b/%Y/{cycle}"}, "every is for the cycles of an experiment"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_location(archive: Archive, given: dict[str, Any], complaint: str) -> None:
    file = archive.write(given)
    with pytest.raises(UsageError) as error:
        read_definitions(file, Definitions())
    assert str(error.value).startswith(str(file))
    assert complaint in str(error.value)
    assert error.value.remedy
    assert SECRET not in str(error.value) + error.value.remedy
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("locations: [", ", line 1, is no YAML"),
        (f"a: 1\n  password: {SECRET}: x", ", line 2, is no YAML"),
        ("[1, 2]", "has something else where `key: value` should be"),
        ("locations: [x]", "has something else where `key: value` should be"),
        ("locations: {name: x}", "locations is no list"),
        ("location: []", "has the unknown key 'location'"),
        ("experiments: [{name: e}, {name: e}]", "has two experiments with the name 'e'"),
        (
            "experiments: [{name: e, cycle_start: soon}]",
            "experiment 'e': cycle_start is 'soon', which is no time",
        ),
        ("experiments: [{name: e, url: x}]", "experiment 'e' has the unknown key 'url'"),
        ("file_types: [{name: f, pattern: '['}]", "file type 'f': pattern is no regular expression"),
        ("file_types: [{name: f, pattern: 'x'}]", "file type 'f': pattern has no group `run`"),
        ("file_types: [{name: f}]", "file type 'f': pattern has no group `run`"),
    ],
)
def test_a_mistake_elsewhere(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(UsageError) as error:
        read(text, tmp_path)
    assert complaint in str(error.value)
    assert error.value.remedy
    assert SECRET not in str(error.value)


def test_a_pattern_that_cannot_tell_instruments_apart(archive: Archive) -> None:
    location = GOOD | {"url": "/archive", "file_types": ["f"]}
    file = archive.write(location, file_types=[{"name": "f", "pattern": r"(?P<run>\d+)"}])
    with pytest.raises(UsageError, match="the file type 'f' has no group `prefix`"):
        read_definitions(file, Definitions())


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no "):
        read_definitions(tmp_path / "archive.yml", Definitions())
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read_definitions(tmp_path, Definitions())


def test_what_is_registered_already_may_be_referred_to(archive: Archive) -> None:
    file = archive.write(TIMES)
    known = Definitions({("experiment", "e"): Experiment("e")})
    assert list(read_definitions(file, known).locations) == ["obs"]


def test_a_file_that_is_dumped_is_read_the_same(archive: Archive) -> None:
    file = archive.write(GOOD)
    assert yaml.safe_load(file.read_text())["locations"] == [GOOD]
