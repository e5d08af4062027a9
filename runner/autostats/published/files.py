"""The files of published builds, which have names that sort by time."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from autostats.home import Home

KEPT = 2
_FORM = "%Y%m%dT%H%M%S%fZ"
_NAME = re.compile(r"\d{8}T\d{12}Z")
_STATISTICS = ".duckdb"
_MARTS = ".marts.duckdb"
_DRAFT = ".part"


def build_name(now: datetime, before: str | None = None) -> str:
    """Return the name of a build that is published at `now`, UTC, behind that of the one `before`.

    A clock that has gone back must not put it in front.
    """
    name = now.strftime(_FORM)
    if before is None or name > before:
        return name
    return (datetime.strptime(before, _FORM) + timedelta(microseconds=1)).strftime(_FORM)


def builds(home: Home) -> list[str]:
    """Return the names of the published builds, oldest first."""
    return sorted(build_files(home))


def build_files(home: Home) -> dict[str, Path]:
    """Return the file of each build that is kept, by its name; names sort by time."""
    try:
        found = list(home.published.iterdir())
    except FileNotFoundError:
        return {}
    return {path.stem: path for path in found if path.suffix == _STATISTICS and _NAME.fullmatch(path.stem)}


def statistics_file(home: Home, build: str) -> Path:
    """Return the file with the statistics of a build."""
    return home.published / f"{build}{_STATISTICS}"


def marts_file(home: Home, build: str) -> Path:
    """Return the file with all tables of a build, which only the target `duckdb` has."""
    return home.published / f"{build}{_MARTS}"


@contextmanager
def drafted(home: Home, build: str) -> Iterator[tuple[Path, Path]]:
    """Give drafts for both files of a build, which appear under their names when all has gone well.

    Then builds older than the newest two go, and whatever a killed publication has left. A reader that has an
    old file open keeps it.
    """
    home.published.mkdir(exist_ok=True)
    for left in home.published.glob(f"*{_DRAFT}*"):
        left.unlink(missing_ok=True)
    paths = (statistics_file(home, build), marts_file(home, build))
    statistics, marts = (path.with_name(path.name + _DRAFT) for path in paths)
    try:
        yield statistics, marts
        if marts.exists():
            marts.replace(paths[1])
        statistics.replace(paths[0])
    except BaseException:
        statistics.unlink(missing_ok=True)
        marts.unlink(missing_ok=True)
        raise
    kept = builds(home)[-KEPT:]
    # The marts of a publication that was killed between its two files are of no build.
    for path in home.published.glob(f"*{_STATISTICS}"):
        if path.name.partition(".")[0] not in kept:
            with suppress(OSError):
                path.unlink(missing_ok=True)
