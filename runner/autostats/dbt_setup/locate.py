"""Where the dbt project and its profile are, and what they contain."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autostats.configuration.build import read_build
from autostats.configuration.keys import DEFAULT_TARGET
from autostats.dbt_setup.seeds import read_seed
from autostats.errors import UsageError
from autostats.home import Home

PROFILE = "autostats"
PROJECT_PARTS = ("dbt_project.yml", "profiles.example.yml", "models", "macros", "seeds", "tests/singular")


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file, an empty one if it is something else. Raises UsageError."""
    import yaml

    from autostats.yaml_file import parsed

    try:
        content = parsed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(
            f"{path} cannot be read: {reason}", "Fix the file, or choose another folder."
        ) from error
    return content if isinstance(content, dict) else {}


def find_project_dir(option: Path | None = None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of `dbt_project.yml`.

    The order: `--project-dir`, `DBT_PROJECT_DIR`, the project inside the installed package, the checkout that
    this package runs from. Raises UsageError when the named folder holds no project.
    """
    package = Path(__file__).resolve().parents[1]
    named = option or environment.get("DBT_PROJECT_DIR")
    candidates = (
        [Path(named).expanduser().absolute()] if named else [package / "project", package.parent.parent]
    )
    for candidate in candidates:
        if (candidate / "dbt_project.yml").is_file():
            return candidate
    raise UsageError(
        f"There is no dbt_project.yml in {candidates[0]}.",
        "Name its folder with --project-dir, or leave that out to use the one that comes with autostats.",
    )


def with_own_seeds(home: Home, project_dir: Path, copy: Path, *, always: bool = False) -> Path:
    """Return the project to build: if the home has its own seeds, or `always`, it is written to `copy`.

    A facility keeps `beam_cycles.csv` and `ignored_runs.csv` in the folder `seeds` of its home, where an
    upgrade of autostats leaves them alone. Raises UsageError when a file there is not a seed of the project.
    """
    own = sorted(home.seeds.glob("*.csv"))
    if not own and not always:
        return project_dir
    known = {seed.name for seed in (project_dir / "seeds").glob("*.csv")}
    for seed in own:
        if seed.name not in known:
            raise UsageError(
                f"{seed} is not a seed of autostats.", f"The seeds are {', '.join(sorted(known))}."
            )
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


def named_profiles_dir(option: Path | None, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder in `--profiles-dir`, else in `DBT_PROFILES_DIR`; None when neither names one."""
    named = option or environment.get("DBT_PROFILES_DIR")
    return Path(named).expanduser().absolute() if named else None


def find_profiles_dir(
    home: Home, project_dir: Path, option: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Path:
    """Return the folder of `profiles.yml`: where dbt looks, else a copy of the packaged one in the home.

    Raises UsageError as `own_profiles_dir` does, and OSError when the home is read-only.
    """
    own = own_profiles_dir(home, project_dir, option, environment)
    return own if own is not None else packaged_profiles_dir(home, project_dir)


def own_profiles_dir(
    home: Home, project_dir: Path, option: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Path | None:
    """Return the folder of `profiles.yml` where dbt looks; None leaves it to the packaged one.

    A folder that is named (`--profiles-dir`, `DBT_PROFILES_DIR`) must have the profile. Without one, the
    folder of the newest build is kept, if it was named; the working directory and `~/.dbt` count only when
    they have the profile, because they may belong to another project.

    Raises UsageError when the named folder has no profile `autostats`.
    """
    folder = named_profiles_dir(option, environment)
    if folder is not None:
        if not _has_profile(folder):
            raise UsageError(
                f"{folder} has no profiles.yml with a profile named {PROFILE}.",
                f"Copy {project_dir / 'profiles.example.yml'} there as profiles.yml, or leave it out.",
            )
        return folder
    built = read_build(home).profiles_dir
    if built == home.profiles:
        return None
    folders = (built, *user_profile_folders()) if built is not None else user_profile_folders()
    return next((folder for folder in folders if _has_profile(folder)), None)


def user_profile_folders() -> tuple[Path, Path]:
    """Return the folders where dbt looks for a profile when none is named."""
    return Path.cwd(), Path("~/.dbt").expanduser()


def has_own_profile(home: Home, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a profile other than the packaged one, whose default is a file, may apply."""
    if environment.get("DBT_PROFILES_DIR"):
        return True
    built = read_build(home).profiles_dir
    if built is not None:
        return built != home.profiles
    return any((folder / "profiles.yml").is_file() for folder in user_profile_folders())


def _has_profile(folder: Path) -> bool:
    path = folder / "profiles.yml"
    return path.is_file() and PROFILE in read_yaml(path)


def packaged_profiles_dir(home: Home, project_dir: Path) -> Path:
    """Return a folder in the home with the project's example profile as `profiles.yml`."""
    folder = home.profiles
    profile = folder / "profiles.yml"
    content = (project_dir / "profiles.example.yml").read_bytes()
    # Somebody who only reads the statistics may not be able to write here.
    if profile.is_file() and profile.read_bytes() == content:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    # In one step, because another command may be reading it.
    draft = folder / f"profiles.yml.{os.getpid()}"
    draft.write_bytes(content)
    draft.replace(profile)
    return folder


@dataclass(frozen=True)
class Target:
    """An output of the profile: its name, and its adapter (`duckdb`, `postgres`, ...)."""

    name: str
    adapter: str


def find_target(profiles_dir: Path, name: str | None = None) -> Target:
    """Return the target `name`, else the default one. Raises UsageError when there is no such output."""
    file = profiles_dir / "profiles.yml"
    default, outputs = _targets(file)
    name = name or default
    if name not in outputs:
        raise UsageError(
            f"There is no target {name!r} in {file}.", f"Its targets are {', '.join(sorted(outputs))}."
        )
    output = outputs[name]
    return Target(name, str(output.get("type", "")) if isinstance(output, dict) else "")


def target_names(file: Path) -> list[str]:
    """Return the names of the targets in a `profiles.yml`, sorted. Raises UsageError without any."""
    return sorted(_targets(file)[1])


def _targets(file: Path) -> tuple[str, dict[str, Any]]:
    """Return the name of the default target, and all outputs by their names."""
    profile = read_yaml(file).get(PROFILE)
    outputs = profile.get("outputs") if isinstance(profile, dict) else None
    if not isinstance(profile, dict) or not isinstance(outputs, dict):
        raise UsageError(
            f"The profile {PROFILE} in {file} has no outputs.",
            "profiles.example.yml in the project shows what belongs there.",
        )
    return str(profile.get("target", DEFAULT_TARGET)), outputs


def read_output(profiles_dir: Path, name: str) -> dict[str, Any]:
    """Return the target `name`, which must exist, as it is written in the profile."""
    output = read_yaml(profiles_dir / "profiles.yml")[PROFILE]["outputs"][name]
    return output if isinstance(output, dict) else {}


def project_variables(project_dir: Path) -> dict[str, Any]:
    """Return the vars in `dbt_project.yml`, as written there."""
    variables = read_yaml(project_dir / "dbt_project.yml").get("vars")
    return variables if isinstance(variables, dict) else {}


def names_project(option: Path | None, environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether the user named a project (`--project-dir`, `DBT_PROJECT_DIR`)."""
    return option is not None or bool(environment.get("DBT_PROJECT_DIR"))


def named_project_variables(
    option: Path | None = None, environment: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Return the vars of a project that the user named (`--project-dir`, `DBT_PROJECT_DIR`), else none."""
    if not names_project(option, environment):
        return {}
    return project_variables(find_project_dir(option, environment))
