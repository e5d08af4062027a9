"""Where the files of one installation are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from autostats.errors import UsageError


@dataclass(frozen=True)
class Home:
    """The folder that `AUTOSTATS_HOME` or `--home` names."""

    root: Path

    @classmethod
    def resolve(cls, option: Path | None = None) -> "Home":
        """Return the home in `--home`, else in `AUTOSTATS_HOME`, else the user's data folder."""
        chosen = option or os.environ.get("AUTOSTATS_HOME") or user_data_path("autostats")
        return cls(Path(chosen).expanduser().absolute())

    @property
    def database(self) -> Path:
        """The statistics database of the `duckdb` target."""
        return self.root / "autostats.duckdb"

    @property
    def observations(self) -> Path:
        """What collectors have seen, on the `duckdb` target."""
        return self.root / "observations.sqlite"

    @property
    def published(self) -> Path:
        """The statistics of finished builds, which no run has open."""
        return self.root / "published"

    @property
    def reports(self) -> Path:
        """The files of the reports that `autostats serve` was asked for."""
        return self.root / "reports"

    @property
    def settings_file(self) -> Path:
        """The settings of this installation, written by `autostats init`."""
        return self.root / "autostats.toml"

    @property
    def seeds(self) -> Path:
        """The facts that a facility keeps by hand, in place of the project's."""
        return self.root / "seeds"

    @property
    def plugins(self) -> Path:
        """The facility's own statistics, one folder of dbt models each."""
        return self.root / "plugins"

    @property
    def target(self) -> Path:
        """The folder of what dbt compiles and remembers between runs."""
        return self.root / "target"

    @property
    def profiles(self) -> Path:
        """The folder of the packaged profile's copy."""
        return self.root / "profiles"

    @property
    def logs(self) -> Path:
        """The folder of the log file."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """The file whose lock only one run at a time holds."""
        return self.root / "autostats.lock"

    @property
    def demo(self) -> Path:
        """The home of the demonstration, separate from the real statistics."""
        return self.root / "demo"


@contextmanager
def writing_to(home: Home) -> Iterator[None]:
    """Report in one sentence that something in the home, or on its disk, cannot be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"The folder {home.root} cannot be written: {error.strerror or error}.",
            "Fix its permissions or its disk, or name another folder with --home.",
        ) from error
