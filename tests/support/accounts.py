"""The accounts in docs/databases.md, created as the page says."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from support.engines import mysql_python
from support.installed import COMMAND, Ran, bare_environment
from support.nights import PROJECT
from support.sources import ServerSource, SourceWriter, server_source, wish_fixture

DOCUMENT = PROJECT / "docs" / "databases.md"
PASSWORD = "only for @ test's sake"


def granted(language: str, source: ServerSource, account: str) -> list[str]:
    """Return the statements of the document for this source, with our own names."""
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
    """An account in the document, and the command that uses it."""

    source: ServerSource
    target: str
    name: str
    command: Path
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which the command runs."""
        server = urlsplit(self.source.url)
        prefix = f"AUTOSTATS_{self.target.upper()}_"
        places = {
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
        return bare_environment(self.folder / "user", places)

    def __call__(self, *arguments: str, **more: str) -> Ran:
        done = subprocess.run(
            [str(self.command), *arguments, "--target", self.target],
            env=self.environment | more,
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
