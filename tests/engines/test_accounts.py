"""Everything works under exactly the accounts of docs/databases.md, and the doctor sees what is amiss."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.engines import mysql_python
from support.installed import COMMAND, Ran, bare_environment
from support.nights import PROJECT
from support.sources import ServerSource, SourceWriter, server_source, wish_fixture

pytestmark = pytest.mark.slow

DOCUMENT = PROJECT / "docs" / "databases.md"
PASSWORD = "only for @ test's sake"


def granted(language: str, source: ServerSource, account: str) -> list[str]:
    """The statements of the document for this source, with names of our own."""
    block = re.search(rf"```sql {language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    text = block[1].replace("change me", PASSWORD.replace("'", "''"))
    if language == "mysql":
        text = text.replace("autoreduction.", f"{source.database}.")
        text = re.sub(r"\bautostats(?=\.\*| CHARACTER)", f"{account}_statistics", text)
        text = text.replace("'autostats'", f"'{account}'")
    else:
        text = re.sub(r"(ROLE|AUTHORIZATION|TO) autostats", rf"\1 {account}", text)
    return [statement for statement in text.split(";") if statement.strip()]


@dataclass(frozen=True)
class Account:
    """An account of the document, and the command that uses it."""

    source: ServerSource
    target: str
    name: str
    command: Path
    folder: Path

    def __call__(self, *arguments: str, **more: str) -> Ran:
        server = urlsplit(self.source.url)
        prefix = f"AUTOSTATS_{self.target.upper()}_"
        environment = {
            "AUTOSTATS_HOME": str(self.folder / "home"),
            f"{prefix}HOST": server.hostname or "",
            f"{prefix}PORT": str(server.port),
            f"{prefix}USER": self.name,
            f"{prefix}DATABASE": self.source.database
            if self.target == "postgres"
            else f"{self.name}_statistics",
            "AUTOSTATS_SOURCE_SCHEMA": "public" if self.target == "postgres" else self.source.database,
            "DBT_ENV_SECRET_AUTOSTATS_PASSWORD": PASSWORD,
        }
        done = subprocess.run(
            [str(self.command), *arguments, "--target", self.target],
            env=bare_environment(self.folder / "user", environment | more),
            cwd=self.folder / "user",
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def administer(self, *statements: str) -> None:
        with closing(self.source.connect()) as connection, closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement)
            connection.commit()


@contextmanager
def account(target: str, folder: Path) -> Iterator[Account]:
    command = COMMAND if target == "postgres" else mysql_python().with_name("autostats")
    with server_source("postgres" if target == "postgres" else "mariadb") as source:
        with SourceWriter.open(source) as writer:
            wish_fixture(writer)
        made = Account(source, target, source.database.replace("test", "account"), command, folder)
        made.administer(*granted(target, source, made.name))
        try:
            yield made
        finally:
            if target == "postgres":
                made.administer(f"drop owned by {made.name} cascade", f"drop role {made.name}")
            else:
                made.administer(
                    f"drop user '{made.name}'@'%'", f"drop database if exists {made.name}_statistics"
                )


@pytest.mark.parametrize("target", ["postgres", "mysql"])
def test_every_command_with_the_documented_account(target: str, tmp_path: Path) -> None:
    with account(target, tmp_path) as autostats:
        # The service holds locks on rows of its own: a run that wanted any would wait for them, and fail.
        with closing(autostats.source.connect()) as service, closing(service.cursor()) as cursor:
            cursor.execute("update reduction_viewer_reductionrun set run_version = 9")
            first = autostats("run", "--as-of", "2020-02-12 20:00")
            service.rollback()
        assert first.code == 0, first.err
        assert "9 jobs" in first.out
        assert autostats("run", "--as-of", "2020-02-12 20:00").code == 0
        report = autostats("report", "--from", "2020-02-11", "--to", "2020-02-12", "--format", "csv")
        assert report.code == 0, report.err
        assert report.out.splitlines()[1].startswith("WISH,9,5,2")
        missing = autostats("missing", "--check", "--format", "csv")
        assert missing.code == 1
        assert "WISH,102,102,1" in missing.out
        explained = autostats("explain", "WISH", "2020-02-11", "jobs_failed", "--format", "csv")
        assert explained.code == 0, explained.err
        verified = autostats("verify", "--from", "2020-02-11", "--to", "2020-02-12")
        assert verified.code == 0, verified.err
        days = ("--from", "2020-02-11", "--to", "2020-02-12")
        drawn = tmp_path / "drawn"
        drawn.mkdir()
        for more in (
            ("report", *days, "--all", "--format", "html", "--output", str(drawn / "report.html")),
            ("report", *days, "--compare", "previous", "--by", "hour", "--format", "json"),
            ("report", *days, "--format", "prometheus"),
            ("report", *days, "--plain"),
            ("plot", "exe-time", *days),
            ("plot", "missing", *days, "--output", str(drawn / "missing.svg")),
            ("digest", "--since", "2020-02-11"),
            ("docs", "--output", str(drawn / "docs.html")),
        ):
            ran = autostats(*more)
            assert ran.code == 0, (more, ran.err)
        assert len(list(drawn.iterdir())) == 3
        healthy = autostats("doctor", "--quiet")
        assert "rights" not in healthy.out
        assert "FAIL" not in healthy.out
        written = [file for file in (tmp_path / "home").rglob("*") if file.is_file()]
        assert not any(PASSWORD in file.read_text(errors="replace") for file in written)


@pytest.mark.parametrize("target", ["postgres", "mysql"])
def test_the_doctor_sees_too_much_and_too_little(target: str, tmp_path: Path) -> None:
    with account(target, tmp_path) as autostats:
        own = f"{autostats.name}_statistics"
        if target == "postgres":
            autostats.administer(
                f"grant insert on reduction_viewer_reductionrun to {autostats.name}", "drop schema autostats"
            )
        else:
            autostats.administer(
                f"grant insert on {autostats.source.database}.* to '{autostats.name}'@'%'",
                f"revoke drop on {own}.* from '{autostats.name}'@'%'",
            )
        sick = autostats("doctor", "--quiet")
        assert sick.code == 1
        assert "the account may INSERT the source" in sick.out
        assert "REVOKE INSERT, UPDATE, DELETE ON" in sick.out
        remedy = "CREATE SCHEMA" if target == "postgres" else "GRANT ALL ON"
        assert remedy in sick.out
        holder = f"'{autostats.name}'@'%'" if target == "mysql" else autostats.name
        place = autostats.source.database if target == "mysql" else "public"
        autostats.administer(f"revoke select on {place}.reduction_viewer_status from {holder}")
        blind = autostats("doctor", "--quiet")
        assert blind.code == 1
        assert "reduction_viewer_status" in blind.out
        assert "GRANT SELECT ON" in blind.out if target == "mysql" else "may SELECT" in blind.out
        assert autostats("run").code in {2, 3}
        # A PostgreSQL for tests may trust whoever comes, and ask for no password.
        if target == "mysql":
            wrong = autostats("doctor", "--quiet", DBT_ENV_SECRET_AUTOSTATS_PASSWORD="not this")
            assert wrong.code == 1
            assert "not this" not in wrong.out + wrong.err
            assert autostats("run", DBT_ENV_SECRET_AUTOSTATS_PASSWORD="not this").code == 6
