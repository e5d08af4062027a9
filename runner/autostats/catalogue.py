"""The descriptions of columns in the models' YAML, as `dim_catalogue` passes them to the commands."""

from collections.abc import Iterable, Mapping
from typing import Any

from autostats.render.section import Column, Kind


class Catalogue:
    """The columns of the tables that people query, by table and name."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._columns = {(row["model"], row["name"]): column_of(row) for row in rows}

    def column(self, model: str, name: str) -> Column:
        """Return a column of `model`."""
        return self._columns[model, name]

    def columns(self, model: str, *wanted: str | Column) -> tuple[Column, ...]:
        """Return columns in the order of `wanted`: columns of `model` by name, and others as they are."""
        return tuple(self.column(model, each) if isinstance(each, str) else each for each in wanted)


def names(wanted: Iterable[str | Column]) -> tuple[str, ...]:
    """Return the column names in what `Catalogue.columns` is asked for."""
    return tuple(each if isinstance(each, str) else each.name for each in wanted)


def worded(description: str, span: str = "", *, null: str) -> str:
    """Return a description with the word for NULL, and about a `span` instead of a day if one is named."""
    if span:
        description = description.replace("on the day", f"in the {span}").replace(
            "the day's", f"the {span}'s"
        )
    return description.replace(". NULL", f". {null.capitalize()}").replace("NULL", null)


def column_of(row: Mapping[str, Any]) -> Column:
    """Return the column that a row of `dim_catalogue` describes."""
    return Column(
        name=row["name"],
        kind=Kind(row["kind"]),
        heading=row["heading"],
        short_heading=row["short_heading"] or "",
        spoken=row["spoken"] or "",
        metric=row["metric"] or "",
        description=row["description"],
        is_nullable=row["is_nullable"],
    )
