"""Which cycles a look is about."""

from datetime import datetime
from pathlib import Path

import pytest
from autostats.archive.definitions import Definitions, Experiment, Location, duration
from autostats.archive.storage import Folders
from autostats.archive.targets import targets
from autostats.errors import UsageError
from support.archive import written

NOW = datetime(2026, 3, 4, 13, 30, 5)


def chosen(
    now: datetime,
    cycle: str | None = None,
    start: str | None = None,
    stop: str | None = None,
    every: str = "6h",
) -> tuple[str | None, str]:
    location = Location("obs", "/o/%Y%m%d/{hour}%M", experiment="e", every=every)
    known = {("location", "obs"): location, ("experiment", "e"): Experiment("e", start, stop)}
    found, notes = targets(Definitions(known), [], cycle, now)
    assert len(found) + len(notes) == 1
    return (found[0].cycle, found[0].url) if found else (None, notes[0])


@pytest.mark.parametrize(
    ("now", "start", "stop", "every", "expected"),
    [
        (NOW, None, None, "6h", "2026-03-04T12:00"),
        (NOW, None, None, "1d", "2026-03-04T00:00"),
        (NOW, None, None, "30m", "2026-03-04T13:30"),
        (NOW, None, None, "1w", "2026-02-26T00:00"),
        (NOW, "2026-03-01T03:00", None, "6h", "2026-03-04T09:00"),
        (NOW, "2026-03-01T03:00", "2026-03-02T08:59", "6h", "2026-03-02T03:00"),
        (NOW, "2026-03-01T03:00", "2026-03-02T09:00", "6h", "2026-03-02T09:00"),
        (NOW, "2026-03-04T13:30", None, "6h", "2026-03-04T13:30"),
        (datetime(2026, 3, 4, 12), None, None, "6h", "2026-03-04T12:00"),
        (datetime(2026, 3, 4, 11, 59, 59), None, None, "6h", "2026-03-04T06:00"),
    ],
)
def test_the_newest_cycle_that_is_due(
    now: datetime, start: str | None, stop: str | None, every: str, expected: str
) -> None:
    assert chosen(now, start=start, stop=stop, every=every)[0] == expected


def test_a_cycle_in_a_url() -> None:
    assert chosen(NOW, "20260101T0630Z") == ("2026-01-01T06:30", "/o/20260101/0630")
    assert chosen(NOW)[1] == "/o/20260304/1200"


def test_an_experiment_that_has_not_begun() -> None:
    assert chosen(NOW, start="2026-04-01T00:00") == (None, "The cycles of 'obs' begin on 2026-04-01T00:00.")


RAW = Location("raw", "/a/{instrument}/c_{cycle}", instruments=["WISH", "GEM"])
FLAT = Location("flat", "/flat", instruments=["WISH", "GEM"])
OBS = Location("obs", "/o/%Y", experiment="e", every="6h")
KNOWN = Definitions({("location", each.name): each for each in (RAW, FLAT, OBS)})


def test_one_listing_for_instruments_that_share_a_folder() -> None:
    found, _ = targets(KNOWN, ["raw", "flat"], None, NOW)
    assert [(each.url, each.instruments, each.cycle) for each in found] == [
        ("/a/WISH/c_{cycle}", ["WISH"], None),
        ("/a/GEM/c_{cycle}", ["GEM"], None),
        ("/flat", ["WISH", "GEM"], ""),
    ]


def test_a_cycle_chooses_locations() -> None:
    assert {each.location.name for each in targets(KNOWN, [], "19_3", NOW)[0]} == {"raw"}
    with pytest.raises(UsageError, match="'flat' has no cycles"):
        targets(KNOWN, ["flat"], "19_3", NOW)
    with pytest.raises(UsageError, match="No location has a cycle 'x/y'"):
        targets(KNOWN, [], "x/y", NOW)
    assert {each.location.name for each in targets(KNOWN, [], "2026-01-01T06", NOW)[0]} == {"obs"}
    assert [each.cycle for each in targets(KNOWN, ["raw"], "20260101T0600Z", NOW)[0]] == [
        "20260101T0600Z"
    ] * 2


@pytest.mark.parametrize("cycle", ["", ".", "..", "../x", "x/", "x\0", "x" * 101])
def test_what_is_no_name_of_a_cycle(cycle: str) -> None:
    with pytest.raises(UsageError, match="is no name of a cycle of 'raw'"):
        targets(KNOWN, ["raw"], cycle, NOW)


@pytest.mark.parametrize("cycle", ["", "2026-01-01", "2026-13-01T06:00", "2026-0101T06", "06:00", "soon"])
def test_what_is_no_time_of_a_cycle(cycle: str) -> None:
    with pytest.raises(UsageError, match="'obs' has cycles such as 2026-01-01T06:00, and not"):
        targets(KNOWN, ["obs"], cycle, NOW)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("c_{cycle}", {"1": "c_1", "2.x": "c_2.x"}),
        ("{cycle}", {"c_": "c_", "c_1": "c_1", "c_2.x": "c_2.x", "d_3": "d_3"}),
        ("c_{cycle}.x/sub", {"2": "c_2.x/sub"}),
        (".{cycle}", {"snapshot": ".snapshot"}),
    ],
)
def test_cycles_are_what_is_there(tmp_path: Path, part: str, expected: dict[str, str]) -> None:
    for name in ("c_1/a", "c_2.x/a", "c_/a", "d_3/a", ".snapshot/a", "c_4"):
        written(tmp_path / name)
    location = Location("raw", f"{tmp_path}/{part}", instruments=["WISH"])
    (target,) = targets(Definitions({("location", "raw"): location}), [], None, NOW)[0]
    assert dict(target.roots(Folders())) == {cycle: f"{tmp_path}/{at}" for cycle, at in expected.items()}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("6h", 21600), ("1D", 86400), ("2w", 1209600), ("6", None), ("0h", None)],
)
def test_durations(text: str, seconds: int | None) -> None:
    found = duration(text)
    assert (found and found.total_seconds()) == seconds
