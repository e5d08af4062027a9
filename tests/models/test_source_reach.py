"""Which jobs a run reads from the source again: by the ids of what our own copy says of their times."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.dbt_project import DbtProject
from support.sources import SourceWriter, genuine_era_c

pytestmark = pytest.mark.slow

LOADED = datetime(2020, 2, 20, 12)
LOOKBACK = timedelta(days=14)
SECOND = timedelta(seconds=1)
# When each job was created. All are completed but 2.
CREATED = {
    1: datetime(2020, 1, 1, 12),
    2: datetime(2020, 1, 2, 12),
    3: datetime(2020, 1, 3, 12),
    4: datetime(2020, 1, 3, 13),
    5: datetime(2020, 1, 4, 12),
    # By a clock that runs ahead.
    6: LOADED + SECOND,
    8: LOADED - LOOKBACK - SECOND,
    9: LOADED - LOOKBACK,
    11: LOADED,
}
Reach = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def first_night(project: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a home and its source."""
    folder = tmp_path_factory.mktemp("reach")
    source = genuine_era_c(folder / "source.sqlite")
    with SourceWriter.open(source) as writer:
        for job_id, created in CREATED.items():
            writer.add_job(
                job_id=job_id,
                run_numbers=job_id,
                created=created,
                status="queued" if job_id == 2 else "completed",
                finished=None if job_id == 2 else created,
            )
    project.build(folder / "home", source, LOADED)
    return folder / "home", source


@pytest.fixture
def reach(project: DbtProject, first_night: tuple[Path, Path], tmp_path: Path) -> Reach:
    """Return what gives the reach of a run at a moment, with vars, after a change at the source."""
    home, source = shutil.copytree(first_night[0], tmp_path / "home"), tmp_path / first_night[1].name
    shutil.copy(first_night[1], source)

    def ask(
        as_of: datetime, change: Callable[[SourceWriter], object] = lambda writer: None, **variables: object
    ) -> dict[str, Any]:
        with SourceWriter.open(source) as writer:
            change(writer)
        done = project.invoke(
            "compile",
            "--inline",
            "{{ source_reach(job_versions()) | tojson if execute }}",
            home=home,
            source=source,
            variables={"as_of": str(as_of), **variables},
        )
        found: dict[str, Any] = json.loads(done.results[0].node.compiled_code)
        return found

    return ask


def test_the_look_back_is_as_long_as_it_says_its_first_moment_included(reach: Reach) -> None:
    """Job 9 was created just 14 days ago, job 8 a second earlier; job 6, of the future, does not count."""
    assert reach(LOADED) == {"lowest": 9, "open": [2], "late": [], "rebuilt": None}


def test_a_job_of_the_present_counts_and_one_of_the_future_does_not(reach: Reach) -> None:
    assert reach(LOADED, lookback_days=0)["lowest"] == 11
    assert reach(LOADED + SECOND, lookback_days=0)["lowest"] == 6


def test_a_longer_look_back(reach: Reach) -> None:
    assert reach(LOADED, lookback_days=15)["lowest"] == 8


def test_it_counts_from_the_last_load_however_long_ago_that_was(reach: Reach) -> None:
    """Job 6 lay in the future of that load, and lies in the past of this one."""
    assert reach(LOADED + timedelta(days=10))["lowest"] == 6
    assert reach(LOADED + timedelta(days=10), lookback_days=15)["lowest"] == 6


def test_a_run_in_the_past_counts_from_its_own_time(reach: Reach) -> None:
    assert reach(CREATED[3] + LOOKBACK)["lowest"] == 3


def test_with_no_recent_job_only_new_ids_are_read(reach: Reach) -> None:
    assert reach(datetime(2019, 1, 1))["lowest"] == 12


def test_a_rebuild_reads_the_days_from_their_first_id_to_their_last(reach: Reach) -> None:
    found = reach(LOADED, from_day="2020-01-02", to_day="2020-01-03")
    assert found == {"lowest": 9, "open": [], "late": [], "rebuilt": [2, 4]}
    assert reach(LOADED, from_day="2020-01-03", to_day="2020-01-03")["rebuilt"] == [3, 4]
    assert reach(LOADED, from_day="2020-01-05", to_day="2020-01-05")["rebuilt"] is None


@pytest.mark.parametrize("job_id", [7, 10])
def test_an_id_that_turned_up_late_is_read(reach: Reach, job_id: int) -> None:
    """One below the look-back; whatever is above is read anyhow."""

    def late(writer: SourceWriter) -> None:
        writer.add_job(job_id=job_id, run_numbers=7, created=datetime(2020, 1, 4, 12))

    assert reach(LOADED, late)["late"] == ([7] if job_id < 9 else [])


def test_ids_that_took_the_place_of_others_are_read(reach: Reach) -> None:
    """As many ids as before, and with the same sum."""

    def change(writer: SourceWriter) -> None:
        for job_id in (1, 6):
            writer.delete_job(job_id)
        for job_id in (0, 7):
            writer.add_job(job_id=job_id, run_numbers=1, created=datetime(2020, 1, 4, 12))

    assert reach(LOADED, change)["late"] == [0, 7]
