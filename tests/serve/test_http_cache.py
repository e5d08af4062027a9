"""A cache between client and server, which follows RFC 9111 as a proxy for many would."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from hishel import CacheOptions, SqliteStorage
from hishel.httpx import CacheTransport
from support.published import AS_OF, jobs_by_day, publish
from support.serving import serving


class Counting(httpx.HTTPTransport):
    """Counts what goes past the cache, by its status."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        self.statuses.append(answer.status_code)
        return answer

    def taken(self) -> list[int]:
        """Return what has gone past since the last time."""
        statuses, self.statuses = self.statuses, []
        return statuses


@contextmanager
def _cached(url: str, folder: Path) -> Iterator[tuple[httpx.Client, Counting]]:
    behind = Counting()
    storage = SqliteStorage(database_path=folder / "cache.db")
    cache = CacheTransport(behind, storage, rfc=CacheOptions(shared=True))
    with httpx.Client(base_url=url, transport=cache) as client:
        yield client, behind


def test_a_cache_asks_again_gets_304_and_mixes_nothing_up(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = publish(home, [jobs_by_day()])
    with serving(home) as server, _cached(server.url, tmp_path) as (client, behind):
        whole = client.get("/api/jobs-1d")
        again = client.get("/api/jobs-1d")
        assert again.json() == whole.json()
        assert behind.taken() == [200, 304]
        as_csv = client.get("/api/jobs-1d?page=1", headers={"accept": "text/csv"})
        as_json = client.get("/api/jobs-1d?page=1", headers={"accept": "application/json"})
        assert as_csv.text.startswith("day,instrument,")
        assert as_json.json()["page"] == 1
        assert behind.taken() == [200, 200]
        named = f"/api/jobs-1d?build={first}"
        assert client.get(named).json() == client.get(named).json()
        # A page of a named build never changes: nobody asks again.
        assert behind.taken() == [200]
        second = publish(home, [jobs_by_day(offset=1000)], as_of=AS_OF + timedelta(days=1))
        for _ in range(50):
            newest = client.get("/api/jobs-1d").json()
            if newest["build"] == second:
                break
            time.sleep(0.1)
        assert newest["rows"][0]["jobs_total"] == 1029
        assert client.head("/api/jobs-1d").headers["etag"] == client.get("/api/jobs-1d").headers["etag"]
        assert client.get("/api/jobs-2d").status_code == client.get("/api/jobs-2d").status_code == 404


def test_a_cache_for_many_keeps_nothing_that_needs_a_token(tmp_path: Path) -> None:
    token = "a-token-of-32-characters-at-least"
    publish(tmp_path / "home", [jobs_by_day()])
    with (
        serving(tmp_path / "home", env={"AUTOSTATS_TOKEN": token}) as server,
        _cached(server.url, tmp_path) as (client, behind),
    ):
        headers = {"authorization": f"Bearer {token}"}
        assert client.get("/api/jobs-1d", headers=headers).status_code == 200
        assert client.get("/api/jobs-1d", headers=headers).status_code == 200
        assert client.get("/api/jobs-1d").status_code == 401
        assert behind.taken() == [200, 200, 401]
