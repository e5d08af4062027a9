"""The databases of a server target, read from a dbt profile without dbt."""

from pathlib import Path

import pytest
from autostats.configuration.build import Build, write_build
from autostats.dbt_setup.server_target import ServerTarget, render
from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.home import Home


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DBT_PROFILES_DIR", "DBT_TARGET", "AUTOSTATS_TARGET", "AUTOSTATS_SOURCE_SCHEMA"):
        monkeypatch.delenv(name, raising=False)


def found(tmp_path: Path, target: str | None) -> ServerTarget:
    server = Setup(Home(tmp_path), target).server
    assert server is not None
    return server


def test_the_default_target_is_a_file(tmp_path: Path) -> None:
    assert Setup(Home(tmp_path)).server is None
    assert Setup(Home(tmp_path), "duckdb").server is None


def test_the_packaged_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_ENV_SECRET_AUTOSTATS_PASSWORD", "s3cret")
    monkeypatch.setenv("AUTOSTATS_POSTGRES_HOST", "db.example")
    monkeypatch.setenv("AUTOSTATS_MYSQL_PORT", "3307")
    server = found(tmp_path, "postgres")
    assert (server.statistics.host, server.statistics.port, server.statistics.user) == (
        "db.example",
        5432,
        "autostats",
    )
    assert (server.statistics.schema, server.source.schema) == ("autostats", "autoreduction")
    assert server.statistics.password == "s3cret"
    assert "s3cret" not in repr(server) + server.statistics.redacted
    assert dict(server.source.options) == {"sslmode": "prefer"}
    server = found(tmp_path, "mysql")
    assert (server.statistics.port, server.statistics.database, server.source.database) == (
        3307,
        "autostats",
        "autoreduction",
    )


def test_without_a_password_postgresql_asks_its_own_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBT_ENV_SECRET_AUTOSTATS_PASSWORD", raising=False)
    assert found(tmp_path, "postgres").source.password is None


def test_the_variable_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "autostats.toml").write_text(
        'password = "${DB}"\n[vars]\nsource_schema = "other"\n[postgres]\nhost = "db.example"\n'
    )
    monkeypatch.setenv("DBT_ENV_SECRET_AUTOSTATS_PASSWORD", "")
    monkeypatch.setenv("DB", "s3cret")
    server = found(tmp_path, "postgres")
    assert (server.source.schema, server.source.host) == ("other", "db.example")
    assert server.source.password == "s3cret"
    monkeypatch.setenv("AUTOSTATS_SOURCE_SCHEMA", "public")
    assert found(tmp_path, "postgres").source.schema == "public"


def test_the_target_of_the_newest_build_is_found(tmp_path: Path) -> None:
    write_build(Home(tmp_path), Build("postgres"))
    assert found(tmp_path, None).name == "postgres"
    assert Setup(Home(tmp_path), "duckdb").server is None


def test_a_variable_that_is_not_set() -> None:
    with pytest.raises(UsageError, match="needs the environment variable DB_HOST"):
        render({"host": "{{ env_var('DB_HOST') }}"}, "target", {})


def test_a_text_that_is_no_template() -> None:
    with pytest.raises(UsageError, match="cannot be read: host"):
        render({"host": "{{ env_var("}, "target", {})


def test_a_profile_of_ones_own_is_found_by_its_default(tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text(
        "autostats: {target: site, outputs: {site: {type: postgres, host: h, port: 5433, user: u, dbname: d,"
        " schema: stats}}}"
    )
    server = found(tmp_path, None)
    assert (server.name, server.statistics.port, server.statistics.schema) == ("site", 5433, "stats")


def test_a_port_that_is_no_number(tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text(
        "autostats: {target: site, outputs: {site: {type: mysql, server: h, port: abc, schema: s}}}"
    )
    with pytest.raises(UsageError, match="is not a number"):
        found(tmp_path, None)
