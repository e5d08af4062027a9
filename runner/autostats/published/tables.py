"""The tables of a published build, while it is being made."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from autostats.errors import UsageError
from autostats.published.described import described
from autostats.sql_text import literal, quoted
from autostats.warehouse import Warehouse

_SCHEMA = (
    "create schema published.served",
    "create table published.served.build (build varchar, published_at timestamp, as_of timestamp,"
    " target varchar, autostats_version varchar, facility_timezone varchar)",
    "create table published.served.statistics (ident varchar, name varchar, model varchar, plugin varchar,"
    " summary varchar, bucket varchar, time_column varchar, dimensions varchar[], measures varchar[],"
    " chart varchar, row_count bigint, state varchar, error varchar, built_at timestamp)",
    "create table published.served.columns (ident varchar, name varchar, position integer, heading varchar,"
    " short_heading varchar, spoken varchar, kind varchar, unit varchar, metric varchar, description varchar,"
    " is_nullable boolean)",
)
# What is read for a page of a hundred rows is the group that they are in, or two.
ROWS_IN_A_GROUP = 8192
# Their sums over several rows would mean nothing.
_RATIOS = ("share", "percent")


class Unpublishable(Exception):
    """A statistic is not what its model declares."""


class Tables:
    """The tables of a build that is being made.

    `before` lists the statistics of the build before, by ident.
    """

    def __init__(self, warehouse: Warehouse, before: Mapping[str, Mapping[str, Any]]) -> None:
        self.before = before
        self._rows = warehouse.rows
        self._listed: dict[str, Mapping[str, Any]] = {}
        self._columns: dict[str, Sequence[Mapping[str, Any]]] = {}

    @classmethod
    @contextmanager
    def of_build(cls, warehouse: Warehouse, draft: Path, before: Path | None) -> Iterator[Self]:
        """Make the file `draft`, from the statistics and from the file of the build before."""
        warehouse.rows(f"attach {literal(str(draft))} as published (row_group_size {ROWS_IN_A_GROUP})")
        for statement in _SCHEMA:
            warehouse.rows(statement)
        known: list[dict[str, Any]] = []
        if before is not None:
            warehouse.rows(f"attach {literal(str(before))} as previous (read_only)")
            known = warehouse.rows("select * from previous.served.statistics")
        made = cls(warehouse, {row["ident"]: row for row in known})
        yield made
        made._insert("statistics", list(made._listed.values()))
        made._insert("columns", [row for rows in made._columns.values() for row in rows])
        warehouse.rows("checkpoint published")
        for name in ["published"] if before is None else ["published", "previous"]:
            warehouse.rows(f"detach {name}")

    def describe(self, build: str, now: datetime, target: str) -> None:
        """Write down which build it is."""
        self._rows(
            "insert into published.served.build"
            " select ?, ?, as_of, ?, autostats_version, facility_timezone from dim_settings",
            [build, now, target],
        )

    def make(
        self,
        statistic: Mapping[str, Any],
        columns: Sequence[Mapping[str, Any]],
        plugin: str | None,
        now: datetime,
    ) -> None:
        """Make the table of a statistic, whose rows are numbered by time and dimensions.

        `columns` is what the catalogue says of its model. Raises Unpublishable.
        """
        import duckdb

        ident, time = statistic["ident"], statistic["time_column"]
        dimensions, measures = (_names(statistic[key]) for key in ("dimensions", "measures"))
        relation = quoted(statistic["model"])
        try:
            types = {row["column_name"]: row["column_type"] for row in self._rows(f"describe {relation}")}
        except UsageError as error:
            raise Unpublishable(f"{statistic['model']} has no table or view.") from error
        self._check(statistic["model"], [time, *dimensions, *measures], measures, types)
        said = {row["name"]: row for row in columns}
        shown = [
            described(name, types[name], said.get(name), position)
            for position, name in enumerate((time, *dimensions, *measures), start=1)
        ]
        cell, timed = ", ".join(map(quoted, (time, *dimensions))), f"{quoted(time)} is not null"
        if any(row["kind"] in _RATIOS for row in shown) and self._rows(
            f"select 1 from {relation} where {timed} group by {cell} having count(*) > 1 limit 1"
        ):
            raise Unpublishable(f"{statistic['model']} has several rows per {cell}: ratios do not add up.")
        sums = ", ".join(f"{_sum(name, types[name])} as {quoted(name)}" for name in measures)
        try:
            self._rows(
                f"create table {_served(ident)} as"
                f" select row_number() over (order by {cell}) - 1 as position, *"
                f" from (select {cell}, {sums} from {relation} where {timed} group by {cell})"
                " order by position"
            )
        except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
            raise Unpublishable(str(error).split("\n", 1)[0]) from error
        count = self._rows(f"select count(*) as rows from {_served(ident)}")[0]["rows"]
        listed = {key: value for key, value in statistic.items() if key != "package"}
        lists = {"dimensions": dimensions, "measures": measures}
        self.add({**listed, **lists, "plugin": plugin, "row_count": count, "state": "ok", "built_at": now})
        self._columns[ident] = [{"ident": ident, **row} for row in shown]

    def keep(self, row: Mapping[str, Any]) -> None:
        """Take a statistic as it was published before; `row` is what the list says of it now."""
        ident = row["ident"]
        self._rows(f"create table {_served(ident)} as from previous.served.{quoted(ident)} order by position")
        columns = "select * from previous.served.columns where ident = ? order by position"
        self._columns[ident] = self._rows(columns, [ident])
        self.add(row)

    def drop(self, ident: str) -> None:
        """Take a statistic away again."""
        self._rows(f"drop table {_served(ident)}")
        del self._listed[ident], self._columns[ident]

    def add(self, row: Mapping[str, Any]) -> None:
        """Add a row to the list of the statistics."""
        self._listed[row["ident"]] = row

    def _check(
        self, model: str, wanted: Sequence[str], measures: Sequence[str], types: Mapping[str, str]
    ) -> None:
        for name in wanted:
            if name not in types:
                raise Unpublishable(f"{model} has no column {name}.")
        for name in measures:
            if not _is_number(types[name]):
                raise Unpublishable(f"measure {name} is not a number but {types[name]}.")

    def _insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows in one statement, since each is a transaction."""
        names = sorted({name for row in rows for name in row})
        marks = ", ".join(f"({', '.join('?' * len(names))})" for _ in rows)
        if rows:
            self._rows(
                f"insert into published.served.{table} ({', '.join(names)}) values {marks}",
                [row.get(name) for row in rows for name in names],
            )


def _names(text: str) -> list[str]:
    return [name for name in text.split(",") if name]


def _served(ident: str) -> str:
    return f"published.served.{quoted(ident)}"


def _sum(name: str, kind: str) -> str:
    # Counts that a model has summed are wider than any count.
    return f"cast(sum({quoted(name)}) as {'BIGINT' if kind == 'HUGEINT' else kind})"


def _is_number(kind: str) -> bool:
    return kind.startswith(("DECIMAL", "FLOAT", "DOUBLE")) or kind.endswith("INT") or kind == "INTEGER"
