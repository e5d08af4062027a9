"""What ran the jobs, software and host: in every era, and where the source says little of them."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.dbt_project import DbtProject, select, statistics
from support.sources import SCHEMAS, Era, SourceWriter, genuine_era_c

pytestmark = pytest.mark.slow

NIGHT = datetime(2020, 2, 20, 23)
NEEDED = ("--select", "+fct_job_volume_daily", "+fct_jobs")
VOLUME = (
    "select software, reduction_host, cast(sum(jobs_total) as bigint) from fct_job_volume_daily group by all"
)


def job(writer: SourceWriter, job_id: int, days_ago: int = 1, **more: Any) -> None:
    created = NIGHT - timedelta(days=days_ago)
    finished = created + timedelta(minutes=1)
    writer.add_job(
        job_id=job_id, run_numbers=job_id, created=created, started=created, finished=finished, **more
    )


def run(project: DbtProject, home: Path, source: Path, nights: int, *flags: str) -> None:
    variables = {"as_of": str(NIGHT + timedelta(days=nights))}
    project.invoke("run", *flags, home=home, source=source, variables=variables)


def rows(home: Path, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in select(home, f"{query} order by all")]


@pytest.mark.parametrize(
    ("era", "host", "title"), [("A", None, None), ("B", "reduce-01", None), ("C", "reduce-01", "D2O")]
)
def test_every_era_names_what_ran_its_jobs(
    project: DbtProject, tmp_path: Path, era: Era, host: str | None, title: str | None
) -> None:
    source = SCHEMAS[era](tmp_path / "source.sqlite")
    with SourceWriter.open(source, era) as writer:
        job(writer, 1, software="Mantid 6.2.0", reduction_host="reduce-01", run_title="D2O")
        job(writer, 2)
    home = tmp_path / "home"
    run(project, home, source, 0, *NEEDED)
    found = rows(home, "select job_id, software, reduction_host, run_title from fct_jobs")
    assert found == [(1, "Mantid 6.2.0", host, title), (2, None, None, None)]
    assert rows(home, VOLUME) == [("Mantid 6.2.0", host or "unknown", 1), ("unknown", "unknown", 1)]


def test_software_is_named_once_its_table_can_be_read_and_again_when_it_is_renamed(
    project: DbtProject, tmp_path: Path
) -> None:
    """Jobs that are older than the look-back too; and what can no longer be read keeps its last name."""
    source = genuine_era_c(tmp_path / "source.sqlite")
    with SourceWriter.open(source) as writer:
        job(writer, 1, days_ago=300, software="Mantid 6.1.0", reduction_host="reduce-01")
        job(writer, 2, software="Mantid 6.1.0", reduction_host="reduce-01")
        job(writer, 3, software="Mantid 6.2.0", reduction_host="reduce-02")
    home = tmp_path / "home"
    elsewhere = "alter table {} rename to {}"
    software, hidden = "reduction_viewer_software", "of_nobody"
    with closing(sqlite3.connect(source)) as connection:
        connection.execute(elsewhere.format(software, hidden))
    project.build(home, source, NIGHT)
    assert rows(home, VOLUME) == [("unknown", "reduce-01", 2), ("unknown", "reduce-02", 1)]
    with closing(sqlite3.connect(source)) as connection:
        connection.execute(elsewhere.format(hidden, software))
    run(project, home, source, 1, *NEEDED)
    named = [("Mantid 6.1.0", "reduce-01", 2), ("Mantid 6.2.0", "reduce-02", 1)]
    assert rows(home, VOLUME) == named
    with SourceWriter.open(source) as writer:
        writer.rename("software", "Mantid 6.1.0", "Mantid 6.1.1")
    run(project, home, source, 2, *NEEDED)
    renamed = [("Mantid 6.1.1", "reduce-01", 2), ("Mantid 6.2.0", "reduce-02", 1)]
    assert rows(home, VOLUME) == renamed
    with closing(sqlite3.connect(source)) as connection:
        connection.execute(elsewhere.format(software, hidden))
    for flags in ((), ("--full-refresh",)):
        run(project, home, source, 3, *NEEDED, *flags)
        assert rows(home, VOLUME) == renamed


def test_odd_hosts_and_titles_spoil_nothing_and_an_older_copy_gets_them(
    project: DbtProject, tmp_path: Path
) -> None:
    """Bytes that are no text, very long texts, a NUL; the oldest job is no longer at the source."""
    source = genuine_era_c(tmp_path / "source.sqlite")
    with SourceWriter.open(source) as writer:
        for job_id in range(1, 8):
            job(writer, job_id, days_ago=1 if job_id > 1 else 300, software="Mantid 6.2.0")
    cells = {
        2: "x'ff41'",
        3: f"'{'h' * 5000}'",
        4: "'  reduce-01 '",
        5: "'a' || char(0) || 'b'",
        6: "cast(x'c3a9ff' as text)",
    }
    with closing(sqlite3.connect(source)) as connection, connection:
        for job_id, cell in cells.items():
            connection.execute(
                f"update reduction_viewer_reductionrun set reduction_host = {cell}, run_title = {cell}"
                f" where id = {job_id}"
            )
        connection.execute("update reduction_viewer_software set version = x'ff'")
    home = tmp_path / "home"
    project.build(home, source, NIGHT)
    texts = {2: "\\xFFA", 3: "h" * 200, 4: "reduce-01", 5: "a\0b", 6: "\\xC3\\xA9\\xFF"}
    expected = [(job_id, "Mantid \\xFF", texts.get(job_id), texts.get(job_id)) for job_id in range(1, 8)]
    named = "select job_id, software, reduction_host, run_title from fct_jobs"
    assert rows(home, named) == expected
    with SourceWriter.open(source) as writer:
        writer.delete_job(1)
    with statistics(home) as connection:
        connection.execute("drop view fct_jobs")
        connection.execute("drop table rpt_jobs_by_minute")
        connection.execute("drop table fct_job_volume_daily")
        for column in ("software", "software_id", "reduction_host", "run_title"):
            connection.execute(f"alter table int_job_versions drop column {column}")
        connection.execute("update dim_settings set schema_version = 6")
    run(project, home, source, 1, "--full-refresh")
    assert rows(home, named) == [(1, None, None, None), *expected[1:]]
    assert rows(home, VOLUME)[-1] == ("unknown", "unknown", 1)
