"""The facts kept by hand: the files in a home's `seeds` folder, and the beam cycles among them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from autostats.errors import UsageError
from autostats.home import Home
from autostats.period import parse_date
from autostats.text import printable

CYCLES_FILE = "beam_cycles.csv"
_COLUMNS = ("cycle", "first_day", "last_day", "maintenance_days")
_NAME = re.compile(r"\d{4}/\d{2}[a-z]?")
# As many characters as the column `maintenance_days` of the statistics has room for.
_MOST_MAINTENANCE_DAYS = 18


@dataclass(frozen=True)
class Cycle:
    """A beam cycle; both days belong to it."""

    name: str
    first_day: date
    last_day: date
    maintenance_days: tuple[date, ...] = ()

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last_day - self.first_day).days + 1

    def __str__(self) -> str:
        return f"{printable(self.name)} ({self.first_day} to {self.last_day}, {self.days} days)"


def own_cycles_file(home: Home) -> Path:
    """Return the file in which a facility keeps its own beam cycles; it need not exist."""
    return home.seeds / CYCLES_FILE


def cycles_file(home: Home, project_dir: Path) -> Path:
    """Return the file whose beam cycles `autostats run` uses: the home's own, else the project's."""
    own = own_cycles_file(home)
    return own if own.exists() else project_dir / "seeds" / CYCLES_FILE


def seed_text(path: Path) -> str:
    """Return the text of a seed. Raises UsageError when the file cannot be read."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{path} cannot be read: {reason}.", "Fix the file or remove it.") from error


def seed_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold data, with their numbers."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line


def read_seed(path: Path) -> str:
    """Return a seed as dbt understands it: UTF-8, without empty lines and lines that begin with `#`.

    Raises UsageError when the file cannot be read.
    """
    return "".join(f"{line}\n" for _, line in seed_lines(seed_text(path)))


def read_cycles(path: Path) -> list[Cycle]:
    """Return the beam cycles in a file, the oldest first.

    Raises UsageError, which names the line, when the file is not a valid `beam_cycles.csv`.
    """
    lines = list(seed_lines(seed_text(path)))
    header = seed_header(path, lines, _COLUMNS)
    return sorted(
        (
            _cycle(f"{path}, line {number}", dict(zip(header, _cells(line), strict=False)))
            for number, line in lines[1:]
        ),
        key=lambda cycle: cycle.first_day,
    )


def _cells(line: str) -> list[str]:
    # An unclosed quote or a NUL makes cells that are not days, and is reported as such.
    return [cell.strip() for cell in next(csv.reader([line.replace("\0", "?")]))]


def seed_header(path: Path, lines: Sequence[tuple[int, str]], columns: Sequence[str]) -> list[str]:
    """Return the names in the first line of a seed. Raises UsageError when one of `columns` is not there."""
    header = _cells(lines[0][1]) if lines else []
    if not set(columns) <= set(header):
        raise UsageError(
            f"{path} does not begin with the line {','.join(columns)}.", "Fix the file or remove it."
        )
    return header


def _cycle(place: str, row: dict[str, str]) -> Cycle:
    if not row["cycle"]:
        raise UsageError(f"{place}: the cycle has no name.", "Fix the line or remove it.")
    first, last, *maintenance = (
        parse_date(text, f"{place}:")
        for text in (
            row.get("first_day", ""),
            row.get("last_day", ""),
            *row.get("maintenance_days", "").split(),
        )
    )
    if last < first:
        raise UsageError(f"{place}: {last} is before {first}.", "Swap them.")
    return Cycle(row["cycle"], first, last, tuple(maintenance))


def add_cycle(home: Home, project_dir: Path, cycle: Cycle) -> Path:
    """Add a beam cycle to the home's own file and return its path; the rest of the file stays as it is.

    The file begins as a copy of the project's. Raises UsageError when the cycle is impossible, overlaps
    another or has the same name, or when the file is broken or cannot be written.
    """
    path = cycles_file(home, project_dir)
    _check(cycle, read_cycles(path), path)
    values = {
        "cycle": cycle.name,
        "first_day": cycle.first_day,
        "last_day": cycle.last_day,
        "maintenance_days": " ".join(map(str, cycle.maintenance_days)),
    }
    own = own_cycles_file(home)
    write_seed(own, with_rows(path, _COLUMNS, [values]))
    return own


def _check(cycle: Cycle, known: Sequence[Cycle], path: Path) -> None:
    if not _NAME.fullmatch(cycle.name):
        raise UsageError(
            f"{cycle.name!r} is not a cycle name.",
            "Write it as 2026/05: the year, a slash and two digits, perhaps with a letter after them.",
        )
    if cycle.last_day < cycle.first_day:
        raise UsageError(f"--from {cycle.first_day} is after --to {cycle.last_day}.", "Swap them.")
    for day in cycle.maintenance_days:
        if not cycle.first_day <= day <= cycle.last_day:
            raise UsageError(f"--maintenance {day} is not a day of {cycle}.", "Leave it out.")
    if len(cycle.maintenance_days) > _MOST_MAINTENANCE_DAYS:
        raise UsageError(
            f"A cycle has at most {_MOST_MAINTENANCE_DAYS} maintenance days.", "Leave out the rest."
        )
    for other in known:
        if other.name.casefold() == cycle.name.casefold():
            raise UsageError(f"There is already a cycle {other}.", f"It is in {path}.")
        if other.first_day <= cycle.last_day and cycle.first_day <= other.last_day:
            raise UsageError(f"{cycle} overlaps {other}.", f"That one is in {path}.")


def with_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Return the content of the seed `path` with rows added at its end; the rest stays as it is.

    Raises UsageError when the file cannot be read, or lacks one of `columns`.
    """
    text = seed_text(path)
    end = "\r\n" if "\r\n" in text else "\n"
    lines = io.StringIO()
    header = seed_header(path, list(seed_lines(text)), columns)
    for row in rows:
        # Without quotes, a line that begins with # would be left out.
        is_comment = str(row.get(header[0], "")).startswith("#")
        csv.DictWriter(
            lines,
            header,
            restval="",
            lineterminator=end,
            quoting=csv.QUOTE_ALL if is_comment else csv.QUOTE_MINIMAL,
        ).writerow(row)
    content = path.read_bytes()
    between = b"" if content.endswith(b"\n") else end.encode()
    return content + between + lines.getvalue().encode()


def write_seed(path: Path, content: bytes) -> None:
    """Write a seed of a home, and make its folder. Raises UsageError when it cannot be written."""
    from autostats.files import write_file

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)
    except OSError as error:
        raise UsageError(
            f"{path.parent} cannot be created: {error.strerror}.", "Choose another `--home`."
        ) from error
    except UsageError as error:
        raise UsageError(str(error), "Choose another `--home`, or have its owner run this.") from error
