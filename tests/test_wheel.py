"""The wheel carries the dbt project, so that the installed command works from any directory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from autostats.installation import install_line
from support.installed import bare_environment

REPOSITORY = Path(__file__).parents[1]
PARTS = ("models", "macros", "seeds", "tests/singular")


def _python(*arguments: str | Path, env: dict[str, str], cwd: Path) -> str:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_the_wheel_works_without_the_repository(tmp_path: Path) -> None:
    site, home, work = tmp_path / "site", tmp_path / "home", tmp_path / "work"
    work.mkdir()
    env = bare_environment(tmp_path / "nobody")
    pip = ("-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-build-isolation", "-q")
    _python(*pip, "--target", site, REPOSITORY, env=env, cwd=tmp_path)

    project = site / "autostats" / "project"
    for part in PARTS:
        wanted = {file.relative_to(REPOSITORY) for file in (REPOSITORY / part).rglob("*") if file.is_file()}
        found = {file.relative_to(project) for file in (project / part).rglob("*") if file.is_file()}
        assert found == wanted
    package = REPOSITORY / "runner" / "autostats"
    for file in package.rglob("*"):
        if file.is_file() and file.suffix != ".pyc":
            assert (site / "autostats" / file.relative_to(package)).is_file()

    env |= {"PYTHONPATH": str(site)}
    demo = ("-m", "autostats", "demo", "--dir", home, "--days", "3", "--jobs", "100")
    assert "Total" in _python(*demo, env=env, cwd=work)
    page = ("-m", "autostats", "report", "--home", home, "--last", "3d", "--format", "html")
    assert "How to read it" in _python(*page, env=env, cwd=work)
    doctor = ("-m", "autostats", "doctor", "--home", home, "--format", "json")
    env |= {"AUTOSTATS_SOURCE_URL": f"sqlite:///{home / 'source.sqlite'}"}
    checks = {check["name"]: check for check in json.loads(_python(*doctor, env=env, cwd=work))}
    assert checks["dbt project"]["detail"] == str(project)
    # It was installed from the folder of the repository, and so are its extras.
    assert install_line("charts").endswith(f"-e '{REPOSITORY}[charts]'")
    line = _python(
        "-c",
        "from autostats.installation import install_line as line; print(line('charts'))",
        env=env,
        cwd=work,
    )
    assert line.endswith(f"-m pip install '{REPOSITORY}[charts]'\n")
    assert not list(work.iterdir())
    assert not list(project.rglob("target"))
