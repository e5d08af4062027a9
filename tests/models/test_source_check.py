"""When a source is taken for another one: at the bounds of the rules."""

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.dbt_project import DbtFailed, DbtProject, statistics
from support.sources import SourceWriter, genuine_era_c

pytestmark = pytest.mark.slow

LOADED = datetime(2020, 2, 20, 12)
JOBS = 100
Change = Callable[[SourceWriter], object]


@pytest.fixture(scope="module")
def first_night(project: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a home with a hundred jobs of the look-back, and its source."""
    folder = tmp_path_factory.mktemp("check")
    source = genuine_era_c(folder / "source.sqlite")
    with SourceWriter.open(source) as writer:
        for job_id in range(1, JOBS + 1):
            writer.add_job(job_id=job_id, run_numbers=job_id, created=LOADED - timedelta(hours=job_id))
    project.build(folder / "home", source, LOADED)
    return folder / "home", source


def check(
    project: DbtProject, first_night: tuple[Path, Path], folder: Path, change: Change, tampering: str
) -> None:
    """Change a copy of the source, and the statistics by SQL; run as little as has the source checked."""
    home, source = shutil.copytree(first_night[0], folder / "home"), folder / first_night[1].name
    shutil.copy(first_night[1], source)
    with SourceWriter.open(source) as writer:
        change(writer)
    with statistics(home) as connection:
        connection.execute(tampering)
    project.invoke(
        "run",
        "--select",
        "stg_autoreduction__instruments",
        home=home,
        source=source,
        variables={"as_of": str(LOADED)},
    )


def refused(*, is_refused: bool) -> AbstractContextManager[object]:
    return pytest.raises(DbtFailed, match="This is not the source") if is_refused else nullcontext()


def forget(writer: SourceWriter, job_ids: range) -> None:
    for job_id in job_ids:
        writer.delete_job(job_id)


@pytest.mark.parametrize(
    ("gone", "known", "is_refused"),
    [
        # Fifty, and more than half.
        (50, 99, True),
        # More than half, but not fifty.
        (49, 60, False),
        # Fifty, but just half.
        (50, 100, False),
    ],
)
def test_many_jobs_are_gone(
    project: DbtProject,
    first_night: tuple[Path, Path],
    tmp_path: Path,
    gone: int,
    known: int,
    is_refused: bool,
) -> None:
    def change(writer: SourceWriter) -> None:
        forget(writer, range(known + 1, JOBS + 1))
        forget(writer, range(known - gone + 1, known + 1))

    with refused(is_refused=is_refused):
        tampering = f"update int_job_versions set is_deleted = true where job_id > {known}"
        check(project, first_night, tmp_path, change, tampering)


@pytest.mark.parametrize(("same", "is_refused"), [(0, True), (1, False)])
def test_the_oldest_jobs_are_others_by_now(
    project: DbtProject, first_night: tuple[Path, Path], tmp_path: Path, same: int, is_refused: bool
) -> None:
    """In the same place. Those without a creation, or without a row at the source, prove nothing."""

    def change(writer: SourceWriter) -> None:
        forget(writer, range(3, 5))
        for job_id in range(5, 13 - same):
            writer.update_job(job_id, created=LOADED - timedelta(minutes=job_id))

    tampering = "update int_job_versions set created_at = null where job_id <= 2"
    with refused(is_refused=is_refused):
        check(project, first_night, tmp_path, change, tampering)


@pytest.mark.parametrize(("same", "is_refused"), [(5, True), (6, False)])
def test_another_place_has_to_have_most_of_the_oldest_jobs(
    project: DbtProject, first_night: tuple[Path, Path], tmp_path: Path, same: int, is_refused: bool
) -> None:
    def change(writer: SourceWriter) -> None:
        forget(writer, range(1, 11 - same))

    with refused(is_refused=is_refused):
        elsewhere = "update dim_settings set source_database = 'another.sqlite'"
        check(project, first_night, tmp_path, change, elsewhere)
