"""What is known about faults: which tests should find them, what became of them, which cannot be found."""

import json
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from mutants.fault import Fault
from mutants.of_sql import faults_of_queries, sql_faults
from mutants.trial import ROOT, Outcome

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Suite:
    """Files, and the tests that should find their faults."""

    files: tuple[str, ...]
    without: tuple[str, ...]
    tests: tuple[str, ...]

    def holds(self, name: str) -> bool:
        """Return whether a file belongs to the suite."""
        return any(fnmatch(name, file) for file in self.files) and not any(
            fnmatch(name, file) for file in self.without
        )


def suites() -> list[Suite]:
    """Return the suites in `suites.toml`, in order."""
    content = tomllib.loads((_FOLDER / "suites.toml").read_text(encoding="utf-8"))
    return [
        Suite(tuple(suite["files"]), tuple(suite.get("without", ())), tuple(suite["tests"]))
        for suite in content["suite"]
    ]


def files_with_tests(patterns: Sequence[str], root: Path = ROOT) -> dict[str, tuple[str, ...]]:
    """Return the files to plant faults in, by path, with their tests; without `patterns`, all files."""
    found: dict[str, tuple[str, ...]] = {}
    for suite in suites():
        for folder in ("runner", "models", "macros"):
            for path in sorted((root / folder).rglob("*.*")):
                name = path.relative_to(root).as_posix()
                is_wanted = not patterns or any(fnmatch(name, f"*{pattern}*") for pattern in patterns)
                if is_wanted and suite.holds(name):
                    found.setdefault(name, suite.tests)
    return found


def faults_of(path: str, root: Path = ROOT) -> list[Fault]:
    """Return the faults of a file."""
    source = (root / path).read_text(encoding="utf-8")
    if path.endswith(".sql"):
        return sql_faults(path, source)
    from mutants.of_python import python_faults

    return sorted(
        [*python_faults(path, source), *faults_of_queries(path, source)], key=lambda fault: fault.start
    )


def explanations() -> dict[tuple[str, str, str], str]:
    """Return why some faults cannot be found, by file and by the lines before and after."""
    content = tomllib.loads((_FOLDER / "explained.toml").read_text(encoding="utf-8"))
    return {
        (entry["file"], entry["before"], entry["after"]): entry["reason"]
        for entry in content.get("fault", [])
    }


class Results:
    """What became of each fault, in a file that grows line by line: a run that was stopped resumes there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.outcomes: dict[str, Outcome] = dict(self._read())

    def _read(self) -> Iterator[tuple[str, Outcome]]:
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                entry = json.loads(line)
                yield entry["fault"], Outcome(entry["outcome"])

    def add(self, fault: Fault, outcome: Outcome) -> None:
        """Record what became of a fault."""
        self.outcomes[fault.key] = outcome
        self._path.parent.mkdir(parents=True, exist_ok=True)
        entry = {"fault": fault.key, "outcome": outcome, "at": f"{fault.path}:{fault.line}"}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def is_known(self, fault: Fault) -> bool:
        """Return whether it was found already: survivors are tried again, as tests may have been added."""
        return self.outcomes.get(fault.key) in (Outcome.KILLED, Outcome.TIMEOUT)
