"""Attaching files: all eras and kinds look alike, nothing can be written, every bad file is explained."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from autostats.demo import generate
from autostats.errors import UnreachableError, UsageError
from autostats.source.attach import attach
from autostats.source.url import Source
from support.sources import SourceWriter, era_a, era_b, genuine_era_c, wish_fixture

JOBS = "autoreduction.main.reduction_viewer_reductionrun"
BUILDERS = {"A": era_a, "B": era_b, "C": genuine_era_c}


def source_of(path: Path, kind: str = "sqlite") -> Source:
    return Source.from_url(f"{kind}:///{quote(str(path))}")


@pytest.fixture
def wish(tmp_path: Path) -> Path:
    path = genuine_era_c(tmp_path / "it's a source?.sqlite")
    with SourceWriter.open(path) as writer:
        wish_fixture(writer)
    return path


@pytest.mark.parametrize("era", ["A", "B", "C"])
def test_eras(era: str, tmp_path: Path) -> None:
    path = BUILDERS[era](tmp_path / "source.sqlite")
    with SourceWriter.open(path, era) as writer:  # type: ignore[arg-type]
        wish_fixture(writer)

    with duckdb.connect() as connection:
        schema = attach(connection, source_of(path))
        last = connection.execute(f"select max(cast(created as timestamp)), max(id) from {JOBS}").fetchone()

    assert schema.era == era
    assert schema.missing == []
    assert last == (datetime(2020, 2, 12, 11), 9)


def test_a_duckdb_source(tmp_path: Path) -> None:
    made = generate(tmp_path / "demo.duckdb", kind="duckdb", jobs=500, days=5)

    with duckdb.connect() as connection:
        schema = attach(connection, source_of(made.path, "duckdb"))

        assert schema.era == "C"
        assert connection.execute(f"select count(*) from {JOBS}").fetchone() == (made.jobs,)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_nothing_can_be_written(kind: str, tmp_path: Path) -> None:
    made = generate(tmp_path / "demo", kind=kind, jobs=50, days=2)  # type: ignore[arg-type]

    with duckdb.connect() as connection:
        attach(connection, source_of(made.path, kind))
        for change in ("delete from", "truncate", "drop table"):
            with pytest.raises(duckdb.Error, match="read-only"):
                connection.execute(f"{change} autoreduction_source.main.reduction_viewer_runnumber")


def test_every_session_is_in_utc(wish: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'America/New_York'")
        attach(connection, source_of(wish))

        for session in (connection, connection.cursor()):
            assert session.execute("select current_setting('TimeZone')").fetchone() == ("UTC",)


def test_attaching_again_sees_what_is_new(wish: Path, tmp_path: Path) -> None:
    other = genuine_era_c(tmp_path / "other.sqlite")

    with duckdb.connect() as connection:
        for path, jobs in ((wish, 9), (wish, 9), (other, 0), (wish, 9)):
            attach(connection, source_of(path))
            assert connection.execute(f"select count(*) from {JOBS}").fetchone() == (jobs,)


def test_a_failure_leaves_nothing_attached(wish: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(empty).close()

    with duckdb.connect() as connection:
        attach(connection, source_of(wish))
        with pytest.raises(UsageError):
            attach(connection, source_of(empty, "duckdb"))

        names = connection.execute("select database_name from duckdb_databases()").fetchall()
        assert not {("autoreduction",), ("autoreduction_source",)} & set(names)


def test_no_autoreduction_tables(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(path) as database:
        database.execute("create table something (id int)")

    with duckdb.connect() as connection, pytest.raises(UsageError, match="no table reduction_viewer_reduct"):
        attach(connection, source_of(path, "duckdb"))


def test_missing_columns_are_named(wish: Path) -> None:
    writer = SourceWriter.open(wish)
    writer.connection.execute("alter table reduction_viewer_reductionrun rename finished to done")
    writer.connection.execute("drop table reduction_viewer_experiment")
    writer.close()

    with duckdb.connect() as connection, pytest.raises(UsageError) as caught:
        attach(connection, source_of(wish))

    assert "reduction_viewer_reductionrun.finished, reduction_viewer_experiment" in str(caught.value)
    assert "SELECT" in caught.value.remedy


def test_several_schemas(tmp_path: Path) -> None:
    made = generate(tmp_path / "demo.duckdb", kind="duckdb", jobs=50, days=2)
    with duckdb.connect(made.path) as database:
        database.execute("create schema old")
        tables = database.execute("select table_name from duckdb_tables()").fetchall()
        for (name,) in tables:
            database.execute(f"create table old.{name} as from main.{name} limit 1")
    url = f"duckdb:///{quote(str(made.path))}"

    with duckdb.connect() as connection:
        with pytest.raises(UsageError, match="several Autoreduction databases: main, old") as caught:
            attach(connection, Source.from_url(url))
        assert "?schema=" in caught.value.remedy
        with pytest.raises(UsageError, match="in schema new") as caught:
            attach(connection, Source.from_url(f"{url}?schema=new"))
        assert "main, old" in caught.value.remedy

        assert attach(connection, Source.from_url(f"{url}?schema=old")).name == "old"
        assert connection.execute(f"select count(*) from {JOBS}").fetchone() == (1,)


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"x" * 5000, "is not a"),
        ("folder", "is a folder"),
    ],
)
def test_bad_files(kind: str, content: object, words: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    if content == "folder":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)

    with (
        duckdb.connect() as connection,
        pytest.raises((UnreachableError, UsageError), match=words) as caught,
    ):
        attach(connection, source_of(path, kind))

    assert str(path) in str(caught.value)
    assert caught.value.remedy


def test_a_relative_path_starts_at_the_current_folder(wish: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wish.parent)

    with duckdb.connect() as connection:
        assert attach(connection, Source.from_url(f"sqlite:///{quote(wish.name)}")).era == "C"


def test_three_slashes_where_four_were_meant(wish: Path) -> None:
    url = f"sqlite://{quote(str(wish))}?schema=main"

    with duckdb.connect() as connection, pytest.raises(UsageError, match="relative to the current") as caught:
        attach(connection, Source.from_url(url))

    assert str(Path.cwd() / wish.relative_to("/")) in str(caught.value)
    assert f"write sqlite:///{quote(str(wish))}, with four slashes" in caught.value.remedy


@pytest.mark.parametrize(("kind", "other"), [("sqlite", "duckdb"), ("duckdb", "sqlite")])
def test_the_other_kind_of_file(kind: str, other: str, tmp_path: Path) -> None:
    made = generate(tmp_path / "demo", kind=kind, jobs=50, days=2)  # type: ignore[arg-type]

    with duckdb.connect() as connection, pytest.raises(UsageError) as caught:
        attach(connection, source_of(made.path, other))

    assert f"{kind}://" in caught.value.remedy


HOLDERS = {
    "sqlite": "import sqlite3; c = sqlite3.connect({!r}, isolation_level=None); c.execute('begin exclusive')",
    "duckdb": "import duckdb; c = duckdb.connect({!r})",
}


@pytest.mark.parametrize("kind", [pytest.param("sqlite", marks=pytest.mark.slow), "duckdb"])
def test_a_locked_file(kind: str, tmp_path: Path) -> None:
    made = generate(tmp_path / "demo", kind=kind, jobs=50, days=2)  # type: ignore[arg-type]
    program = HOLDERS[kind].format(str(made.path)) + "; print('held', flush=True); input()"

    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with (
            duckdb.connect() as connection,
            pytest.raises(UnreachableError, match="in use by another process"),
        ):
            attach(connection, source_of(made.path, kind))
        holder.communicate("\n")


def test_the_statistics_database_is_no_source(tmp_path: Path) -> None:
    made = generate(tmp_path / "demo.duckdb", kind="duckdb", jobs=50, days=2)

    with duckdb.connect(made.path) as connection, pytest.raises(UsageError, match="open in this process"):
        attach(connection, source_of(made.path, "duckdb"))
