"""MySQL's option files, which DuckDB's reader leaves out."""

from pathlib import Path

import pytest
from autostats.source.mysql_options import MysqlOptions, read_mysql_options
from autostats.source.url import Source


def write(folder: Path, text: str, name: str = "my.cnf") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_groups_of_clients(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "# password=no\n[mysqld]\npassword=no\nport=1\n[client]\nuser = anna # she\n"
        "password='a#b \"c'\nport=3307\nsocket=/run/x.sock\nskip-ssl\n!includedir /etc/x\n"
        "[mysqldump]\nuser=no\n",
    )

    found = read_mysql_options([file])

    assert found == MysqlOptions("anna", 'a#b "c', None, 3307, "/run/x.sock")
    assert "a#b" not in repr(found)


def test_the_last_file_wins_and_missing_ones_say_nothing(tmp_path: Path) -> None:
    first = write(tmp_path, "[client]\nuser=anna\npassword=one\n", "1")
    second = write(tmp_path, "[client-mariadb]\npassword=two\n", "2")

    found = read_mysql_options([first, tmp_path / "none", tmp_path, second])

    assert (found.user, found.password) == ("anna", "two")


@pytest.fixture
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "[client]\nuser=anna\npassword=hers\nhost=db\nport=3307\n", ".my.cnf")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("MYSQL_HOME", raising=False)


@pytest.mark.usefixtures("own_file")
def test_the_url_is_stronger_than_the_file() -> None:
    source = Source.from_url("mysql://anna:mine@host/x").with_login_files()

    assert (source.user, source.password, source.host, source.port) == ("anna", "mine", "host", None)


@pytest.mark.usefixtures("own_file")
def test_the_file_fills_what_the_url_leaves_open() -> None:
    source = Source.from_url("mysql:///x").with_login_files()

    assert (source.user, source.password, source.host, source.port) == ("anna", "hers", "db", 3307)
    assert source.database == "x"


@pytest.mark.usefixtures("own_file")
@pytest.mark.parametrize("url", ["postgresql:///x", "postgresql://anna:mine@host/x"])
def test_no_other_client_reads_it(url: str) -> None:
    source = Source.from_url(url)
    assert source.with_login_files() == source


@pytest.mark.usefixtures("own_file")
def test_a_password_is_not_sent_for_another_user() -> None:
    assert Source.from_url("mysql://bob@host/x").with_login_files().password is None
    assert Source.from_url("mysql://anna@host/x").with_login_files().password == "hers"
    assert Source.from_url("mysql://anna:@host/x").with_login_files().password == ""
