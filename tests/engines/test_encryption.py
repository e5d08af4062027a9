"""What docs/databases.md says of passwords and TLS, on servers that demand both."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from support import sources
from support.accounts import PASSWORD, Account, account
from support.extent import some
from support.installed import Autostats
from support.servers import Encrypted, start_encrypted
from support.sources import Engine

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=some(["mariadb", "postgres"], 1))
def engine(request: pytest.FixtureRequest) -> Engine:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def server(engine: Engine) -> Iterator[Encrypted]:
    """The server, in the place of the one that the tests use otherwise."""
    started = start_encrypted(engine)
    if started is None:
        reason = f"{engine} is not installed on this machine"
        if engine in os.environ.get("AUTOSTATS_REQUIRE_ENGINES", "").split(","):
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sources._SERVERS, engine, started.url)
        yield started


@contextmanager
def encrypted_account(engine: Engine, folder: Path) -> Iterator[Account]:
    """The account of the document, whom MariaDB lets in by TLS alone; PostgreSQL lets nobody in otherwise."""
    with account("postgres" if engine == "postgres" else "mysql", folder) as made:
        if engine == "mariadb":
            made.administer(f"alter user '{made.name}'@'%' require ssl")
        yield made


def test_the_servers_own_target(engine: Engine, server: Encrypted, tmp_path: Path) -> None:
    with encrypted_account(engine, tmp_path) as autostats:
        home = tmp_path / "user"
        (home / ".postgresql").mkdir(parents=True)
        settings = {}
        if engine == "postgres":
            place = f"127.0.0.1:{urlsplit(server.url).port}:{autostats.source.database}:{autostats.name}"
            (home / ".pgpass").write_text(f"{place}:{PASSWORD}\n")
            (home / ".pgpass").chmod(0o600)
            settings = {"DBT_ENV_SECRET_AUTOSTATS_PASSWORD": "", "AUTOSTATS_POSTGRES_SSLMODE": "verify-full"}
            distrusted = autostats("run", **settings)
            assert distrusted.code == 6, distrusted.err
            assert "root.crt" in distrusted.err
            (home / ".postgresql" / "root.crt").write_bytes(server.certificate.read_bytes())
        ran = autostats("run", "--as-of", "2020-02-12 20:00", **settings)
        assert ran.code == 0, ran.err
        assert "9 jobs" in ran.out
        report = autostats("report", "--from", "2020-02-11", "--to", "2020-02-12", "-f", "csv", **settings)
        assert report.out.splitlines()[1].startswith("WISH,9,5,2"), report.err
        if engine == "postgres":
            (home / ".pgpass").write_text(f"{place}:not {PASSWORD}\n")
            refused = autostats("run", **settings)
            assert refused.code == 2
            assert PASSWORD not in refused.out + refused.err


def test_the_source_of_duckdb(
    engine: Engine, server: Encrypted, autostats: Autostats, tmp_path: Path
) -> None:
    verified = {
        "postgres": "sslmode=verify-full&sslrootcert={}",
        "mariadb": "ssl_mode=verify_identity&ssl_ca={}",
    }[engine]
    stranger = start_encrypted("mariadb" if engine == "mariadb" else "postgres")
    assert stranger is not None
    with encrypted_account(engine, tmp_path) as reader:
        address = urlsplit(reader.source.url)
        login = f"{reader.name}:{quote(PASSWORD, safe='')}@{address.hostname}:{address.port}"

        def run(options: str) -> tuple[int, str]:
            url = f"{address.scheme}://{login}{address.path}?{options}"
            env = {"AUTOSTATS_SOURCE_URL": url}
            ran = autostats("run", "--home", tmp_path / "home", "--as-of", "2020-02-12 20:00", env=env)
            assert PASSWORD not in ran.out + ran.err
            return ran.code, ran.out + ran.err

        code, said = run(verified.format(server.certificate))
        assert code == 0, said
        code, said = run(verified.format(stranger.certificate))
        assert code == 6, said
        # The server answers, and refuses whoever comes like this.
        code, said = run("sslmode=disable" if engine == "postgres" else "ssl_mode=disabled")
        assert code == 2, said
