"""Checks of the collector are counted on every target, under the documented accounts, run by run."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.accounts import Account, account
from support.extent import some
from support.installed import bare_environment, run_command
from support.sources import SourceWriter, genuine_era_c, wish_fixture
from support.table_freshness import Check, Monitored, Watched, look, write_looks

pytestmark = pytest.mark.slow

AS_OF = datetime(2020, 3, 29, 20, 0, 0)
HOUR = timedelta(hours=1)
NAMES = ("lims.samples", "LIMS.samples", "lims.sämples 'ö\"|%", "t" * 490)
TABLES = [*map(Monitored, NAMES), Monitored(NAMES[0], column="Updated_At"), Monitored("a" * 300, "ö" * 190)]
# Fresh, late, stale, nobody looks, and refused; over the night in which the clocks change.
CHECKS = [
    Check(AS_OF - 40 * HOUR, AS_OF - 40 * HOUR, 3600, 7200, 14_400),
    Check(AS_OF - 39 * HOUR, AS_OF - 40 * HOUR, 3600, 7200, 14_400),
    Check(AS_OF - 37 * HOUR, AS_OF - 40 * HOUR, 3600, 7200, 14_400),
    Check(AS_OF - 20 * HOUR, AS_OF - 21 * HOUR, 36_000, 7200, 14_400),
    Check(AS_OF - 2 * HOUR, None, 3600, 7200, 14_400, "refused: " + "é" * 900),
]
LATER = [Check(AS_OF + 3 * HOUR, AS_OF + 4 * HOUR, 3600, 7200, 14_400)]
LATE = [Check(AS_OF - 38 * HOUR, None, 3600, 7200, 14_400, "no rows")]
AGAIN = [Check(AS_OF - 20 * HOUR, AS_OF - 20 * HOUR, 36_000, 7200, 14_400)]


@dataclass(frozen=True)
class Installation:
    """An installed command, and where the collector writes."""

    command: Any
    environment: dict[str, str]
    target: str
    python: Path | None

    def watch(self, looks: Sequence[dict[str, Any]], completed: Sequence[int] = ()) -> None:
        """Let the collector look."""
        python = {"python": self.python} if self.python else {}
        write_looks(looks, self.environment, target=self.target, completed=completed, **python)


@pytest.fixture(params=some(["postgres", "mysql", "duckdb"], 1, start=1))
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """Return the installed command for a target whose source has nine jobs."""
    if request.param != "duckdb":
        with account(request.param, tmp_path) as autostats:
            yield _on_server(autostats)
        return
    source = genuine_era_c(tmp_path / "source.sqlite")
    with SourceWriter.open(source) as writer:
        wish_fixture(writer)
    places = {"AUTOSTATS_SOURCE_URL": f"sqlite:///{source}", "AUTOSTATS_HOME": str(tmp_path / "home")}
    run = partial(run_command, user_home=tmp_path / "nobody", env=places)
    environment = bare_environment(tmp_path / "nobody", places)
    yield Installation(lambda *arguments: run(arguments), environment, "duckdb", None)


def _on_server(autostats: Account) -> Installation:
    python = autostats.command.with_name("python")
    return Installation(autostats, autostats.environment, autostats.target, python)


def test_checks_are_counted(installation: Installation) -> None:
    assert installation.command("run", "--as-of", str(AS_OF)).code == 0
    installation.watch(
        [
            look(dict.fromkeys(TABLES, CHECKS)),
            look(dict.fromkeys(TABLES[:2], LATE), "incomplete"),
            look(dict.fromkeys(TABLES, LATE), "failed"),
        ]
    )
    _compare(installation, [CHECKS] * len(TABLES), AS_OF)
    installation.watch([look(dict.fromkeys(TABLES, LATER)), look({TABLES[0]: AGAIN})], completed=[2])
    changed = [[*LATE, *CHECKS, *LATER, *AGAIN], [*LATE, *CHECKS, *LATER]]
    changed += [[*CHECKS, *LATER]] * (len(TABLES) - 2)
    _compare(installation, changed, AS_OF + 5 * HOUR)
    _compare(installation, changed, AS_OF - 19 * HOUR)
    _compare(installation, changed, AS_OF + 50 * HOUR)
    _compare(installation, changed, AS_OF + 50 * HOUR, "--full-refresh")


def _compare(
    installation: Installation, checks: Sequence[Sequence[Check]], as_of: datetime, *flags: str
) -> None:
    ran = installation.command("run", "--as-of", str(as_of), *flags)
    assert ran.code == 0, ran.err
    days = ("--from", "2020-03-01", "--to", "2020-04-30")
    ran = installation.command("freshness", "report", *days, "--format", "json")
    assert ran.code == 0, ran.err
    found = {(row["dbobject"], row["table"], row["column"]): row for row in json.loads(ran.out)["tables"]}
    assert len(found) == len(TABLES)
    for table, those in zip(TABLES, checks, strict=True):
        row = found[table.dbobject, table.table, table.column]
        expected = _expected(Watched(table, those, as_of))
        assert {name: row[name] for name in expected} == expected


def _expected(watched: Watched) -> dict[str, Any]:
    [now] = watched.now()
    daily = watched.daily()
    lags = sorted(check.lag for check in watched.checks if check.lag is not None)
    sums = ("checks", "observed_seconds", "fresh_seconds", "warn_seconds", "stale_seconds", "unknown_seconds")
    times = ("since", "last_update", "last_checked_at")
    return {
        **{name: now[name] for name in ("state", "lag_seconds", "last_status", "server", "db_type")},
        **{name: f"{now[name].isoformat()}Z" for name in times},
        **{name: sum(row[name] for row in daily) for name in sums},
        "worst_lag_seconds": lags[-1],
        "median_lag_seconds": lags[(len(lags) - 1) // 2],
    }
