"""The project of docs/archive.md with a metric of its own, built by dbt as the page says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from support.documentation import ROOT
from support.installed import bare_environment

FILE = re.compile(r"```(?:yaml|sql) (site/[\w./]+)\n(.*?)```", re.DOTALL)


@pytest.mark.slow
def test_a_metric_of_ones_own(checkout: Path, facility: Path, tmp_path: Path) -> None:
    home, clone = tmp_path / "home", checkout.rename(tmp_path / "autostats")
    home.mkdir()
    shutil.copy2(facility / "autostats.duckdb", home)
    page = (ROOT / "docs" / "archive.md").read_text(encoding="utf-8")
    for name, text in FILE.findall(page):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    shutil.copy2(clone / "profiles.example.yml", tmp_path / "site" / "profiles.yml")
    source = f"sqlite:///{facility / 'source.sqlite'}"
    environment = bare_environment(
        tmp_path / "nobody", {"AUTOSTATS_HOME": str(home), "AUTOSTATS_SOURCE_URL": source}
    )
    dbt = Path(sys.executable).with_name("dbt")
    for command in re.findall(r"^dbt (.* --profiles-dir \.)$", page, re.MULTILINE):
        ran = subprocess.run(
            [dbt, *command.split()],
            cwd=tmp_path / "site",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout
    with duckdb.connect(str(home / "autostats.duckdb")) as connection:
        connection.execute("use autostats.autostats")
        described = connection.execute("describe archive_growth").fetchall()
    assert [row[0] for row in described] == ["instrument", "files", "gigabytes", "newest_modified_at"]
