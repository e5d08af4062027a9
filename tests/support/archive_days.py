"""Days at an archive: files, jobs and looks come and go at any second."""

import random
from datetime import datetime, timedelta

from support.archive_world import ArchiveWorld, Look, Place

MODELS = (
    *("stg_observations__file_counts", "stg_observations__file_runs", "int_seen_runs", "int_file_runs"),
    *("stg_observations__messages", "int_messages"),
    *("fct_file_counts", "fct_missing_runs", "rpt_missing_runs", "dim_instruments"),
)
GEM = "GEM O'é%"
PLACES: list[Place] = [
    *[("raw", "WISH", cycle) for cycle in ("19_4", "20_1")],
    ("mirror", "WISH", ""),
    *[("raw", GEM, cycle) for cycle in ("19_4", "20_1")],
]


def first_files(world: ArchiveWorld, chance: random.Random, start: datetime) -> None:
    """Put files and jobs of long ago into the archive and the database, most of them into both."""
    for location, instrument, cycle in PLACES:
        runs = range(100, 180) if cycle != "20_1" else range(180, 300)
        if location == "mirror":
            runs = range(100, 300, 3)
        old = start - timedelta(days=200)
        world.files[location, instrument, cycle] = {
            run: old + timedelta(seconds=run) for run in runs if chance.random() < 0.95
        }
        for run in runs:
            if chance.random() < 0.95:
                world.jobs[instrument].setdefault(
                    run, old + timedelta(seconds=run, days=chance.choice([0, 0, 1]))
                )


def one_day(world: ArchiveWorld, chance: random.Random, day: datetime) -> None:
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
        [
            *("run", "run", "run", "file", "late job", "early job", "delete", "delete job", "restore", "far"),
            *("announced", "announced", "announced again"),
        ]
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
            files[run] = chance.choice([moment, moment - timedelta(days=200)])
        case "announced":
            # One that has or had a job or a file, one that comes next, or one far away.
            run = chance.choice([chance.randrange(100, last), last + 1, last + 2, last + 9])
            world.announced.append((place[1], run, moment))
        case "announced again":
            if world.announced:
                name, run, _ = chance.choice(world.announced)
                world.announced.append((name, run, moment))
        case "far":
            if chance.random() < 0.3:
                jobs[last + 20] = moment
