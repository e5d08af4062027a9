"""models/exposures.yml says of each command which tables it reads: no less and no more than it asks for."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from autostats.digest import telling
from autostats.digest.memory import Stream
from autostats.digest.news import KnownState
from support.exposures import exposed, tables_read
from support.installed import Autostats

AS_OF = datetime(2020, 2, 1, 5, 15)
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
    "attention": (("attention", "WISH"),),
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
    "stats": (("stats", "publish"),),
    "freshness": (("freshness", "report", "lims.samples"), ("freshness", "report", "--cycle", "2019/04")),
}

# An exposure is about public tables; which runs a look has found is in none of them.
PRIVATE = {"int_file_runs"}


# The dashboard is asked over HTTP: tests/serve/test_dashboard.py.
@pytest.mark.parametrize("command", sorted(exposed().keys() - {"dashboard"}))
def test_an_exposure_names_the_tables_that_its_command_reads(
    command: str,
    autostats: Autostats,
    busy_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # One of the commands writes to it.
    home = shutil.copytree(busy_home, tmp_path / "home")
    read = tables_read(monkeypatch)
    # Somebody was told something already, and of instruments by the names of that time.
    told = KnownState(AS_OF, AS_OF, AS_OF.date(), None, frozenset(), frozenset(), frozenset())
    monkeypatch.setattr(telling, "read_memory", lambda path: {Stream("all", None, ""): told})
    for arguments in ASKED[command]:
        ran = autostats(*arguments, "--home", home)
        assert ran.code == 0, (arguments, ran.err)
    assert read() - PRIVATE == exposed()[command]
