"""`AUTOSTATS_SOURCE_URL`: what it may be, and that no password ever comes out of it."""

from pathlib import Path

import pytest
from autostats.errors import UsageError
from autostats.source.url import Source

SECRET = "hidden/from:all@p%eople"
ENCODED = "hidden%2Ffrom%3Aall%40p%25eople"


@pytest.mark.parametrize(
    ("scheme", "kind"),
    [
        ("mysql", "mysql"),
        ("mariadb", "mysql"),
        ("postgresql", "postgresql"),
        ("postgres", "postgresql"),
        ("POSTGRES", "postgresql"),
    ],
)
def test_servers(scheme: str, kind: str) -> None:
    source = Source.from_url(f"{scheme}://an%40na:{ENCODED}@db.example.org:1234/auto%20red?schema=old")

    assert source.kind == kind
    assert (source.host, source.port) == ("db.example.org", 1234)
    assert (source.user, source.password) == ("an@na", SECRET)
    assert (source.database, source.schema) == ("auto red", "old")
    assert source.redacted == f"{kind}://an%40na:***@db.example.org:1234/auto%20red"
    assert SECRET not in repr(source)


def test_parts_that_are_left_out() -> None:
    source = Source.from_url("postgresql:///autoreduction")

    assert (source.host, source.port, source.user, source.password) == (None, None, None, None)
    assert source.redacted == "postgresql:///autoreduction"


def test_another_schema_of_the_same_server() -> None:
    mysql = Source.from_url("mysql://anna:hers@db/autoreduction").of_schema("statistics")
    assert (mysql.database, mysql.schema, mysql.host, mysql.password) == (
        "statistics",
        "statistics",
        "db",
        "hers",
    )
    postgres = Source.from_url("postgresql://anna@db/autoreduction").of_schema("statistics")
    assert (postgres.database, postgres.schema) == ("autoreduction", "statistics")


def test_ipv6() -> None:
    source = Source.from_url("mysql://anna@[fe80::1]:3306/x")

    assert (source.host, source.port) == ("fe80::1", 3306)
    assert source.redacted == "mysql://anna@[fe80::1]:3306/x"
    assert Source.from_url("mysql://[::1]/x").port is None


def test_the_folder_of_a_socket_keeps_its_case() -> None:
    assert Source.from_url("postgresql://%2Frun%2FPG/x").host == "/run/PG"


@pytest.mark.parametrize("port", [1, 65535])
def test_a_port_is_from_1_to_65535(port: int) -> None:
    assert Source.from_url(f"mysql://host:{port}/x").port == port


@pytest.mark.parametrize("port", ["0", "65536", "-1", "²"])
def test_no_other_number_is_a_port(port: str) -> None:
    with pytest.raises(UsageError, match="is not a number from 1 to 65535"):
        Source.from_url(f"mysql://host:{port}/x")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/auto.db", Path("data/auto.db")),
        ("sqlite:////data/auto.db", Path("/data/auto.db")),
        ("sqlite://///data/auto.db", Path("/data/auto.db")),
        ("sqlite:///%2Fdata/auto.db", Path("/data/auto.db")),
        ("sqlite:////data/with%20space%3F.db", Path("/data/with space?.db")),
        ("duckdb:///./auto.db", Path("auto.db")),
        ("duckdb:///../auto.db", Path("../auto.db")),
        ("duckdb:////data/auto.db", Path("/data/auto.db")),
        ("duckdb:///~/auto.db", Path.home() / "auto.db"),
    ],
)
def test_files(url: str, path: Path) -> None:
    assert Source.from_url(url).path == path


@pytest.mark.parametrize("url", ["sqlite:///data/auto.db", "sqlite:////data/auto.db"])
def test_files_are_shown_as_they_are_written(url: str) -> None:
    assert Source.from_url(url).redacted == url


@pytest.mark.parametrize(
    "url",
    [
        "s3cretly",
        "mysql:/anna:s3cret@host/x",
        "oracle://anna:s3cret@host/x",
        "anna:s3cret@host/x",
        "mysql://anna:s3/cret@host/x",
        "mysql://anna:s3#cret@host/x",
        "mysql://anna:s3?cret@host/x",
        "mysql://anna:s3@cret@host/x",
        "mysql://anna:1/s3cret@host/x",
        "mysql://anna:1?s3cret=1@host/x",
        "mysql://anna:1#s3cret@host/x",
        "mysql://anna:[s3cret@host/x",
        "mysql://anna:s3cret@host:port/x",
        "mysql://anna:s3cret@host:99999/x",
        "mysql://anna:s3cret@host/x?color=s3cret",
        "sqlite://anna:s3cret@host/x",
        "sqlite:///",
        "sqlite:////",
        "sqlite:///x?sslmode=s3cret",
    ],
)
def test_a_bad_url_is_never_repeated(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Source.from_url(url)

    assert "AUTOSTATS_SOURCE_URL" in str(caught.value)
    assert caught.value.remedy
    for text in ("s3", "cret"):
        assert text not in f"{caught.value} {caught.value.remedy}".replace("secret", "")
    # A chained error of urllib would be printed with a traceback.
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
