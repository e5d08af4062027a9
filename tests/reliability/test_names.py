"""Instrument names are data: through a real run, into every command and every format."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from autostats.render.output import Format
from autostats.text import printable
from openpyxl import load_workbook
from prometheus_client.parser import text_string_to_metric_families
from support.installed import Ran, run_command
from support.reliability.hostile import NAMES
from support.sources import SourceWriter, genuine_era_c

pytestmark = pytest.mark.slow

NOON = datetime(2020, 3, 1, 12)
PICTURES = {Format.SVG, Format.PNG}
FILES = {Format.XLSX, Format.PARQUET}
# What `missing` refuses beside them.
OF_REPORTS = {Format.HTML, Format.PROMETHEUS}

Told = Callable[..., Ran]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Run a command on statistics whose instruments bear the names; built by two runs of the daily job."""
    folder = tmp_path_factory.mktemp("names")
    source = genuine_era_c(folder / "source.sqlite")
    env = {"AUTOSTATS_SOURCE_URL": f"sqlite:///{source}", "LC_ALL": "C.UTF-8", "COLUMNS": "120"}

    def run(command: str, *arguments: str) -> Ran:
        # The home first: what follows may be a `--` and names.
        return run_command((command, "--home", folder / "home", *arguments), folder / "nobody", env)

    for later in range(2):
        with SourceWriter.open(source) as writer:
            for name in NAMES:
                for number in (1, 4):
                    at = NOON + timedelta(minutes=later)
                    writer.add_job(
                        instrument=name,
                        run_numbers=number + 10 * later,
                        status=("error", "completed")[later],
                        created=at,
                        started=at,
                        finished=at,
                    )
        ran = run("run", "--as-of", str(NOON + timedelta(hours=1 + later)))
        assert (ran.code, ran.err) == (0, "")
        _check(ran.out)
    return run


def _check(printed: str) -> None:
    """Nothing that a terminal would obey, and no trace of a failure."""
    assert "\x1b" not in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("kind", [kind for kind in Format if kind not in FILES])
def test_all_of_them_in_each_format(told: Told, kind: Format) -> None:
    commands = [
        ("report", "--from", "2020-03-01", "--to", "2020-03-01"),
        ("report", "--from", "2020-03-01", "--to", "2020-03-01", "--by", "day"),
        ("report", "--from", "2020-03-01", "--to", "2020-03-01", "--unresolved"),
        ("missing",),
    ]
    for command in commands:
        if kind is Format.PROMETHEUS and len(command) > 5:
            continue  # It holds the summary and nothing else.
        ran = told(*command, "--format", kind)
        if kind in PICTURES or (command[0] == "missing" and kind in OF_REPORTS):
            assert (ran.code, "Traceback" in ran.err) == (2, False)
            continue
        assert ran.code == 0, ran.err
        _check(ran.out + ran.err)
        if kind is Format.JSON:
            texts = _texts(json.loads(ran.out))
            assert set(NAMES) - {"unknown"} <= texts
        elif kind is Format.CSV:
            rows = list(csv.reader(io.StringIO(ran.out)))
            assert {len(row) for row in rows} == {len(rows[0])}
            cells = [cell for row in rows[1:] for cell in row if cell[:1] in "=+-@\t\r" and cell]
            assert all(cell.lstrip("-").replace(".", "").isdigit() for cell in cells), cells
        elif kind is Format.HTML:
            # The one that sorts tables.
            assert ran.out.count("<script") == 1
            assert "&lt;script&gt;" in ran.out
        elif kind is Format.MD:
            assert "<script>" not in ran.out
        elif kind is Format.PROMETHEUS:
            named = {
                sample.labels["instrument"]
                for family in text_string_to_metric_families(ran.out)
                for sample in family.samples
                if "instrument" in sample.labels
            }
            assert named >= {printable(name) for name in NAMES} - {"unknown"}


def test_all_of_them_in_a_workbook(told: Told, tmp_path: Path) -> None:
    file = tmp_path / "report.xlsx"
    ran = told("report", "--from", "2020-03-01", "--to", "2020-03-01", "--output", file)
    assert ran.code == 0, ran.err
    cells = [cell for sheet in load_workbook(file) for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert {str(cell.value) for cell in cells} >= {printable(name) for name in NAMES} - {"unknown"}


def test_all_of_them_in_a_parquet_file(told: Told, tmp_path: Path) -> None:
    file = tmp_path / "report.parquet"
    ran = told("report", "--from", "2020-03-01", "--to", "2020-03-01", "--output", file)
    assert ran.code == 0, ran.err
    rows = duckdb.sql(f"select instrument from '{file}'").fetchall()
    assert {name for (name,) in rows} >= set(NAMES) - {"unknown"}


def _texts(value: object) -> set[str]:
    """Return every text in a JSON value."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return _texts(list(value.values()))
    if isinstance(value, list):
        return set().union(*map(_texts, value))
    return set()


@pytest.mark.parametrize("name", NAMES)
def test_each_can_be_asked_for(told: Told, name: str) -> None:
    asked = ("--", name) if name.startswith("-") else (name,)
    ran = told("report", "--from", "2020-03-01", "--to", "2020-03-01", "--format", "json", *asked)
    assert ran.code == 0, ran.err
    assert name in _texts(json.loads(ran.out))
    ran = told("missing", "--format", "csv", *asked)
    assert (ran.code, "Traceback" in ran.err) == (0, False)
    for chart in ("jobs", "missing"):
        ran = told("plot", chart, *asked)
        assert (ran.code, "Traceback" in ran.err) == (0, False)
    ran = told("explain", "--format", "json", *asked, "2020-03-01", "jobs_failed")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["value"] == 2


def test_the_other_commands(told: Told) -> None:
    for command in (
        ("verify",),
        ("doctor",),
        ("doctor", "--format", "json"),
        ("missing", "--check"),
        *(("digest", "--since", "2020-03-01", "--format", kind) for kind in ("table", "md", "html")),
        ("plot", "missing", "--from", "2020-03-01", "--to", "2020-03-01"),
    ):
        ran = told(*command)
        assert ran.code in {0, 1, 4}, ran.err
        assert "failed with an unexpected" not in ran.err
        _check(ran.out + ran.err)
    ran = told("report", "no such [bold]name[/]")
    assert ran.code == 2
    assert "[bold]" in ran.err
    _check(ran.err)


def test_a_name_is_no_path(told: Told, tmp_path: Path) -> None:
    ran = told("report", "../x", "--from", "2020-03-01", "--to", "2020-03-01", "-o", str(tmp_path / "x.csv"))
    assert ran.code == 0, ran.err
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["x.csv"]
