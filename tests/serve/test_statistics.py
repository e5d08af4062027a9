"""The paths of statistics, asked over HTTP."""

import csv
import io
import itertools
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import openpyxl
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.published import INSTRUMENTS
from support.serving import pages

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_list_has_each_statistic_and_what_failed(client: httpx.Client) -> None:
    answer = client.get("/api/")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == [
        {"ident": "jobs-1d", "summary": "Jobs by day", "bucket": "day", "url": "/api/jobs-1d", "state": "ok"},
        {
            "ident": "mine",
            "summary": "",
            "bucket": None,
            "url": None,
            "state": "failed",
            "error": "Binder Error: no column x",
        },
        {"ident": "odd-1h", "summary": "Odd by hour", "bucket": "hour", "url": "/api/odd-1h", "state": "ok"},
        {
            "ident": "volume-1s",
            "summary": "Volume by second",
            "bucket": "second",
            "url": "/api/volume-1s",
            "state": "ok",
        },
    ]


def test_a_page_says_where_it_stands(client: httpx.Client) -> None:
    answer = client.get("/api/jobs-1d", params={"rows_per_page": 2, "page": 3, "instrument": "WISH"})
    page = answer.json()
    build = page.pop("build")
    assert page == {
        "ident": "jobs-1d",
        "total": 30,
        "returned": 2,
        "page": 3,
        "pages": 15,
        "rows": [
            {"day": "2020-02-08", "instrument": "WISH", "jobs_total": 25, "pass_rate": 25 / 26},
            {"day": "2020-02-07", "instrument": "WISH", "jobs_total": 24, "pass_rate": 24 / 25},
        ],
    }
    assert (answer.headers["x-link-number"], answer.headers["x-link-count"]) == ("3", "15")
    query = f"instrument=WISH&rows_per_page=2&page={{}}&build={build}"
    assert answer.links["next"]["url"] == f"/api/jobs-1d?{query.format(4)}"
    assert answer.links["prev"]["url"] == f"/api/jobs-1d?{query.format(2)}"


@pytest.mark.parametrize(
    ("order", "size", "filters"),
    [
        *itertools.product(("asc", "desc"), (1, 7, 100), [("INST03",)]),
        *itertools.product(("asc", "desc"), (97, 100), [(), ("INST00", "INST06"), ("INST99",)]),
    ],
)
def test_following_next_yields_each_row_once(
    client: httpx.Client, order: str, size: int, filters: tuple[str, ...]
) -> None:
    query = httpx.QueryParams(
        [("order", order), ("rows_per_page", str(size)), *(("instrument", name) for name in filters)]
    )
    found = [
        row["second"] for page in pages(client, f"/api/volume-1s?{query}") for row in page.json()["rows"]
    ]
    numbers = [number for number in range(1234) if not filters or f"INST{number % 7:02}" in filters]
    seconds = [f"2020-01-01T00:{number // 60:02}:{number % 60:02}Z" for number in numbers]
    assert found == (seconds if order == "asc" else seconds[::-1])


def test_start_is_included_and_stop_is_not(client: httpx.Client) -> None:
    page = client.get("/api/jobs-1d", params={"start": "2020-02-10", "stop": "2020-02-12"}).json()
    assert {row["day"] for row in page["rows"]} == {"2020-02-10", "2020-02-11"}
    query = {"start": "2020-01-01T00:01:00Z", "stop": "2020-01-01T00:01:05+00:00", "order": "asc"}
    page = client.get("/api/volume-1s", params=query).json()
    assert [row["second"][-3:] for row in page["rows"]] == ["00Z", "01Z", "02Z", "03Z", "04Z"]
    assert client.get("/api/jobs-1d", params={"limit": 4}).json()["total"] == 4


def test_what_is_no_number_is_null_and_times_are_utc(client: httpx.Client) -> None:
    rows = client.get("/api/odd-1h?order=asc").json()["rows"]
    assert [row["hour"] for row in rows[:2]] == ["2020-02-10T10:00:00Z", "2020-02-10T11:00:00.500000Z"]
    assert [row["ratio"] for row in rows] == [None, None, 1.5, 0.1, 1e300]
    assert [row["amount"] for row in rows] == [None, 1.25, -3.0, 10.5, 2.0]


def test_csv_is_the_whole_table_quoted(client: httpx.Client) -> None:
    answer = client.get("/api/odd-1h?format=csv&order=asc")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["name"] for row in rows] == ["'=1+1", 'a,"b"\nc', "<b>über</b> 🚀", "", ""]
    whole = client.get("/api/volume-1s", headers={"accept": "text/csv"}).text.splitlines()
    assert (len(whole), whole[1][:20]) == (1235, "2020-01-01T00:20:33Z")
    page = client.get("/api/volume-1s?page=2", headers={"accept": "text/csv"}).text.splitlines()
    assert page == [whole[0], *whole[101:201]]
    some = client.get("/api/volume-1s?format=csv&instrument=INST01&limit=3").text.splitlines()
    assert [line.split(",")[1] for line in some[1:]] == ["INST01"] * 3


def test_other_formats(client: httpx.Client) -> None:
    def asked(wanted: str, media: str, query: str = "") -> bytes:
        answer = client.get(f"/api/jobs-1d?format={wanted}{query}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith(media)
        return answer.content

    assert asked("png", "image/png").startswith(PNG)
    assert b"<desc" in asked("svg", "image/svg+xml")
    assert b"| 2020-02-12 | WISH | 29 |" in asked("md", "text/markdown")
    page = asked("html", "text/html", "&rows_per_page=5&page=2").decode()
    assert "Next page" in page
    assert "<script" not in page
    families = list(text_string_to_metric_families(asked("prometheus", "text/plain").decode()))
    assert [family.name for family in families] == [
        "autostats_jobs_1d_jobs_total",
        "autostats_jobs_1d_pass_rate",
    ]
    assert {sample.labels["instrument"]: sample.value for sample in families[0].samples} == dict.fromkeys(
        INSTRUMENTS, 29
    )


def test_files_for_programs_are_typed(client: httpx.Client, tmp_path: Path) -> None:
    book = client.get("/api/jobs-1d?format=xlsx&limit=3")
    assert book.headers["content-type"].endswith("spreadsheetml.sheet")
    [sheet] = openpyxl.load_workbook(io.BytesIO(book.content))
    names, *found = sheet.iter_rows(values_only=True)
    first = dict(zip(names, found[0], strict=True))
    assert (len(found), first["day"], first["jobs_total"]) == (3, datetime(2020, 2, 12), 29)
    file = tmp_path / "odd.parquet"
    answer = client.get("/api/odd-1h", headers={"accept": "application/vnd.apache.parquet"})
    file.write_bytes(answer.content)
    kinds = dict(duckdb.sql(f"select column_name, column_type from (describe from '{file}')").fetchall())
    assert (kinds["hour"], kinds["ratio"], kinds["name"]) == ("TIMESTAMP WITH TIME ZONE", "DOUBLE", "VARCHAR")
    assert len(duckdb.sql(f"from '{file}'").fetchall()) == 5


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0.5, application/json;q=0.9", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("image/*", "image/svg+xml"),
        ("application/json;q=0, */*", "text/csv"),
    ],
)
def test_accept_chooses_the_format(client: httpx.Client, accept: str, media: str) -> None:
    answer = client.get("/api/jobs-1d?limit=3", headers={"accept": accept})
    assert answer.headers["content-type"].startswith(media)
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/api/job-1d", 404, "Did you mean jobs-1d?"),
        ("/api/mine", 404, "has not been built yet"),
        ("/api/statistics", 404, "There is no statistic"),
        ("/api/columns/layout", 404, "There is no statistic"),
        ("/api/jobs-1d%22%3B", 404, "There is no statistic"),
        ("/api/..%2f..%2fetc%2fpasswd", 404, ""),
        ("/nothing", 404, "/api/ lists"),
        ("/api/jobs-1d?page=2", 400, "the last one is page 1"),
        ("/api/jobs-1d?page=x", 400, "page='x'"),
        ("/api/jobs-1d?instrumnt=x", 400, "Did you mean instrument?"),
        ("/api/jobs-1d?format=xml", 400, "format='xml'"),
        ("/api/jobs-1d?rows_per_page=101", 400, "1 to 100"),
        ("/api/?page=2", 400, "There are: build, format."),
        ("/api/jobs-1d?build=20200101T000000000000Z", 410, "Ask again without a build"),
        ("/api/jobs-1d?" + "&".join(["instrument=x"] * 301), 400, "too many"),
    ],
)
def test_errors_say_what_to_do(client: httpx.Client, path: str, status: int, message: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    error = answer.json()
    assert message in error["error"] + error["remedy"]
    assert error["remedy"] or "Did you mean" in error["error"]
    assert answer.headers["cache-control"] == "no-store"


def test_no_type_that_there_is(client: httpx.Client) -> None:
    assert client.get("/api/jobs-1d", headers={"accept": "video/mp4"}).status_code == 406
    assert client.get("/api/", headers={"accept": "text/csv"}).status_code == 406
    answer = client.put("/api/jobs-1d")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_the_layout_describes_the_columns(client: httpx.Client) -> None:
    layout = client.get("/api/jobs-1d/layout").json()
    assert layout["time_column"] == "day"
    assert layout["measures"] == ["jobs_total", "pass_rate"]
    columns: list[dict[str, Any]] = layout["columns"]
    assert [(column["name"], column["kind"], column["type"]) for column in columns] == [
        ("day", "day", "DATE"),
        ("instrument", "text", "VARCHAR"),
        ("jobs_total", "count", "BIGINT"),
        ("pass_rate", "share", "DOUBLE"),
    ]


def test_a_tag_saves_the_answer(client: httpx.Client) -> None:
    first = client.get("/api/jobs-1d?instrument=WISH&instrument=GEM")
    tag = first.headers["etag"]
    same = "/api/jobs-1d?instrument=GEM&instrument=WISH&order=desc"
    for known in (tag, f'"x", W/{tag}', "*"):
        again = client.get(same, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "public, no-cache"
    assert client.get(f"{same}&format=csv", headers={"if-none-match": tag}).status_code == 200
    named = client.get("/api/jobs-1d?build=" + first.json()["build"])
    assert named.headers["cache-control"] == "public, max-age=86400, immutable"


@pytest.mark.parametrize("path", ["/api/", "/api/jobs-1d", "/api/jobs-1d/layout", "/api/jobs-1d?format=csv"])
def test_head_is_get_without_the_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "cache-control", "vary"):
        assert head.headers[name] == got.headers[name]


def test_days_count_from_the_first_to_the_last(client: httpx.Client) -> None:
    days = [row["day"] for row in client.get("/api/jobs-1d?instrument=GEM&order=asc").json()["rows"]]
    assert days == [str(date(2020, 1, 14) + timedelta(days=number)) for number in range(30)]
