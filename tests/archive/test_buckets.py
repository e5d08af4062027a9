"""Listing S3 over HTTP: a store of moto's, and one of the tests' own that misbehaves."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from autostats.archive.storage import storage_of
from autostats.observations.store import BrokenOff
from s3fs import S3FileSystem
from support.archive import Archive, Fault, made_up_bucket
from support.installed import Autostats

pytestmark = pytest.mark.slow

SECRET = "t0p-s3cret-value"
# They are not retried for long here.
QUICK = {"config_kwargs": {"retries": {"max_attempts": 1}}}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "reader")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    # It keeps what it made with other credentials.
    S3FileSystem.clear_instance_cache()


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The URL of a store."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(moto: str) -> Any:
    """A bucket with nothing in it, and what puts things there."""
    import boto3

    client = boto3.client("s3", endpoint_url=moto, region_name="us-east-1")
    client.create_bucket(Bucket="archive")
    for page in client.get_paginator("list_objects_v2").paginate(Bucket="archive"):
        for each in page.get("Contents", ()):
            client.delete_object(Bucket="archive", Key=each["Key"])
    return lambda key, body=b"x": client.put_object(Bucket="archive", Key=key, Body=body, ACL="public-read")


def count(archive: Archive, autostats: Autostats, *more: str) -> tuple[int, list[Any], str]:
    ran = autostats("archive", "register", "--home", archive.home)
    assert ran.code == 0, ran.err
    ran = autostats("archive", "count", "--home", archive.home, "--format", "json", *more)
    assert SECRET not in ran.out + ran.err
    return ran.code, json.loads(ran.out)["counts"] if ran.out else [], ran.err


@pytest.mark.parametrize("anon", [True, False])
def test_cycles_in_a_bucket(
    archive: Archive, autostats: Autostats, moto: str, bucket: Any, anon: bool
) -> None:
    for key in (
        "a_1/x/WISH1.nxs",
        "a_1/x/WISH1.raw",
        "a_1/x/y/wish2.NXS",
        "a_1/z/WISH9.nxs",
        "b_1/x/WISH8.nxs",
    ):
        bucket(f"WISH/{key}")
    for key in (
        "a_2/x/",
        "a_2/x/WISH it's 1.nxs",
        "a_2/x/WISH3.nxs",
        "a_2/WISH4.nxs",
        "a_30/x/sub/WISH5.nxs",
    ):
        bucket(f"WISH/{key}")
    bucket("WISH/lastrun.txt", b"WISH 00000012 0\n")
    options = {"anon": anon, "endpoint_url": moto}
    archive.write(
        {"name": "raw", "url": "s3://archive/{instrument}/a_{cycle}/x", "instruments": ["WISH"],
         "options": options, "settle_minutes": 0}
    )  # fmt: skip
    code, rows, err = count(archive, autostats)
    assert (code, err) == (0, "")
    assert {row["cycle"]: (row["count"], row["bytes"]) for row in rows} == {
        "1": (3, 3),
        "2": (1, 1),
        "30": (1, 1),
    }
    assert {row["path"] for row in archive.observed("select path from obs_files")} == {
        f"s3://archive/WISH/{key}"
        for key in (
            "a_1/x/WISH1.nxs", "a_1/x/WISH1.raw", "a_1/x/y/wish2.NXS",
            "a_2/x/WISH3.nxs", "a_30/x/sub/WISH5.nxs",
        )
    }  # fmt: skip
    assert archive.observed("select distinct last_run_number as n from obs_file_counts") == [{"n": 12}]
    code, rows, _ = count(archive, autostats, "--cycle", "2")
    assert (code, [row["cycle"] for row in rows]) == (0, ["2"])


def test_times_in_a_bucket(archive: Archive, autostats: Autostats, moto: str, bucket: Any) -> None:
    bucket("obs/20260101/06/a.nc")
    archive.write(
        {"name": "obs", "url": "s3://archive/obs/%Y%m%d/{hour}/", "experiment": "e", "every": "6h",
         "file_types": ["nc"], "options": {"anon": True, "endpoint_url": moto}},
        file_types=[{"name": "nc", "pattern": r"\.nc(?P<run>)$"}], experiments=[{"name": "e"}],
    )  # fmt: skip
    code, rows, err = count(archive, autostats, "--cycle", "2026-01-01T06")
    assert (code, [row["count"] for row in rows]) == (75, [1])
    assert "files are still being written" in err


def test_a_bucket_that_is_not_there(archive: Archive, autostats: Autostats, moto: str, bucket: Any) -> None:
    options = {"endpoint_url": moto}
    archive.write({"name": "raw", "url": "s3://nowhere/", "instruments": ["WISH"], "options": options})
    code, rows, err = count(archive, autostats)
    assert (code, rows[0]["state"]) == (6, "incomplete")
    assert "raw, WISH: s3://nowhere cannot be listed: The specified bucket does not exist" in err


def test_a_store_without_credentials(
    archive: Archive, autostats: Autostats, moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    archive.write(
        {"name": "raw", "url": "s3://archive/", "instruments": ["W"], "options": {"endpoint_url": moto}}
    )
    code, _, err = count(archive, autostats)
    assert code == 6
    assert "Unable to locate credentials" in err


def once(status: int, text: str | None) -> Fault:
    return lambda number: (status, text) if number == 2 else None


def always(status: int, text: str | None) -> Fault:
    return lambda number: (status, text) if number >= 2 else None


FAULTS = {
    "too many requests": (429, "<Error><Code>TooManyRequests</Code><Message>Wait</Message></Error>"),
    "slow down": (503, "<Error><Code>SlowDown</Code><Message>Wait</Message></Error>"),
    "unavailable": (503, ""),
    "broken": (200, None),
}


def listed(url: str, options: dict[str, Any]) -> int:
    storage = storage_of("s3://made", {"anon": True, "endpoint_url": url, **options})
    return sum(len(page) for _, page in storage.pages(storage.place("s3://made/WISH")))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes(fault: str) -> None:
    with made_up_bucket(3500, once(*FAULTS[fault])) as url:
        assert listed(url, {}) == 3500


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autostats.archive.storage._S3_ATTEMPTS", 2)
    with made_up_bucket(3500, always(*FAULTS[fault])) as url, pytest.raises(BrokenOff) as error:
        listed(url, QUICK)
    assert str(error.value).startswith("s3://made/WISH cannot be listed: ")
    assert "\n" not in str(error.value)


def test_nobody_listens() -> None:
    with made_up_bucket(1) as url:
        pass
    with pytest.raises(BrokenOff, match="cannot be listed: Could not connect to the endpoint URL"):
        listed(url, QUICK)


def test_a_listing_that_breaks_off_leaves_nothing(
    archive: Archive, autostats: Autostats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autostats.archive.storage._S3_ATTEMPTS", 2)
    with made_up_bucket(3500, lambda number: FAULTS["broken"] if number >= 3 else None) as url:
        archive.write(
            {"name": "raw", "url": "s3://made/{instrument}", "instruments": ["WISH"],
             "options": {"anon": True, "endpoint_url": url, **QUICK}}
        )  # fmt: skip
        code, rows, err = count(archive, autostats)
    assert (code, rows[0]["state"], rows[0]["count"]) == (6, "incomplete", None)
    assert "cannot be listed" in err
    for table in ("obs_file_counts", "obs_file_runs", "obs_files"):
        assert archive.observed(f"select * from {table}") == []


def test_a_server_that_does_not_go_on() -> None:
    page = (
        "<ListBucketResult><IsTruncated>true</IsTruncated>"
        "<NextContinuationToken>1000</NextContinuationToken></ListBucketResult>"
    )
    with (
        made_up_bucket(3500, lambda number: (200, page) if number > 1 else None) as url,
        pytest.raises(BrokenOff, match="does not go on"),
    ):
        listed(url, {})
