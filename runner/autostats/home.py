"""Where everything of one installation lives."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path


@dataclass(frozen=True)
class Home:
    """The folder that `AUTOSTATS_HOME` or `--home` names."""

    root: Path

    @classmethod
    def resolve(cls, option: Path | None = None) -> "Home":
        """Return the home of `--home`, else of `AUTOSTATS_HOME`, else the user's data folder."""
        chosen = option or os.environ.get("AUTOSTATS_HOME") or user_data_path("autostats")
        return cls(Path(chosen).expanduser().absolute())

    @property
    def database(self) -> Path:
        """The statistics database of the `duckdb` target."""
        return self.root / "autostats.duckdb"

    @property
    def target(self) -> Path:
        """What dbt compiles and remembers between runs."""
        return self.root / "target"

    @property
    def logs(self) -> Path:
        """The folder of the log file."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """The file whose lock one run at a time holds."""
        return self.root / "autostats.lock"

    @property
    def demo(self) -> Path:
        """The home of the demonstration, apart from the real statistics."""
        return self.root / "demo"
