"""Where the dbt project and its profile are, and what they say."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autostats.errors import UsageError
from autostats.home import Home
from autostats.seeds import read_seed

PROFILE = "autostats"
DEFAULT_TARGET = "duckdb"
PROJECT_PARTS = ("dbt_project.yml", "profiles.example.yml", "models", "macros", "seeds", "tests/singular")


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(
            f"{path} cannot be read: {reason}", "Mend the file, or name another folder."
        ) from error
    return content if isinstance(content, dict) else {}


def find_project_dir(option: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of `dbt_project.yml`.

    The order: `--project-dir`, `DBT_PROJECT_DIR`, the project inside the installed package, the checkout that
    this package runs from. Raises UsageError when the folder that was named holds no project.
    """
    package = Path(__file__).resolve().parent
    named = option or environment.get("DBT_PROJECT_DIR")
    candidates = (
        [Path(named).expanduser().absolute()] if named else [package / "project", package.parent.parent]
    )
    for candidate in candidates:
        if (candidate / "dbt_project.yml").is_file():
            return candidate
    raise UsageError(
        f"There is no dbt_project.yml in {candidates[0]}.",
        "Name its folder by --project-dir, or leave that out to use the one that comes with autostats.",
    )


def with_own_seeds(home: Home, project_dir: Path) -> Path:
    """Return the project to build: a copy, in the home, with the home's own seeds in it, when there are any.

    A facility keeps `beam_cycles.csv` and `ignored_runs.csv` in the folder `seeds` of its home, where an
    upgrade of autostats leaves them alone. Raises UsageError when a file there is no seed of the project.
    """
    own = sorted((home.root / "seeds").glob("*.csv"))
    if not own:
        return project_dir
    known = {seed.name for seed in (project_dir / "seeds").glob("*.csv")}
    for seed in own:
        if seed.name not in known:
            raise UsageError(
                f"{seed} is not a seed of autostats.", f"The seeds are {', '.join(sorted(known))}."
            )
    copy = home.root / "project"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for name in PROJECT_PARTS:
        part = project_dir / name
        if part.is_dir():
            shutil.copytree(part, copy / name)
        else:
            shutil.copy2(part, copy / name)
    for seed in own:
        (copy / "seeds" / seed.name).write_text(read_seed(seed), encoding="utf-8")
    return copy


def find_profiles_dir(
    home: Home, project_dir: Path, option: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Path:
    """Return the folder of `profiles.yml`: where dbt looks, else a copy of the packaged one in the home.

    A folder that is named (`--profiles-dir`, `DBT_PROFILES_DIR`) must have the profile; the working directory
    and `~/.dbt` count only when they have it, for they may belong to another project.

    Raises UsageError when the named folder has no profile `autostats`, OSError when the home is read-only.
    """
    named = option or environment.get("DBT_PROFILES_DIR")
    if named:
        folder = Path(named).expanduser().absolute()
        if not (folder / "profiles.yml").is_file() or PROFILE not in _read_yaml(folder / "profiles.yml"):
            raise UsageError(
                f"{folder} has no profiles.yml with a profile named {PROFILE}.",
                f"Copy {project_dir / 'profiles.example.yml'} there as profiles.yml, or name no folder.",
            )
        return folder
    for folder in (Path.cwd(), Path("~/.dbt").expanduser()):
        if (folder / "profiles.yml").is_file() and PROFILE in _read_yaml(folder / "profiles.yml"):
            return folder
    return packaged_profiles_dir(home, project_dir)


def packaged_profiles_dir(home: Home, project_dir: Path) -> Path:
    """Return a folder in the home with the project's example profile as `profiles.yml`."""
    folder = home.root / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    # In one step, for another command may be reading it.
    draft = folder / f"profiles.yml.{os.getpid()}"
    shutil.copyfile(project_dir / "profiles.example.yml", draft)
    draft.replace(folder / "profiles.yml")
    return folder


@dataclass(frozen=True)
class Target:
    """An output of the profile: its name, and the adapter (`duckdb`, `postgres`, ...) behind it."""

    name: str
    adapter: str


def find_target(
    profiles_dir: Path, option: str | None = None, environment: Mapping[str, str] = os.environ
) -> Target:
    """Return the target that dbt would use. Raises UsageError when the profile has no such output."""
    profile = _read_yaml(profiles_dir / "profiles.yml").get(PROFILE)
    outputs = profile.get("outputs") if isinstance(profile, dict) else None
    if not isinstance(profile, dict) or not isinstance(outputs, dict):
        raise UsageError(
            f"The profile {PROFILE} in {profiles_dir / 'profiles.yml'} has no outputs.",
            "profiles.example.yml of the project shows what belongs there.",
        )
    name = option or environment.get("DBT_TARGET") or str(profile.get("target", DEFAULT_TARGET))
    if name not in outputs:
        raise UsageError(
            f"There is no target {name!r} in {profiles_dir / 'profiles.yml'}.",
            f"Its targets are {', '.join(sorted(outputs))}.",
        )
    output = outputs[name]
    return Target(name, str(output.get("type", "")) if isinstance(output, dict) else "")


def read_output(profiles_dir: Path, name: str) -> dict[str, Any]:
    """Return the target `name`, which is there, as the profile writes it."""
    output = _read_yaml(profiles_dir / "profiles.yml")[PROFILE]["outputs"][name]
    return output if isinstance(output, dict) else {}


def project_variables(project_dir: Path) -> dict[str, Any]:
    """Return the vars of `dbt_project.yml`, as written there."""
    variables = _read_yaml(project_dir / "dbt_project.yml").get("vars")
    return variables if isinstance(variables, dict) else {}


def effective_zones(variables: Mapping[str, Any], project_dir: Path) -> dict[str, str]:
    """Return facility_timezone and source_timezone: of `variables`, else as the project says."""
    written = project_variables(project_dir)
    defaults = {"facility_timezone": "Europe/London", "source_timezone": "UTC"}
    return {
        name: str(variables.get(name) or written.get(name) or default) for name, default in defaults.items()
    }
