"""A monitor's files, imported and counted on every target, under the documented accounts."""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from autostats.name_order import name_key
from support.accounts import account
from support.availability import Hours, Instrument, Poll, Reading
from support.extent import some
from support.installed import run_command
from support.sources import SourceWriter, genuine_era_c, wish_fixture

pytestmark = pytest.mark.slow

AS_OF = datetime(2020, 3, 29, 20, 0, 0)
NAMES = ("WISH", "wish", "WÏSH 'ö\"|%", "8419537941919820732")
POLLS = [
    Poll(datetime(2020, 3, 27, 9, 0, 0), "up"),
    Poll(datetime(2020, 3, 28, 23, 30, 0), "down", 'valve "é"'),
    Poll(datetime(2020, 3, 29, 0, 30, 0), "up"),
    Poll(datetime(2020, 3, 29, 16, 0, 2), "down"),
]
HOURS = [Hours(weekday, time(22), time(2, 30)) for weekday in range(7)] + [Hours(6, time(16), time(19))]


@pytest.fixture(params=some(["postgres", "mysql", "duckdb"], 1))
def command(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Return the installed command for a target whose source has nine jobs."""
    if request.param != "duckdb":
        with account(request.param, tmp_path) as autostats:
            yield autostats
        return
    source = genuine_era_c(tmp_path / "source.sqlite")
    with SourceWriter.open(source) as writer:
        wish_fixture(writer)
    places = {"AUTOSTATS_SOURCE_URL": f"sqlite:///{source}", "AUTOSTATS_HOME": str(tmp_path / "home")}
    run = partial(run_command, user_home=tmp_path / "nobody", env=places)
    yield lambda *arguments: run(arguments)


def _write(path: Path, *lines: str) -> Path:
    path.write_bytes("\ufeff".encode() + "".join(f"{line}\r\n" for line in lines).encode())
    return path


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def test_a_monitors_files_are_counted(command: Any, tmp_path: Path) -> None:
    words = {"up": "active", "down": "inactive"}
    polls = _write(
        tmp_path / "polls.csv",
        "store_id,status,timestamp_utc,reason",
        *(
            f"{_quoted(name)},{words[poll.state]},{poll.at}.000000 UTC,{_quoted(poll.reason or '')}"
            for name in NAMES
            for poll in POLLS
        ),
    )
    hours = _write(
        tmp_path / "hours.csv",
        "store_id,dayOfWeek,start_time_local,end_time_local",
        *(f"{_quoted(name)},{h.weekday},{h.start},{h.end}" for name in NAMES for h in HOURS),
    )
    zones = _write(
        tmp_path / "zones.csv",
        "store_id,timezone_str",
        *(f"{_quoted(name)},Europe/Paris" for name in NAMES),
    )
    assert command("run", "--as-of", str(AS_OF)).code == 0
    files = ("--polls", str(polls), "--hours", str(hours), "--time-zones", str(zones))
    imported = command("availability", "import", *files)
    assert imported.code == 0, imported.err
    assert f"{len(NAMES) * len(POLLS)} polls imported" in imported.out
    built = [_built(command)]
    again = command("availability", "import", *files)
    assert again.code == 0, again.err
    built.append(_built(command))
    ordered = sorted(NAMES, key=name_key)
    expected = [Instrument(name, "Europe/Paris", POLLS, HOURS, AS_OF, Reading()) for name in ordered]
    for found in built:
        assert found["rows"] == [pytest.approx(_totals(each)) for each in expected]
        assert [row["reason"] for row in found["outages"]] == ['valve "é"', None] * len(NAMES)
    assert command("availability", "add", "WISH", "up", "--at", "2020-03-29 16:30").code == 0
    # What no run has counted counts for --now.
    polls_of_wish = [*POLLS, Poll(datetime(2020, 3, 29, 16, 30), "up")]
    wish = Instrument("WISH", "Europe/Paris", polls_of_wish, HOURS, AS_OF, Reading())
    assert _now(command, "WISH", "--as-of", str(AS_OF)) == [pytest.approx(wish.lately())]
    old = _now(command, *NAMES, "--preset", "store-monitoring")
    # To the second, as the oracle counts.
    assert old == [pytest.approx(_of_store(name), abs=0.02) for name in ordered]
    changed = {row["instrument"]: row for row in _built(command)["rows"]}
    assert changed["WISH"]["down_seconds"] < changed["wish"]["down_seconds"]
    checks = {check["name"]: check for check in json.loads(command("doctor", "--format", "json").out)}
    assert checks["Observations"]["state"] == checks["Availability"]["state"] == "OK"
    assert checks["Availability"]["detail"].endswith(" ago, 1 row")


def _now(command: Any, *arguments: str) -> list[dict[str, Any]]:
    ran = command("availability", "report", *arguments, "--now", "--format", "json")
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["availability"]
    return found


def _of_store(name: str) -> dict[str, Any]:
    """The row of the older monitor: its now is the newest poll, its days are all up without one."""
    newest = datetime(2020, 3, 29, 16, 30)
    polls = [*POLLS, *([Poll(newest, "up")] if name == "WISH" else [])]
    long_ago = Poll(newest - timedelta(days=9), "unknown")
    reading = Reading("next", no_data="up", first_state="up")
    now = newest + timedelta(seconds=1)
    row = Instrument(name, "Europe/Paris", [long_ago, *polls], HOURS, now, reading).lately()
    spans = [f"{what}_last_{span}" for what in ("uptime", "downtime") for span in ("hour", "day", "week")]
    return {"store_id": name, **{span: round(row[span], 2) for span in spans}}


def _built(command: Any) -> dict[str, Any]:
    ran = command("run", "--as-of", str(AS_OF))
    assert ran.code == 0, ran.err
    days = ("--from", "2020-03-27", "--to", "2020-03-29")
    ran = command("availability", "report", *days, "--format", "json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    return {"rows": found["availability"], "outages": found["outages"]}


def _totals(instrument: Instrument) -> dict[str, Any]:
    daily, outages = instrument.daily(), len(instrument.outages())
    total = {
        name: sum(row[name] for row in daily)
        for name in ("scheduled_seconds", "up_seconds", "down_seconds", "unknown_seconds", "failures")
    }
    up, down = total["up_seconds"], total["down_seconds"]
    return {
        "instrument": instrument.name,
        "availability": up / (up + down),
        **total,
        "outages": outages,
        "mtbf_seconds": up / (outages + 1),
        "mttr_seconds": down / outages,
        "longest_down_seconds": max(row["longest_down_seconds"] for row in daily),
    }
