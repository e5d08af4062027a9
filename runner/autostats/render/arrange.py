"""Which columns the reader wants to see, in which order, and what the rows are sorted by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autostats.errors import UsageError
from autostats.name_order import name_key
from autostats.render.section import Column, Kind, Section


def _names(text: str, option: str) -> list[str]:
    """Return the column names in a comma-separated list, without duplicates.

    Raises UsageError if there are none.
    """
    names = list(dict.fromkeys(name for part in text.split(",") if (name := part.strip().lower())))
    if not names:
        raise UsageError(
            f"{option} {text!r} names no column.", f"For example: `{option} jobs_failed,runs_total`."
        )
    return names


def _nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the first column that begins with `name`, else the most similar one."""
    import difflib

    begins = [column for column in known if column.startswith(f"{name}_")]
    return next(iter(begins or difflib.get_close_matches(name, known, n=1)), None)


def _check(names: Sequence[str], columns: Sequence[Column], option: str) -> None:
    known = [column.name for column in columns]
    for name in names:
        if name not in known:
            close = _nearest(name, known)
            hint = f" Did you mean {close}?" if close else ""
            raise UsageError(
                f"{option}: there is no column {name!r} here.{hint}", f"There are: {', '.join(known)}."
            )


def _with_columns(section: Section, names: Sequence[str]) -> Section:
    """Return the section with those of `names` that it has, in that order; all columns if it has none."""
    own = {column.name: column for column in section.columns}
    groups: list[list[str]] = []
    for name in names:
        if name in own:
            companions = [other for other in section.companions.get(name, ()) if other not in names]
            groups.append([name, *companions])
    if not groups:
        return section
    return replace(
        section,
        columns=[own[name] for group in groups for name in group],
        # A screen too narrow for all shows as many as fit.
        layouts=[[name for group in groups[:count] for name in group] for count in range(len(groups), 0, -1)],
    )


def _key(value: Any) -> Any:
    return name_key(value) if isinstance(value, str) else value


def _sorted(section: Section, names: Sequence[str]) -> Section:
    rows: list[Mapping[str, Any]] = list(section.rows)
    own = {column.name for column in section.columns}
    # The last key first: each sort leaves equal rows as they are.
    for name in reversed(names):
        key = name.removeprefix("-")
        if key in own:
            filled = [row for row in rows if row[key] is not None]
            filled.sort(key=lambda row: _key(row[key]), reverse=name.startswith("-"))
            rows = filled + [row for row in rows if row[key] is None]
    return replace(section, rows=rows)


def arranged(
    sections: Sequence[Section],
    columns: str | None,
    sort: str | None,
    holds: Callable[[Column], bool],
    sort_option: str = "--sort",
) -> list[Section]:
    """Return the sections with the columns in `--columns`, sorted by `--sort` (`-`: descending).

    A section uses the names that it has; empty values come last, and so does the total. `holds` says which
    columns the format can show. Raises UsageError for a column that no section has.
    """
    every = {column.name: column for section in sections for column in section.columns}
    known = [column for column in every.values() if holds(column)]
    result = list(sections)
    if sort is not None:
        keys = _names(sort, sort_option)
        sortable = [column for column in known if column.kind is not Kind.SERIES]
        _check([key.removeprefix("-") for key in keys], sortable, sort_option)
        result = [_sorted(section, keys) for section in result]
    if columns is not None:
        names = _names(columns, "--columns")
        _check(names, known, "--columns")
        result = [_with_columns(section, names) for section in result]
    return result
