"""Whatever writers, deleters, late jobs and broken looks do, no run is said to be what it is not."""

import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.archive_world import ArchiveWorld, Look, Place, rows_of
from support.dbt_project import DbtProject, contents, select
from support.extent import some
from support.sources import SourceWriter, genuine_era_c

pytestmark = pytest.mark.slow

MODELS = (
    *("stg_observations__file_counts", "stg_observations__file_runs", "int_seen_runs", "int_file_runs"),
    *("fct_file_counts", "fct_missing_runs", "rpt_missing_runs", "dim_instruments"),
)
TABLES = ("int_seen_runs", "int_file_runs", "fct_file_counts", "fct_missing_runs", "rpt_missing_runs")
START = datetime(2020, 1, 6)
SETTINGS = {"max_gap": 6, "facility_timezone": "UTC"}
GEM = "GEM O'é%"
PLACES: list[Place] = [
    *[("raw", "WISH", cycle) for cycle in ("19_4", "20_1")],
    ("mirror", "WISH", ""),
    *[("raw", GEM, cycle) for cycle in ("19_4", "20_1")],
]


@pytest.fixture(scope="module")
def built(project: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without a job or a look."""
    folder = tmp_path_factory.mktemp("evidence")
    source = genuine_era_c(folder / "source.sqlite")
    with SourceWriter.open(source) as writer:
        for name in ("WISH", GEM):
            writer.add_instrument(name)
    flags = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    variables = {"as_of": str(START), **SETTINGS}
    project.invoke("build", *flags, home=folder / "home", source=source, variables=variables)
    return folder


@pytest.mark.parametrize("seed", some(range(8), 2))
def test_any_interleaving(project: DbtProject, built: Path, tmp_path: Path, seed: int) -> None:
    """Each step is a day, with events at any second of it, and mostly a run at its end."""
    chance = random.Random(seed)
    world = ArchiveWorld(timedelta(seconds=1800), max_gap=6)
    home, whole = tmp_path / "home", tmp_path / "whole"
    shutil.copytree(built / "home", home)
    _first_files(world, chance)
    now, written = START, 0
    for step in range(14):
        # Some weeks nobody looks, and what was seen is too old to count.
        now += timedelta(days=chance.choice([1, 1, 1, 1, 1, 40 if step % 5 else 95]))
        _one_day(world, chance, now)
        if chance.random() < 0.2:
            continue
        as_of = now + timedelta(days=1, seconds=chance.choice([0, 0, -1800, -1799, 600]))
        world.write_looks(home, world.looks[written:])
        written = len(world.looks)
        world.write_jobs(home)
        if step % 4 == 3:
            shutil.rmtree(whole, ignore_errors=True)
            shutil.copytree(home, whole)
            _run(project, built, whole, as_of, "--full-refresh")
        _run(project, built, home, as_of)
        world.night(as_of)
        found = rows_of(select(home, "from fct_missing_runs"))
        assert found == world.conclusions(as_of)
        if step % 4 == 3:
            assert contents(home, TABLES) == contents(whole, TABLES)
    assert {kind for _, _, kind in world.first_found} or seed


def _first_files(world: ArchiveWorld, chance: random.Random) -> None:
    for location, instrument, cycle in PLACES:
        runs = range(100, 180) if cycle != "20_1" else range(180, 300)
        if location == "mirror":
            runs = range(100, 300, 3)
        old = START - timedelta(days=200)
        world.files[location, instrument, cycle] = {
            run: old + timedelta(seconds=run) for run in runs if chance.random() < 0.95
        }
        for run in runs:
            if chance.random() < 0.95:
                world.jobs[instrument].setdefault(
                    run, old + timedelta(seconds=run, days=chance.choice([0, 0, 1]))
                )


def _one_day(world: ArchiveWorld, chance: random.Random, day: datetime) -> None:
    """Files and jobs come and go at any second, and looks go on beside them."""
    # The looks of the day, each with the instant at which it saw each place.
    looks = [
        (start, start + timedelta(seconds=chance.choice([1, 600, 3600])))
        for start in sorted(
            day + timedelta(seconds=chance.randrange(80_000)) for _ in range(chance.choice([0, 1, 2]))
        )
    ]
    moments = sorted(day + timedelta(seconds=chance.randrange(86_400)) for _ in range(12))
    planned: list[tuple[datetime, int, Place | None]] = [(moment, -1, None) for moment in moments]
    covers: list[list[Place]] = []
    for number, (start, end) in enumerate(looks):
        location, instrument, _ = chance.choice(PLACES)
        places = [place for place in PLACES if place[:2] == (location, instrument)]
        places = places if chance.random() < 0.7 else [chance.choice(places)]
        covers.append(places)
        seconds = int((end - start).total_seconds())
        planned += [(start + timedelta(seconds=chance.randrange(seconds)), number, place) for place in places]
    found: list[dict[Place, dict[int, datetime]]] = [{} for _ in looks]
    for moment, number, place in sorted(planned, key=lambda each: (each[0], each[1])):
        if place is not None:
            found[number][place] = dict(world.files[place])
        else:
            _happen(world, chance, moment)
    is_unmounted = chance.random() < 0.15
    for (start, end), seen in zip(looks, found, strict=True):
        instrument = next(iter(seen))[1]
        if is_unmounted:
            seen = {place: {} for place in seen}
        announced = max(
            (run for place, runs in world.files.items() if place[1] == instrument for run in runs), default=0
        )
        world.looks.append(
            Look(
                len(world.looks) + 1,
                start,
                end,
                chance.choice(["complete"] * 5 + ["incomplete", "failed"]),
                seen,
                chance.choice([None, announced, announced + chance.randrange(8)]),
                accepts_loss=chance.random() < 0.1,
            )
        )


def _happen(world: ArchiveWorld, chance: random.Random, moment: datetime) -> None:
    place = chance.choice(PLACES)
    files, jobs = world.files[place], world.jobs[place[1]]
    last = max([*files, *jobs, 300])
    match chance.choice(
        ["run", "run", "run", "file", "late job", "early job", "delete", "delete job", "restore", "far"]
    ):
        case "run":
            files[last + 1] = moment
            jobs[last + 1] = moment + timedelta(seconds=60)
        case "file":
            files[last + chance.choice([1, 1, 2])] = moment
        case "late job":
            absent = sorted(set(files) - set(jobs))
            if absent:
                jobs[chance.choice(absent)] = moment
        case "early job":
            jobs[last + chance.choice([1, 1, 3])] = moment
        case "delete":
            if files:
                del files[chance.choice(sorted(files))]
        case "delete job":
            if jobs:
                del jobs[chance.choice(sorted(jobs))]
        case "restore":
            run = chance.randrange(100, last)
            files[run] = chance.choice([moment, START - timedelta(days=200)])
        case "far":
            if chance.random() < 0.3:
                jobs[last + 20] = moment


def _run(project: DbtProject, built: Path, home: Path, as_of: datetime, *flags: str) -> None:
    variables = {"as_of": str(as_of), **SETTINGS}
    selected = ("--select", *MODELS, "--exclude-resource-type", "unit_test")
    project.invoke("build", *selected, *flags, home=home, source=built / "source.sqlite", variables=variables)
