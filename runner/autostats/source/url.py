"""Where the Autoreduction database is: the URL that `AUTOSTATS_SOURCE_URL` holds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from autostats.errors import UsageError
from autostats.source.mysql_options import MysqlOptions, read_mysql_options

ENVIRONMENT_VARIABLE = "AUTOSTATS_SOURCE_URL"

Kind = Literal["mysql", "postgresql", "sqlite", "duckdb"]

_KINDS: Mapping[str, Kind] = {
    "mysql": "mysql",
    "mariadb": "mysql",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
}
_FILE_KINDS = frozenset({"sqlite", "duckdb"})
# What the scanners let through to the client libraries; anything else they refuse, some of it in silence.
_OPTIONS: Mapping[Kind, frozenset[str]] = {
    "mysql": frozenset(
        {"socket", "ssl_mode", "ssl_ca", "ssl_capath", "ssl_cert", "ssl_cipher", "ssl_crl", "ssl_key"}
    ),
    "postgresql": frozenset(
        {"host", "passfile", "service", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl"}
    ),
    "sqlite": frozenset(),
    "duckdb": frozenset(),
}
_EXAMPLES = "mysql://user:password@host/database, postgresql://..., sqlite:///path or duckdb:///path"
_ENCODE = (
    "In a user name, password or database, write the characters : / ? # [ ] @ % percent-encoded, "
    "such as %40 for @."
)


@dataclass(frozen=True)
class Source:
    """Where the Autoreduction database is. Its `repr` and `redacted` never hold the password."""

    kind: Kind
    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    path: Path | None = None
    schema: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    # What names it, for the messages that say where to mend it.
    origin: str = ENVIRONMENT_VARIABLE

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Source":
        """Return the source that `AUTOSTATS_SOURCE_URL` names; `UsageError` when it names none."""
        url = environment.get(ENVIRONMENT_VARIABLE, "").strip()
        if not url:
            raise UsageError(
                f"No source database is set: the environment variable {ENVIRONMENT_VARIABLE} is empty.",
                f"Set it to {_EXAMPLES}; or try `autostats demo`, which needs none.",
            )
        return cls.from_url(url)

    @classmethod
    def from_url(cls, url: str) -> "Source":
        """Return the source of a URL; `UsageError`, which never repeats the URL, when it is not one.

        A relative path (`sqlite:///./file`) starts at the current folder.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = None
        # Raised here and not above, so that no message of urllib, which quotes the URL, hangs on it.
        if parts is None:
            raise UsageError(f"{ENVIRONMENT_VARIABLE} is not a URL.", _ENCODE)
        kind = _KINDS.get(parts.scheme)
        if kind is None or not url[len(parts.scheme) :].startswith("://"):
            raise UsageError(
                f"{ENVIRONMENT_VARIABLE} names no kind of database that autostats reads.",
                f"Write it as {_EXAMPLES}.",
            )
        if parts.fragment:
            raise UsageError(f"{ENVIRONMENT_VARIABLE} has a # in it.", _ENCODE)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        schema = options.pop("schema", None) or None
        if not options.keys() <= _OPTIONS[kind]:
            known = ", ".join(sorted(_OPTIONS[kind] | {"schema"}))
            raise UsageError(
                f"{ENVIRONMENT_VARIABLE} has an option, after the ?, that autostats does not know.",
                f"Known for {kind}: {known}. {_ENCODE}",
            )
        if kind in _FILE_KINDS:
            if parts.netloc:
                raise UsageError(
                    f"{ENVIRONMENT_VARIABLE} must have three slashes before the path of a file.",
                    f"Write {kind}:///path/to/file, or {kind}:///./file from the current folder.",
                )
            return cls(kind=kind, path=_file_path(parts.path), schema=schema)
        return cls._of_server(kind, parts.netloc, parts.path, schema, options)

    @classmethod
    def _of_server(
        cls, kind: Kind, netloc: str, path: str, schema: str | None, options: Mapping[str, str]
    ) -> "Source":
        login, _, address = netloc.rpartition("@")
        user, colon, password = login.partition(":")
        host, port = _host_and_port(address)
        database = path.removeprefix("/")
        if "@" in login or "/" in database or "@" in database:
            raise UsageError(f"{ENVIRONMENT_VARIABLE} has a misplaced @ or /.", _ENCODE)
        return cls(
            kind=kind,
            host=unquote(host) or None,
            port=port,
            user=unquote(user) or None,
            password=unquote(password) if colon else None,
            database=unquote(database) or None,
            schema=schema,
            options=options,
        )

    @property
    def is_file(self) -> bool:
        """Whether the source is a file and not a server."""
        return self.kind in _FILE_KINDS

    @property
    def redacted(self) -> str:
        """The URL for people: no password, and no options."""
        if self.path is not None:
            return f"{self.kind}://{'' if self.path.is_absolute() else '/'}{self.path}"
        login = quote(self.user) + (":***" if self.password else "") + "@" if self.user else ""
        host = f"[{self.host}]" if self.host and ":" in self.host else quote(self.host or "", safe="")
        port = f":{self.port}" if self.port else ""
        return f"{self.kind}://{login}{host}{port}/{quote(self.database or '')}"

    def of_schema(self, schema: str) -> "Source":
        """Return another schema (MySQL: database) of the same server and account."""
        if self.kind == "mysql":
            return replace(self, database=schema, schema=schema)
        return replace(self, schema=schema)

    def with_login_files(self) -> "Source":
        """Return the source with what its URL leaves open filled from MySQL's option files.

        The other kinds are returned as they are: PostgreSQL's client reads `.pgpass` by itself.
        """
        if self.kind != "mysql" or (self.user and self.password is not None and self.host):
            return self
        return self._completed(read_mysql_options())

    def _completed(self, found: MysqlOptions) -> "Source":
        options = dict(self.options)
        if found.socket and not self.host:
            options.setdefault("socket", found.socket)
        # A password in a file belongs to the user of that file: with another user it is not sent.
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
        )


def _host_and_port(address: str) -> tuple[str, int | None]:
    """Split `host:port`, `[ipv6]:port` or either without port."""
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        host, _, port = address.partition(":")
    if not port:
        return host, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise UsageError(f"The port in {ENVIRONMENT_VARIABLE} is not a number from 1 to 65535.", _ENCODE)
    return host, int(port)


def _file_path(text: str) -> Path:
    """Return the path after the third slash: absolute unless it starts with `./`, `../` or `~`."""
    path = unquote(text)
    rest = path.lstrip("/")
    if not rest:
        raise UsageError(
            f"{ENVIRONMENT_VARIABLE} names no file.", "Write the path after three slashes: sqlite:///path."
        )
    if rest.split("/")[0] in {".", ".."} or rest.startswith("~"):
        return Path(rest).expanduser().absolute()
    # A drive letter stays without the slash before it.
    return Path(rest) if rest[1:2] == ":" else Path("/" + rest)
