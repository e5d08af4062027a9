"""Reading CSV files whose columns bear one of several names, line by line."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from autostats.errors import UsageError

Told = Callable[[int], None]
_TOLD_EVERY = 2_000


def csv_rows(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    optional: Sequence[str] = (),
    told: Told = lambda position: None,
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield where each row stands, for messages, and its cells by the keys of `columns`, and by `optional`.

    `columns` says which names each column may bear in the file; the order is free, and so are further ones.
    A byte-order mark, either end of line and empty lines are fine. `told` hears, now and then, how far it
    has read (bytes). Raises UsageError when the file cannot be read, lacks a column, or a row lacks a cell.
    """
    try:
        with path.open("rb") as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            places = _places(next(reader, []), columns, optional, path)
            for count, cells in enumerate(reader):
                # Of a pipe, nobody knows how long it is.
                if count % _TOLD_EVERY == 0 and raw.seekable():
                    told(raw.tell())
                if not any(cell.strip() for cell in cells):
                    continue
                place = f"{path}, line {reader.line_num},"
                try:
                    yield place, {name: cells[index] for name, index in places.items()}
                except IndexError:
                    raise UsageError(
                        f"{place} has only {len(cells)} cells.",
                        "Fix the line; nothing of the file was taken.",
                    ) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except csv.Error as error:
        raise UsageError(
            f"{path}, line {reader.line_num}: {error}.", "Nothing of the file was taken."
        ) from error


def _places(
    header: Sequence[str], columns: Mapping[str, Sequence[str]], optional: Sequence[str], path: Path
) -> dict[str, int]:
    names = [name.strip().lower() for name in header]
    places = {}
    for column, spellings in columns.items():
        found = [names.index(spelling.lower()) for spelling in spellings if spelling.lower() in names]
        if not found:
            raise UsageError(
                f"{path} has no column {' or '.join(spellings)}.",
                f"Its first line is {','.join(header)!r}." if header else "It is empty.",
            )
        places[column] = found[0]
    return places | {name: names.index(name) for name in optional if name in names}
