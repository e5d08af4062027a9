"""The writer that other suites change their sources with."""

from datetime import datetime
from pathlib import Path

import pytest
from support.sources import SourceWriter, era_a, era_b, genuine_era_c, wish_fixture

DAY = datetime(2020, 2, 11)


def rows(writer: SourceWriter, query: str) -> list[tuple[object, ...]]:
    return list(writer.connection.execute(query).fetchall())


def test_the_fixture_of_wish(tmp_path: Path) -> None:
    path = genuine_era_c(tmp_path / "source.sqlite")
    with SourceWriter.open(path) as writer:
        wish_fixture(writer)

    with SourceWriter.open(path) as writer:
        assert rows(writer, "select count(*), sum(batch_run) from reduction_viewer_reductionrun") == [(9, 1)]
        assert rows(writer, "select count(*) from reduction_viewer_runnumber") == [(11,)]
        assert rows(writer, "select name from reduction_viewer_instrument") == [("WISH",)]
        # Known before this writer opened the file, so not made again.
        assert writer.add_job(created=DAY, run_numbers=106) == 10
        assert rows(writer, "select count(*) from reduction_viewer_status where value = 'c'") == [(1,)]


def test_changes(tmp_path: Path) -> None:
    path = genuine_era_c(tmp_path / "source.sqlite")
    with SourceWriter.open(path) as writer:
        job = writer.add_job(created=DAY, run_numbers=(1, 2), status="queued")
        other = writer.add_job(created=DAY, run_numbers=3, job_id=50)
        writer.update_job(
            job, status="odd", run_numbers=9, instrument="GEM", rb_number=7, started_by=None, finished=DAY
        )
        writer.change_instrument("GEM", name="G'EM", is_paused=True)
        writer.delete_job(other)

        assert writer.add_instrument("G'EM") == 2
        assert writer.add_job(created=DAY, run_numbers=4) == 51
        found = rows(
            writer,
            f"""
            select
                i.name, s.value, e.reference_number, r.started_by, r.finished, r.last_updated, n.run_number
            from reduction_viewer_reductionrun as r
            join reduction_viewer_instrument as i on r.instrument_id = i.id
            join reduction_viewer_status as s on r.status_id = s.id
            join reduction_viewer_experiment as e on r.experiment_id = e.id
            join reduction_viewer_runnumber as n on n.reduction_run_id = r.id
            where r.id = {job}
            """,
        )
    assert found == [("G'EM", "odd", 7, None, "2020-02-11 00:00:00", "2020-02-11 00:00:00", 9)]


def test_a_job_without_instrument_or_run_number(tmp_path: Path) -> None:
    with SourceWriter.open(genuine_era_c(tmp_path / "source.sqlite")) as writer:
        writer.add_job(created=DAY, instrument=None)

        assert rows(writer, "select instrument_id from reduction_viewer_reductionrun") == [(None,)]
        assert rows(writer, "select * from reduction_viewer_runnumber") == []


def test_words_and_letters(tmp_path: Path) -> None:
    with SourceWriter.open(era_a(tmp_path / "a.sqlite"), "A") as writer:
        writer.add_job(created=DAY, run_numbers=1, status="error")
        assert rows(writer, "select value from reduction_viewer_status") == [("Error",)]
    with SourceWriter.open(era_b(tmp_path / "b.sqlite"), "B") as writer:
        writer.add_job(created=DAY, run_numbers=1, status="error")
        assert rows(writer, "select value from reduction_viewer_status") == [("e",)]
        with pytest.raises(ValueError, match="one run number"):
            writer.add_job(created=DAY, run_numbers=(1, 2))


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    path = genuine_era_c(tmp_path / "source.sqlite")

    def interrupted() -> None:
        with SourceWriter.open(path) as writer:
            writer.add_job(created=DAY, run_numbers=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()

    with SourceWriter.open(path) as writer:
        assert rows(writer, "select * from reduction_viewer_reductionrun") == []
