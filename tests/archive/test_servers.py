"""Looks at the archive are kept on servers too, under the documented accounts."""

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from support.accounts import account
from support.archive import Archive
from support.extent import some

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("target", some(["mysql", "postgres"], 1))
def test_on_a_server(target: str, tmp_path: Path) -> None:
    archive = Archive(tmp_path / "home", tmp_path / "archive")
    for run in (1, 2, 4):
        archive.add(f"WISH/cycle_1/WISH{run}.nxs")
    archive.add("WISH/cycle_1/WISH5 ö'\"%.nxs")
    archive.add("WISH/cycle_2/WISH5.nxs", timedelta())
    url = f"{archive.root}/{{instrument}}/cycle_{{cycle}}"
    archive.write({"name": "r'ö\"%", "url": url, "instruments": ["WISH"], "settle_minutes": 5})
    with account(target, tmp_path) as autostats:
        assert autostats("run", "--quiet").code == 0
        assert autostats("archive", "register").code == 0
        assert "Nothing changed." in autostats("archive", "register").out
        ran = autostats("archive", "count", "--format", "json")
        assert ran.code == 75, ran.err
        assert [(row["cycle"], row["count"]) for row in json.loads(ran.out)["counts"]] == [("1", 3), ("2", 1)]
        # The second look knows what the first has seen.
        assert autostats("archive", "count").code == 75
        schema = f"{autostats.name}_statistics" if target == "mysql" else "autostats"
        query = "select run_number, count(*) from {}.obs_files group by run_number order by run_number"
        with closing(autostats.source.connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(query.format(schema))
            assert [tuple(row) for row in cursor.fetchall()] == [(1, 1), (2, 1), (4, 1), (5, 2)]
