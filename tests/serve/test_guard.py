"""Who may ask the server, and what it endures."""

import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from autostats.configuration.resolve import configure
from autostats.errors import UsageError
from autostats.home import Home
from autostats.serve.server import Address
from autostats.serve.settings import serve_settings
from support.installed import Autostats
from support.published import publish, volume_by_second
from support.serving import Server, serving

TOKEN = "s3cret-MARK-0123456789abcdef"
ORIGIN = "https://grafana.facility.example"


def _raw(server: Server, request: bytes, patience: float = 20) -> bytes:
    """Send bytes, and return all that comes back until the server closes."""
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=patience)) as connection:
        connection.sendall(request)
        answer = b""
        with suppress(ConnectionResetError):
            while part := connection.recv(65536):
                answer += part
        return answer


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a token, and an origin that may ask it."""
    home = tmp_path_factory.mktemp("guarded")
    publish(home)
    environment = {"AUTOSTATS_TOKEN": TOKEN, "AUTOSTATS_CORS_ORIGINS": ORIGIN}
    with serving(home, "--host", "0.0.0.0", "--debug", env=environment) as running:
        yield running


def test_another_address_needs_a_token(autostats: Autostats, tmp_path: Path) -> None:
    ran = autostats("serve", "--host", "0.0.0.0", "--port", "0", "--home", tmp_path)
    assert ran.code == 2
    assert "no token is set" in ran.err
    assert "Set AUTOSTATS_TOKEN" in ran.err


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        *((host, True) for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost")),
        *((host, False) for host in ("0.0.0.0", "::", "192.0.2.1", "facility.example", "")),
    ],
)
def test_which_addresses_are_of_this_computer_alone(host: str, is_local: bool) -> None:
    assert Address(host, 1).is_local is is_local


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"AUTOSTATS_TOKEN": "short"}, "AUTOSTATS_TOKEN must have at least 16 characters"),
        ({"AUTOSTATS_CORS_ORIGINS": "*"}, "'\\*' is not an origin"),
        ({"AUTOSTATS_CORS_ORIGINS": "https://x.example/path"}, "is not an origin"),
        ({"AUTOSTATS_REPORT_HOURS": "0"}, "is not a number of hours"),
    ],
)
def test_settings_that_make_no_sense(environment: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        serve_settings(configure(Home(tmp_path), environment=environment), environment)
    assert caught.value.remedy


def test_settings_may_be_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "autostats.toml").write_text(
        f'[serve]\ntoken = "${{MINE}}"\ncors_origins = ["{ORIGIN}"]\nreport_hours = 2\n'
    )
    found = serve_settings(configure(Home(tmp_path), environment={}), {"MINE": TOKEN})
    assert (found.token, list(found.origins), found.keep_reports) == (TOKEN, [ORIGIN], timedelta(hours=2))
    assert TOKEN not in repr(found)


def test_an_address_that_is_taken(server: Server, autostats: Autostats, tmp_path: Path) -> None:
    ran = autostats("serve", "--port", str(server.port), "--home", tmp_path)
    assert ran.code == 2
    assert f"http://127.0.0.1:{server.port} cannot be used" in ran.err


@pytest.mark.slow
def test_one_server_for_a_home(served_home: Path, server: Server, autostats: Autostats) -> None:
    ran = autostats("serve", "--port", "0", "--home", served_home)
    assert (ran.code, f"Another `autostats serve` serves {served_home}" in ran.err) == (5, True), ran.err


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer x", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é"]
)
def test_without_the_token_there_is_nothing(guarded: Server, authorization: str | None) -> None:
    headers = {} if authorization is None else {b"authorization": authorization.encode()}
    with guarded.client() as client:
        for path in ("/", "/api/", "/metrics", "/openapi.json", "/reports/x", "/nothing", "/trigger_report"):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer")
        assert client.post("/reports", json={}, headers=headers).status_code == 401
        assert client.get("/healthz", headers=headers).status_code == 200


def test_with_the_token_answers_are_private(guarded: Server) -> None:
    with guarded.client(Authorization=f"bearer {TOKEN}") as client:
        answer = client.get("/api/jobs-1d")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-cache"
        # A token may be asked for under any name.
        assert client.get("/api/", headers={"host": "stats.facility.example"}).status_code == 200


def test_named_origins_may_ask_from_a_browser(guarded: Server) -> None:
    asked = {"origin": ORIGIN, "access-control-request-method": "GET"}
    with guarded.client() as client:
        preflight = client.options(
            "/api/jobs-1d", headers=asked | {"access-control-request-headers": "authorization"}
        )
        assert preflight.headers["access-control-allow-origin"] == ORIGIN
        other = client.options("/api/jobs-1d", headers=asked | {"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers
        headers = {"authorization": f"Bearer {TOKEN}", "origin": ORIGIN}
        answer = client.get("/api/jobs-1d", headers=headers)
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "Link" in answer.headers["access-control-expose-headers"]
        assert "Origin" in answer.headers["vary"]
        answer = client.get("/api/jobs-1d", headers=headers | {"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers


def test_the_token_is_in_no_log(guarded: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    with guarded.client() as client:
        client.get(f"/api/?token={TOKEN}", headers={"authorization": f"Bearer {TOKEN}"})
    log = next(tmp_path_factory.getbasetemp().glob("guarded*/logs/autostats.log")).read_text()
    assert "GET /api/" in log
    assert "MARK" not in log


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8417", ""]
)
def test_another_name_of_this_computer_is_refused(client: httpx.Client, host: str) -> None:
    assert client.get("/api/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8417"])
def test_the_names_of_this_computer(client: httpx.Client, host: str) -> None:
    assert client.get("/api/", headers={"host": host}).status_code == 200


def test_a_page_of_another_site_starts_no_report(client: httpx.Client) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    assert client.post("/reports", json={}, headers=headers).status_code == 403
    assert client.get("/trigger_report", headers=headers).status_code == 403
    assert client.get("/api/", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/nothing", "/healthz", "/openapi.json"])
def test_every_answer_has_the_headers_of_security(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'self'; script-src 'self' 'sha256-" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_too_much_is_refused(server: Server, client: httpx.Client) -> None:
    assert client.post("/reports", content=b"x" * 70_000).status_code == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(70):
            yield b"x" * 1000

    assert client.post("/reports", content=chunks()).status_code == 413
    long = b"GET /api/ HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"
    assert _raw(server, long).startswith(b"HTTP/1.1 4")
    medium = (
        b"GET /api/?" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 8_000 + b"\r\n\r\n"
    )
    assert _raw(server, medium).startswith(b"HTTP/1.1 431 ")
    many = b"GET /api/ HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20_000 + b"\r\n"
    assert _raw(server, many).startswith(b"HTTP/1.1 4")
    assert _raw(server, b"\x16\x03\x01 no HTTP\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert client.get("/api/").status_code == 200


@pytest.mark.slow
def test_slow_clients_are_cut_and_idle_ones_stop_nobody(tmp_path: Path) -> None:
    publish(tmp_path, [volume_by_second(200_000)])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    try:
        with ExitStack() as stack:
            server = stack.enter_context(serving(tmp_path))
            _endured(server, stack)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _rest(connection: socket.socket) -> bytes:
    """Return what still comes on a connection that the server ends, in peace or not."""
    connection.settimeout(20)
    received = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65536):
            received += part
    return received


def _connections(server: Server) -> list[str]:
    """Return the connections that the server has open, by the ports of its clients."""
    table = Path(f"/proc/{server.process.pid}/net/tcp").read_text().splitlines()[1:]
    sockets = server.opened()
    mine = (line.split() for line in table if f"socket:[{line.split()[9]}]" in sockets)
    return [
        words[2] for words in mine if int(words[1].partition(":")[2], 16) == server.port and words[3] == "01"
    ]


def _endured(server: Server, stack: ExitStack) -> None:
    def connected() -> socket.socket:
        return stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port), timeout=60)))

    began = time.monotonic()
    idle = [connected() for _ in range(1000)]
    slow_head, slow_body, deaf = connected(), connected(), connected()
    slow_body.sendall(
        b"POST /reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1000\r\n\r\n{"
    )
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sendall(b"GET /api/volume-1s?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n")
    stopped = threading.Event()

    def letter_by_letter() -> None:
        with suppress(OSError):
            for letter in b"GET /api/ HTTP/1.1\r\n" + b"X-Letter: a\r\n" * 1000:
                slow_head.sendall(bytes([letter]))
                if stopped.wait(0.2):
                    return

    letters = threading.Thread(target=letter_by_letter)
    letters.start()
    with server.client() as client:
        took = []
        for _ in range(50):
            asked = time.monotonic()
            assert client.get("/api/volume-1s?page=3").status_code == 200
            took.append(time.monotonic() - asked)
    assert sorted(took)[25] < 0.5
    assert _rest(slow_head) == b""
    assert 8 < time.monotonic() - began < 30
    stopped.set()
    letters.join()
    assert slow_body.recv(1000).startswith(b"HTTP/1.1 408 ")
    assert all(each.recv(1) == b"" for each in idle)
    with server.client() as client:
        assert client.get("/api/").status_code == 200
    time.sleep(max(0.0, began + 25 - time.monotonic()))
    # It has taken nothing for twenty seconds.
    assert _connections(server) == []
    assert server.stop() == 0
