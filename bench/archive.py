"""What counting an archive costs beyond listing it.

`python -m bench.archive` counts files in a local folder, and keys of an S3 bucket that a server makes up as
it is asked, with `autostats archive count`. It compares the time of the look with that of a bare loop in a
process of its own: os.scandir and stat, and pages of list_objects_v2 from botocore. The first look stands by
itself: it also records the new files. Options: `--files` (200,000), `--keys` (1,000,000), `--rounds` (3; the
median counts).
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.archive import Archive, made_up_bucket, written  # noqa: E402

from bench.__main__ import COMMAND, line, measure, verdict  # noqa: E402

_SCANDIR = """
import json, os, sys, time
began, ahead, number = time.perf_counter(), [sys.argv[1]], 0
while ahead:
    with os.scandir(ahead.pop()) as found:
        for entry in found:
            status = entry.stat()
            if entry.is_dir():
                ahead.append(entry.path)
            else:
                number += 1
print(json.dumps({"number": number, "seconds": time.perf_counter() - began}))
"""
_PAGES = """
import json, sys, time
import boto3, botocore
unsigned = botocore.config.Config(signature_version=botocore.UNSIGNED)
client = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1", config=unsigned)
began, number = time.perf_counter(), 0
for page in client.get_paginator("list_objects_v2").paginate(Bucket="made", Prefix="WISH/"):
    number += len(page["Contents"])
print(json.dumps({"number": number, "seconds": time.perf_counter() - began}))
"""
_LOOKS = "select started_at, ended_at from obs_collections where collector = 'archive' order by collection_id"


def seconds(archive: Archive) -> float:
    """Return how long the newest look took."""
    look = archive.observed(_LOOKS)[-1]
    times = [datetime.fromisoformat(look[name]) for name in ("ended_at", "started_at")]
    return (times[0] - times[1]).total_seconds()


def bench(what: str, bare: Sequence[str], location: dict[str, Any], number: int, rounds: int) -> None:
    """Measure both by turns, and print the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder) / "home", Path(folder))
        archive.write({"name": "bench", "instruments": ["WISH"], **location})
        environment = os.environ | archive.env
        measure([COMMAND, "archive", "register", "--output", f"{folder}/registered.json"], environment)
        count = [COMMAND, "archive", "count", "--quiet", "--output", f"{folder}/counted.json"]
        first = measure(count, environment, codes={0, 75})
        line(f"{what}: first look", f"{seconds(archive):.2f} s")
        loops, looks, memory = [], [], [first.gigabytes]
        for _ in range(rounds):
            figure = measure([sys.executable, "-c", *bare])
            if figure.said_number("number") != number:
                raise RuntimeError(f"{figure.said_number('number'):,.0f} instead of {number:,}")
            loops.append(figure.said_number("seconds"))
            memory.append(measure(count, environment, codes={0, 75}).gigabytes)
            looks.append(seconds(archive))
        if archive.observed("select distinct count from obs_file_counts") != [{"count": number}]:
            raise RuntimeError("the counts differ: there is nothing to compare")
    line(f"{what}: bare loop", f"{statistics.median(loops):.2f} s")
    line(f"{what}: look", f"{statistics.median(looks):.2f} s")
    ratio = statistics.median(looks) / statistics.median(loops)
    line("look / bare loop", f"{ratio:.2f}", verdict("look / bare loop", ratio))
    aim = "peak memory of archive count, GB"
    line(aim, f"{max(memory):.3f}", verdict(aim, max(memory)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for run in range(options.files):
            written(Path(folder, f"WISH{run:08d}.nxs"))
        print(f"\n{options.files:,} files in a folder\n")
        bench("folder", [_SCANDIR, folder], {"url": folder}, options.files, options.rounds)
    with made_up_bucket(options.keys) as url:
        print(f"\n{options.keys:,} keys in a bucket\n")
        location = {"url": "s3://made/WISH", "options": {"anon": True, "endpoint_url": url}}
        bench("bucket", [_PAGES, url], location, options.keys, options.rounds)


if __name__ == "__main__":
    main()
