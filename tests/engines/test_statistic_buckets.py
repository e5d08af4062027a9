"""The buckets of statistics on every target, against Python's own calendar."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from support.dbt_project import ROOT
from support.engines import Engine, EngineWorld, Kind, engine

pytestmark = pytest.mark.slow

AS_OF = datetime(2020, 11, 4, 12, 0, 0, 5)
FIRST_DAY = date(2016, 4, 12)
WINTER_CYCLE = ("winter", date(2018, 12, 27), date(2019, 1, 8))
SPRING, AUTUMN = datetime(2020, 3, 29, 1), datetime(2020, 10, 25, 1)
ALIGNED = {"second": 1, "5s": 5, "minute": 60, "hour": 3600}
LOCAL = ("day", "week", "month", "cycle")
# By model: the bucket and its bounds, if it has any.
ASKED: dict[str, tuple[str, tuple[datetime, datetime] | None]] = {
    **{f"buckets_of_{name}": (name, None) for name in ("hour", *LOCAL)},
    **{
        f"{season}_{name}": (name, (change - timedelta(seconds=90.5), change + timedelta(minutes=61)))
        for season, change in (("spring", SPRING), ("autumn", AUTUMN))
        for name in ("second", "5s", "minute", "hour", "day")
    },
    "exactly_two": ("minute", (SPRING, SPRING + timedelta(minutes=1))),
}
Bucket = tuple[object, ...]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Kind], Engine]]:
    """Return the engine of a kind, created on first use, with a model for each of the buckets."""
    made: dict[Kind, Engine] = {}
    project = _project(tmp_path_factory.mktemp("buckets") / "project")
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr("support.engines.PROJECT", project)
        patch.setattr("support.nights.PROJECT", project)

        def make(kind: Kind) -> Engine:
            if kind not in made:
                made[kind] = stack.enter_context(engine(kind, tmp_path_factory.mktemp("engine")))
            return made[kind]

        yield make


def _project(project: Path) -> Path:
    """Copy the project, and write a model for each of the buckets."""
    for name in ("macros", "models", "seeds", "tests/singular"):
        shutil.copytree(ROOT / name, project / name)
    shutil.copy2(ROOT / "dbt_project.yml", project)
    (project / ".venv-mysql").symlink_to(ROOT / ".venv-mysql")
    for model, (bucket, bounds) in ASKED.items():
        named = "".join(f", \"timestamp '{moment}'\"" for moment in bounds or ())
        sql = (
            "{{ config(materialized='view') }} select * from {{ statistic_buckets('"
            + f"{bucket}'{named}"
            + ") }} as buckets"
        )
        (project / "models" / f"{model}.sql").write_text(sql, encoding="utf-8")
    return project


def _utc(day: date, zone: str) -> datetime:
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC).replace(tzinfo=None)


def _aligned(seconds: int, start: datetime, stop: datetime) -> list[Bucket]:
    epoch, length = datetime(1970, 1, 1), timedelta(seconds=seconds)
    moment, found = epoch + (start - epoch) // length * length, []
    while moment <= stop:
        found.append((moment, moment + length))
        moment += length
    return found


def _local(
    bucket: str, start: datetime, stop: datetime, zone: str, cycles: Sequence[tuple[str, date, date]]
) -> list[Bucket]:
    days = [FIRST_DAY + timedelta(days=offset) for offset in range((stop.date() - FIRST_DAY).days + 2)]
    spans: set[tuple[date, date, str | None]]
    if bucket == "cycle":
        spans = {(first, last + timedelta(days=1), name) for name, first, last in cycles}
    elif bucket == "month":
        firsts = {day.replace(day=1) for day in days}
        spans = {(day, (day + timedelta(days=31)).replace(day=1), None) for day in firsts}
    else:
        length = 7 if bucket == "week" else 1
        firsts = {day - timedelta(days=day.weekday()) if length == 7 else day for day in days}
        spans = {(day, day + timedelta(days=length), None) for day in firsts}
    found = [
        (_utc(first, zone), _utc(end, zone), first, *([name] if bucket == "cycle" else []))
        for first, end, name in spans
    ]
    return sorted(row for row in found if row[0] < row[1] and row[0] <= stop and row[1] > start)


@pytest.mark.parametrize(
    ("kind", "zone"),
    [
        ("duckdb from sqlite", "Europe/London"),
        # Its midnights were skipped in spring, and came twice in autumn.
        ("duckdb from sqlite", "America/Sao_Paulo"),
        ("postgres", "Europe/London"),
        ("mysql", "Europe/London"),
    ],
)
def test_buckets_are_those_of_the_calendar(
    engines: Callable[[Kind], Engine], tmp_path: Path, kind: Kind, zone: str
) -> None:
    made = engines(kind)
    world = EngineWorld(made, tmp_path / "world", AS_OF, zone)
    cycles = [*((cycle.name, cycle.first_day, cycle.last_day) for cycle in world.cycles), WINTER_CYCLE]
    values = ", ".join(f"'{value}'" for value in (*WINTER_CYCLE, ""))
    with closing(_connect(world)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(
            f"insert into {_schema(world)}.beam_cycles (cycle, first_day, last_day, maintenance_days)"
            f" values ({values})"
        )
        connection.commit()
    selected = " ".join(f"+{model}" for model in ASKED)
    made.invoke(
        "run",
        world.home,
        world.source,
        *("--select", selected),
        as_of=str(AS_OF),
        facility_timezone=zone,
    )
    default = (_utc(FIRST_DAY, zone), AS_OF)
    with closing(_connect(world)) as connection, closing(connection.cursor()) as cursor:
        for model, (bucket, bounds) in ASKED.items():
            start, stop = bounds or default
            if bucket in ALIGNED:
                expected = _aligned(ALIGNED[bucket], start, stop)
                columns = "bucket_start, bucket_end"
            else:
                expected = _local(bucket, start, stop, zone, cycles)
                columns = f"bucket_start, bucket_end, bucket_day{', cycle' * (bucket == 'cycle')}"
            cursor.execute(f"select {columns} from {_schema(world)}.{model} order by bucket_start")
            assert [tuple(row) for row in cursor.fetchall()] == expected, model


def _connect(world: EngineWorld):  # type: ignore[no-untyped-def]  # any DB-API connection
    if world.dbt.is_file:
        return duckdb.connect(str(world.home / "autostats.duckdb"))
    assert world.dbt.source is not None
    return world.dbt.source.connect()


def _schema(world: EngineWorld) -> str:
    return "autostats.autostats" if world.dbt.is_file else world.dbt.statistics
