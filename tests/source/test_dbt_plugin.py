"""The plugin of dbt-duckdb: attaches, again and again, and its errors read well."""

from pathlib import Path
from urllib.parse import quote

import duckdb
import pytest
from autostats.dbt_plugin import Plugin
from autostats.errors import UsageError
from support.sources import SourceWriter, genuine_era_c, wish_fixture


def test_the_source_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = genuine_era_c(tmp_path / "source.sqlite")
    with SourceWriter.open(path) as writer:
        wish_fixture(writer)
    monkeypatch.setenv("AUTOSTATS_SOURCE_URL", f"sqlite:///{quote(str(path))}")
    plugin = Plugin("autostats", {})

    with duckdb.connect() as connection:
        for _ in range(2):
            plugin.configure_connection(connection)
        cursor = connection.cursor()
        plugin.configure_cursor(cursor)

        assert cursor.execute("select current_setting('TimeZone')").fetchone() == ("UTC",)
        names = cursor.execute("select name from autoreduction.main.reduction_viewer_instrument")
        assert names.fetchall() == [("WISH",)]


def test_the_source_of_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = genuine_era_c(tmp_path / "source.sqlite")
    monkeypatch.delenv("AUTOSTATS_SOURCE_URL", raising=False)
    monkeypatch.setenv("AUTOSTATS_HOME", str(tmp_path))
    monkeypatch.setenv("FOLDER", str(tmp_path))
    (tmp_path / "autostats.toml").write_text('source_url = "sqlite:///${FOLDER}/source.sqlite"')

    with duckdb.connect() as connection:
        Plugin("autostats", {}).configure_connection(connection)
        found = connection.execute("select count(*) from autoreduction.main.reduction_viewer_reductionrun")
        assert found.fetchone() == (0,), path


def test_dbt_prints_the_remedy_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AUTOSTATS_SOURCE_URL", raising=False)
    monkeypatch.setenv("AUTOSTATS_HOME", str(tmp_path))

    with duckdb.connect() as connection, pytest.raises(UsageError, match="autostats demo"):
        Plugin("autostats", {}).configure_connection(connection)
