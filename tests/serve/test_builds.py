"""Builds come and go while requests are answered."""

import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from support.published import AS_OF, jobs_by_day, publish, volume_by_second
from support.serving import Server, pages, serving


def _until(server: Server, build: str) -> None:
    """Wait until a build is served."""
    with server.client() as client:
        for _ in range(50):
            if client.get("/healthz").json()["build"] == build:
                return
            time.sleep(0.1)
    pytest.fail(f"{build} is not served after 5 s")


def test_paging_keeps_to_its_build_while_that_is_kept(tmp_path: Path) -> None:
    first = publish(tmp_path, [jobs_by_day()])
    with serving(tmp_path) as server, server.client() as client:
        following = pages(client, "/api/jobs-1d?rows_per_page=40")
        answers = [next(following)]
        second = publish(tmp_path, [jobs_by_day(offset=1000)], as_of=AS_OF + timedelta(days=1))
        _until(server, second)
        answers += following
        assert {answer.json()["build"] for answer in answers} == {first}
        assert [answer.json()["returned"] for answer in answers] == [40, 40, 10]
        newest = client.get("/api/jobs-1d", headers={"if-none-match": answers[0].headers["etag"]})
        assert (newest.status_code, newest.json()["build"]) == (200, second)
        third = publish(tmp_path, [jobs_by_day(offset=2000)])
        _until(server, third)
        gone = client.get(answers[0].links["next"]["url"])
        assert gone.status_code == 410
        assert client.get(f"/api/jobs-1d?build={second}").status_code == 200


def test_paging_goes_on_in_builds_that_left_the_statistic_as_it_is(tmp_path: Path) -> None:
    """Live builds come every few seconds: nobody could page through anything else."""
    first = publish(tmp_path, [jobs_by_day()])
    with serving(tmp_path) as server, server.client() as client:
        following = pages(client, "/api/jobs-1d?rows_per_page=20")
        rows = next(following).json()["rows"]
        for answer in following:
            rows += answer.json()["rows"]
            for _ in range(3):
                build = publish(tmp_path, [jobs_by_day()], unchanged_since=first)
            _until(server, build)
        assert len({(row["day"], row["instrument"]) for row in rows}) == len(rows) == 90
        assert client.get("/api/jobs-1d?build=20010101T000000000000Z").status_code == 410
        assert client.get("/api/jobs-1d?build=99990101T000000000000Z").status_code == 410
        assert client.get(f"/api/?build={first}").status_code == 410


def test_nothing_is_published_yet(tmp_path: Path) -> None:
    with serving(tmp_path) as server, server.client() as client:
        assert server.process.stderr is not None
        assert (
            server.process.stderr.readline() == "Nothing is published there yet: `autostats run` does it.\n"
        )
        answer = client.get("/api/")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
        assert "autostats run" in answer.json()["remedy"]
        folder = tmp_path / "published"
        folder.mkdir()
        (folder / "20200101T000000000000Z.duckdb").write_bytes(b"no database")
        _until(server, publish(tmp_path))
        assert client.get("/api/").status_code == 200


@pytest.mark.slow
def test_a_broken_build_leaves_the_last_good_one(tmp_path: Path) -> None:
    good = publish(tmp_path)
    with serving(tmp_path) as server, server.client() as client:
        (tmp_path / "published" / "99990101T000000000000Z.duckdb").write_bytes(b"no database")
        time.sleep(1.5)
        assert client.get("/healthz").json()["build"] == good
    assert "99990101T000000000000Z" in (tmp_path / "logs" / "autostats.log").read_text()


@pytest.mark.slow
def test_ten_builds_under_twenty_clients(tmp_path: Path) -> None:
    """No request fails, each answer is of one build, and new figures are there within five seconds."""
    rows = 30_000
    made = [publish(tmp_path, [volume_by_second(rows), jobs_by_day(offset=0)])]
    stop, failures = threading.Event(), list[str]()
    seen: Counter[str] = Counter()
    with serving(tmp_path) as server:

        def keep_asking(number: int) -> None:
            paths = ("/api/jobs-1d", "/api/volume-1s?page=7", "/api/volume-1s?format=csv", "/api/")
            with server.client() as client:
                while not stop.is_set():
                    path = paths[number % len(paths)]
                    number += 1
                    try:
                        answer = client.get(path)
                    except httpx.HTTPError as error:
                        failures.append(f"{path}: {error!r}")
                        continue
                    if answer.status_code != 200:
                        failures.append(f"{path}: {answer.status_code} {answer.text}")
                    elif path == "/api/jobs-1d":
                        page = answer.json()
                        offset = 1000 * made.index(page["build"])
                        if max(row["jobs_total"] for row in page["rows"]) != offset + 29:
                            failures.append(f"{page['build']} is mixed")
                        seen[page["build"]] += 1
                    elif path.endswith("csv") and len(answer.text.splitlines()) != rows + 1:
                        failures.append("csv is cut off")

        clients = [threading.Thread(target=keep_asking, args=(number,)) for number in range(20)]
        for client in clients:
            client.start()
        for number in range(1, 11):
            # After that of today.
            name = f"90{number:02}0101T000000000000Z"
            made.append(name)
            publish(tmp_path, [volume_by_second(rows), jobs_by_day(offset=1000 * number)], build=name)
            _until(server, name)
        stop.set()
        for client in clients:
            client.join()
        builds = {path for path in server.opened() if "/published/" in path}
    assert failures == []
    assert len(seen) >= 10
    assert len(builds) <= 2
