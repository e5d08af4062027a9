"""models/exposures.yml says of each command which tables it reads: no less and no more than it asks for."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from autostats.digest import telling
from autostats.digest.memory import Stream
from autostats.digest.news import KnownState
from autostats.warehouse import Warehouse
from support.installed import Autostats

AS_OF = datetime(2020, 2, 1, 5, 15)
EXPOSURES = Path(__file__).parents[2] / "models" / "exposures.yml"
# Each way of asking that reads other tables.
ASKED: dict[str, tuple[tuple[str, ...], ...]] = {
    "report": (
        ("report", "--from", "2020-02-01", "--to", "2020-02-10", "--all"),
        ("report", "WISH", "--from", "2020-02-01", "--to", "2020-02-10", "--by", "week"),
        ("report", "--from", "2020-02-01", "--to", "2020-02-10", "--by", "cycle"),
        ("report", "--from", "2020-02-01", "--to", "2020-02-10", "--by", "hour"),
        ("report", "--from", "2020-02-01", "--to", "2020-02-10", "--format", "html"),
        ("report", "--from", "2020-02-11", "--to", "2020-02-12", "--format", "prometheus"),
    ),
    "missing": (("missing", "WISH", "--jumps"), ("missing", "--cycle", "2019/04")),
    "explain": (
        ("explain", "WISH", "2020-02-03", "jobs_total"),
        ("explain", "WISH", "2020-02-03", "runs_total"),
        ("explain", "WISH", "2020-02-03", "resolved_runs"),
        ("explain", "WISH", "2020-02-03", "missing_runs"),
        ("explain", "WISH", "101"),
    ),
    "plot": (
        ("plot", "jobs", "WISH", "--last", "7d"),
        ("plot", "exe-time", "WISH", "--last", "7d"),
        ("plot", "missing", "WISH", "--last", "7d"),
        ("plot", "failures", "--cycle", "2019/04"),
        ("plot", "availability", "WISH", "--last", "7d"),
    ),
    "digest": (("digest", "WISH", "--since", "2020-02-01"), ("digest", "--since", "2020-02-01")),
    "availability": (
        ("availability", "report", "WISH", "--from", "2020-02-10", "--to", "2020-02-12"),
        ("availability", "report", "--cycle", "2019/04"),
    ),
    "archive": (("archive", "report"),),
    "freshness": (("freshness", "report", "lims.samples"), ("freshness", "report", "--cycle", "2019/04")),
}

# An exposure is about public tables; which runs a look has found is in none of them.
PRIVATE = {"int_file_runs"}


def exposed() -> dict[str, set[str]]:
    content = yaml.safe_load(EXPOSURES.read_text(encoding="utf-8"))
    return {
        exposure["name"].removeprefix("autostats_"): set(
            re.findall(r"'(\w+)'", " ".join(exposure["depends_on"]))
        )
        for exposure in content["exposures"]
    }


@pytest.mark.parametrize("command", sorted(exposed()))
def test_an_exposure_names_the_tables_that_its_command_reads(
    command: str,
    autostats: Autostats,
    busy_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queries: list[str] = []
    ask = Warehouse.rows

    def listen(self: Warehouse, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        queries.append(sql)
        return ask(self, sql, parameters)

    monkeypatch.setattr(Warehouse, "rows", listen)
    # Somebody was told something already, and of instruments by the names of that time.
    told = KnownState(AS_OF, AS_OF, AS_OF.date(), None, frozenset(), frozenset(), frozenset())
    monkeypatch.setattr(telling, "read_memory", lambda path: {Stream("all", None, ""): told})
    for arguments in ASKED[command]:
        ran = autostats(*arguments, "--home", busy_home)
        assert ran.code == 0, (arguments, ran.err)
    read = set(re.findall(r"\b(?:from|join)\s+((?:fct|dim|rpt|int)_\w+)", "\n".join(queries)))
    assert read - PRIVATE == exposed()[command]
