"""Published builds made without dbt, with made-up statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from autostats import __version__
from autostats.published.tables import ROWS_IN_A_GROUP
from autostats.sql_text import literal

AS_OF = datetime(2020, 2, 12, 23, 30)
INSTRUMENTS = ("GEM", "MARI", "WISH")
_STATISTICS = (
    "ident varchar, name varchar, model varchar, plugin varchar, summary varchar, bucket varchar,"
    " time_column varchar, dimensions varchar[], measures varchar[], chart varchar, row_count bigint,"
    " state varchar, error varchar, built_at timestamp"
)
_COLUMNS = (
    "ident varchar, name varchar, position bigint, heading varchar, short_heading varchar, spoken varchar,"
    " kind varchar, unit varchar, metric varchar, description varchar, is_nullable boolean"
)


@dataclass(frozen=True)
class Made:
    """A statistic: a query for its rows, whose columns are time, dimensions and measures in this order."""

    ident: str
    bucket: str
    time_column: str
    dimensions: Sequence[str]
    # By name, the kind of each.
    measures: Mapping[str, str]
    query: str
    chart: str = "bar"
    kinds: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None

    @property
    def columns(self) -> list[str]:
        return [self.time_column, *self.dimensions, *self.measures]


def jobs_by_day(days: int = 30, instruments: Sequence[str] = INSTRUMENTS, offset: int = 0) -> Made:
    """Return the jobs of instruments up to 12 February 2020; none passed on the first day."""
    names = ", ".join(f"('{name.replace(chr(39), chr(39) * 2)}')" for name in instruments)
    query = f"""
        select date '2020-02-12' - cast({days} - 1 - number as integer) as day, instrument,
            number + {offset} as jobs_total,
            case when number > 0 then number / (number + 1.0) end as pass_rate
        from range({days}) as days (number), (values {names}) as instruments (instrument)
    """
    measures = {"jobs_total": "count", "pass_rate": "share"}
    return Made("jobs-1d", "day", "day", ["instrument"], measures, query)


def volume_by_second(rows: int, instruments: int = 20) -> Made:
    """Return rows of one second each, whose instruments take turns."""
    query = f"""
        select timestamp '2020-01-01' + to_seconds(number) as second,
            'INST' || lpad(cast(number % {instruments} as varchar), 2, '0') as instrument,
            (number * 7919) % 1000 as messages_total, number % 13 as errors_total,
            case when number % 10 > 0 then ((number * 31) % 977) / 7.0 end as mean_seconds
        from range({rows}) as seconds (number)
    """
    measures = {"messages_total": "count", "errors_total": "bad count", "mean_seconds": "seconds"}
    return Made("volume-1s", "second", "second", ["instrument"], measures, query, "line", {"second": "time"})


def odd_values() -> Made:
    """Return rows with what needs care in each format."""
    query = """
        select * from (values
            (timestamp '2020-02-10 10:00:00', '=1+1', 'nan'::double, null::decimal(9, 2), true),
            (timestamp '2020-02-10 11:00:00.5', 'a,"b"' || chr(10) || 'c', 'inf'::double, 1.25, false),
            (timestamp '2020-02-10 12:00:00', '<b>über</b> 🚀', 1.5, -3.00, null),
            (timestamp '2020-02-10 13:00:00', '', 0.1, 10.50, true),
            (timestamp '2020-02-10 14:00:00', null, 1e300, 2.00, true)
        ) as odd (hour, name, ratio, amount, is_odd)
    """
    measures = {"ratio": "share", "amount": "count", "is_odd": "flag"}
    return Made("odd-1h", "hour", "hour", ["name"], measures, query, "area", {"hour": "hour"})


def publish(
    home: Path,
    statistics: Sequence[Made] = (),
    *,
    build: str | None = None,
    as_of: datetime = AS_OF,
    failed: Mapping[str, str] | None = None,
    keep: int = 2,
    unchanged_since: str | None = None,
) -> str:
    """Publish a build with statistics, and plug-ins that failed; return its name. Older ones go.

    The rows are new, or those of the build `unchanged_since`.
    """
    folder = home / "published"
    folder.mkdir(parents=True, exist_ok=True)
    build = build or datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    draft = folder / f".{build}.part"
    made = list(statistics) or [jobs_by_day(), odd_values()]
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(draft))} as published (row_group_size {ROWS_IN_A_GROUP})")
        connection.execute("use published")
        connection.execute("create schema served")
        connection.execute(
            "create table served.build as select ? as build, ?::timestamp as published_at,"
            " ?::timestamp as as_of, 'duckdb' as target, ? as autostats_version,"
            " 'Europe/London' as facility_timezone",
            [build, as_of + timedelta(minutes=1), as_of, __version__],
        )
        connection.execute(f"create table served.statistics ({_STATISTICS})")
        connection.execute(f"create table served.columns ({_COLUMNS})")
        for each in made:
            built_at = datetime.strptime(unchanged_since or build, "%Y%m%dT%H%M%S%fZ")
            _add(connection, each, built_at)
        for name, error in (failed or {}).items():
            row = [name, name, name, error]
            connection.execute(
                "insert into served.statistics values"
                " (?, ?, null, ?, '', null, null, [], [], null, 0, 'failed', ?, null)",
                row,
            )
    draft.rename(folder / f"{build}.duckdb")
    found = sorted(path for path in folder.glob("*.duckdb") if path.name.count(".") == 1)
    for old in found[:-keep]:
        old.unlink()
    return build


def _add(connection: duckdb.DuckDBPyConnection, made: Made, built_at: datetime) -> None:
    order = ", ".join(f'"{name}"' for name in (made.time_column, *made.dimensions))
    names = ", ".join(f'"{name}"' for name in made.columns)
    connection.execute(
        f'create table served."{made.ident}" as'
        f" select row_number() over (order by {order}) - 1 as position, {names} from ({made.query})"
        " order by position"
    )
    count = connection.execute(f'select count(*) from served."{made.ident}"').fetchall()[0][0]
    name = made.ident.rpartition("-")[0]
    row: list[Any] = [
        *(made.ident, name, f"fct_{name}", None, f"{name.capitalize()} by {made.bucket}", made.bucket),
        *(made.time_column, list(made.dimensions), list(made.measures), made.chart, count),
        *("failed" if made.error else "ok", made.error, built_at),
    ]
    connection.execute(f"insert into served.statistics values ({', '.join('?' for _ in row)})", row)
    kinds = {made.time_column: "day", **dict.fromkeys(made.dimensions, "text"), **made.measures, **made.kinds}
    for position, column in enumerate(made.columns):
        heading = column.replace("_", " ").capitalize()
        connection.execute(
            "insert into served.columns values (?, ?, ?, ?, '', '', ?, null, '', ?, true)",
            [made.ident, column, position, heading, kinds[column], f"The {heading.lower()}."],
        )


def day(number: int) -> date:
    """Return a day of February 2020."""
    return date(2020, 2, number)
