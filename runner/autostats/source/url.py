"""Where the Autoreduction database is: the URL in `AUTOSTATS_SOURCE_URL` or the settings file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from autostats.errors import UsageError
from autostats.source.mysql_options import MysqlOptions, read_mysql_options

ENVIRONMENT_VARIABLE = "AUTOSTATS_SOURCE_URL"

Engine = Literal["mysql", "postgresql", "sqlite", "duckdb"]

_KINDS: Mapping[str, Engine] = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}
_FILE_KINDS = frozenset({"sqlite", "duckdb"})
# What the scanners pass on to the client libraries; they reject anything else, some of it silently.
_OPTIONS: Mapping[Engine, frozenset[str]] = {
    "mysql": frozenset(
        {"socket", "ssl_mode", "ssl_ca", "ssl_capath", "ssl_cert", "ssl_cipher", "ssl_crl", "ssl_key"}
    ),
    "postgresql": frozenset(
        {"host", "passfile", "service", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl"}
    ),
    "sqlite": frozenset(),
    "duckdb": frozenset(),
}
_EXAMPLES = "mysql://user:password@host/database, postgresql://..., sqlite:////absolute/path or duckdb:////absolute/path"
_ENCODE = (
    "In a user name, password or database, write the characters : / ? # [ ] @ % percent-encoded, "
    "such as %40 for @."
)


@dataclass(frozen=True)
class Source:
    """Where the Autoreduction database is. Its `repr` and `redacted` never contain the password."""

    kind: Engine
    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    # Relative to the current folder, or absolute.
    path: Path | None = None
    schema: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    # What names it, for messages that say where to fix it.
    origin: str = ENVIRONMENT_VARIABLE
    # Named by the server of a dbt target, not by a URL.
    is_of_target: bool = False

    @property
    def named_schema(self) -> str | None:
        """The schema (MySQL: database) to read, if one is named."""
        return self.schema or (self.database if self.kind == "mysql" else None)

    @classmethod
    def from_url(cls, url: str, origin: str = ENVIRONMENT_VARIABLE) -> "Source":
        """Return the source of a URL. Raises `UsageError`, which never repeats the URL, when it is invalid.

        As in SQLAlchemy, `sqlite:///file` is relative to the current folder and `sqlite:////folder/file` is
        absolute. `origin` says where the URL is set.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = None
        # Raised here and not above, so that no message of urllib, which quotes the URL, is chained to it.
        if parts is None:
            raise UsageError(f"{origin} is not a URL.", _ENCODE)
        kind = _KINDS.get(parts.scheme)
        if kind is None or not url[len(parts.scheme) :].startswith("://"):
            raise UsageError(
                f"{origin} does not name a kind of database that autostats reads.",
                f"Write it as {_EXAMPLES}.",
            )
        if parts.fragment:
            raise UsageError(f"{origin} contains a #.", _ENCODE)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        schema = options.pop("schema", None) or None
        if not options.keys() <= _OPTIONS[kind]:
            known = ", ".join(sorted(_OPTIONS[kind] | {"schema"}))
            raise UsageError(
                f"{origin} has an option after the ? that autostats does not know.",
                f"Known for {kind}: {known}. {_ENCODE}",
            )
        if kind in _FILE_KINDS:
            if parts.netloc:
                raise UsageError(
                    f"{origin} must have three slashes before the path of a file.",
                    f"Write {kind}:////absolute/path, or {kind}:///path from the current folder.",
                )
            return cls(kind=kind, path=_file_path(kind, parts.path, origin), schema=schema, origin=origin)
        return cls._of_server(kind, parts.netloc, parts.path, schema, options, origin)

    @classmethod
    def _of_server(
        cls,
        kind: Engine,
        netloc: str,
        path: str,
        schema: str | None,
        options: Mapping[str, str],
        origin: str,
    ) -> "Source":
        login, _, address = netloc.rpartition("@")
        user, colon, password = login.partition(":")
        host, port = _host_and_port(address, origin)
        database = path.removeprefix("/")
        if "@" in login or "/" in database or "@" in database:
            raise UsageError(f"{origin} has a misplaced @ or /.", _ENCODE)
        return cls(
            kind=kind,
            host=unquote(host) or None,
            port=port,
            user=unquote(user) or None,
            password=unquote(password) if colon else None,
            database=unquote(database) or None,
            schema=schema,
            options=options,
            origin=origin,
        )

    @property
    def is_file(self) -> bool:
        """Whether the source is a file, not a server."""
        return self.kind in _FILE_KINDS

    @property
    def redacted(self) -> str:
        """The URL for people: without password and options."""
        if self.path is not None:
            return f"{self.kind}:///{self.path}"
        login = quote(self.user) + (":***" if self.password else "") + "@" if self.user else ""
        host = f"[{self.host}]" if self.host and ":" in self.host else quote(self.host or "", safe="")
        port = f":{self.port}" if self.port else ""
        return f"{self.kind}://{login}{host}{port}/{quote(self.database or '')}"

    def of_schema(self, schema: str) -> "Source":
        """Return the source for another schema (MySQL: database) on the same server and account."""
        if self.kind == "mysql":
            return replace(self, database=schema, schema=schema)
        return replace(self, schema=schema)

    def with_login_files(self) -> "Source":
        """Return the source with gaps in its URL filled from MySQL's option files.

        The other kinds are returned as they are: PostgreSQL's client reads `.pgpass` by itself.
        """
        if self.kind != "mysql" or (self.user and self.password is not None and self.host):
            return self
        return self._completed(read_mysql_options())

    def _completed(self, found: MysqlOptions) -> "Source":
        options = dict(self.options)
        if found.socket and not self.host:
            options.setdefault("socket", found.socket)
        # A password in a file belongs to the user in that file: it is not sent with another user.
        same_user = self.user is None or found.user is None or self.user == found.user
        return Source(
            kind=self.kind,
            host=self.host or found.host,
            port=self.port or (None if self.host else found.port),
            user=self.user or found.user,
            password=self.password if self.password is not None or not same_user else found.password,
            database=self.database,
            schema=self.schema,
            options=options,
            origin=self.origin,
            is_of_target=self.is_of_target,
        )


def _host_and_port(address: str, origin: str) -> tuple[str, int | None]:
    """Split `host:port`, `[ipv6]:port` or either without a port."""
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = address.partition(":")
    if not port:
        return host, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise UsageError(f"The port in {origin} is not a number from 1 to 65535.", _ENCODE)
    return host, int(port)


def _file_path(kind: Engine, text: str, origin: str) -> Path:
    """Return the path after the third slash; a path that starts with `~` is in a user's home folder."""
    path = unquote(text.removeprefix("/"))
    if not path.strip("/"):
        raise UsageError(f"{origin} does not name a file.", f"Write it as {kind}:////absolute/path.")
    # A second slash at the start would mean something else to POSIX.
    return Path(f"/{path.lstrip('/')}") if path.startswith("/") else Path(path).expanduser()
