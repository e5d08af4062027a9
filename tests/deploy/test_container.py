"""The image: the lines that build it make a wheel and an environment that work, at the locked versions."""

import json
import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.documentation import ROOT
from support.installed import bare_environment

PARTS = ("models", "macros", "seeds", "tests/singular")
CONTAINERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Containerfile").read_text(encoding="utf-8"))
LINES = [line.split(" ", 1) for line in CONTAINERFILE.splitlines() if line and not line.startswith("#")]
# What a client needs to reach a package index from here.
NETWORK = ("SSL_CERT_FILE", "PIP_CERT", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "HTTPS_PROXY")


@dataclass(frozen=True)
class Built:
    """What the first stage of the image leaves, below a folder in place of the root."""

    root: Path
    wheel: Path
    env: dict[str, str]

    def run(self, *command: str | Path) -> str:
        ran = subprocess.run(
            [str(word) for word in command],
            env=self.env,
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
        return ran.stdout


def first_stage() -> list[tuple[str, str]]:
    """Return the instructions between the first FROM and the second, with their arguments."""
    starts = [number for number, (word, _) in enumerate(LINES) if word == "FROM"]
    return [(word, rest) for word, rest in LINES[starts[0] + 1 : starts[1]]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    root = tmp_path_factory.mktemp("image")
    source = root / "source"
    source.mkdir()
    network = {name: os.environ[name] for name in NETWORK if name in os.environ}
    cache = {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache/uv"))}
    env = bare_environment(root / "nobody", network | cache)
    for instruction, rest in first_stage():
        match instruction:
            case "ARG":
                name, _, value = rest.partition("=")
                env[name] = value
            case "COPY":
                *names, _ = rest.replace("${LOCK}", env["LOCK"]).split()
                for name in names:
                    place = source / name
                    place.parent.mkdir(parents=True, exist_ok=True)
                    if (ROOT / name).is_dir():
                        shutil.copytree(ROOT / name, place, ignore=shutil.ignore_patterns("__pycache__"))
                    else:
                        shutil.copy2(ROOT / name, place)
            case "RUN":
                script = re.sub(r"(?<![\w.}])/(?=(?:tools|wheels|opt)\b)", f"{root}/", rest)
                # The cache is what keeps this short.
                script = script.replace("--no-cache ", "").replace("--compile-bytecode ", "")
                ran = subprocess.run(
                    ["/bin/sh", "-euc", script],
                    cwd=source,
                    env=env,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert ran.returncode == 0, f"{script}\n{ran.stderr[-2000:]}"
            case _:
                assert (instruction, rest) == ("WORKDIR", "/source")
    [wheel] = (root / "wheels").glob("*.whl")
    return Built(root, wheel, env)


def test_what_it_copies_reaches_the_engine() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {
        line.removeprefix("!").replace("requirements*.lock", "${LOCK}") for line in ignored if line[0] == "!"
    }
    copied = {name for word, rest in first_stage() if word == "COPY" for name in rest.split()[:-1]}
    assert sent == copied


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_the_dbt_project(built: Built) -> None:
    package = ROOT / "runner"
    wanted = {
        str(file.relative_to(package))
        for file in (package / "autostats").rglob("*")
        if file.is_file() and file.suffix != ".pyc"
    } | {
        f"autostats/project/{file.relative_to(ROOT)}"
        for part in PARTS
        for file in (ROOT / part).rglob("*")
        if file.is_file()
    }
    held = {name for name in zipfile.ZipFile(built.wheel).namelist() if name.startswith("autostats/")}
    assert held == wanted | {
        f"autostats/project/{name}" for name in ("dbt_project.yml", "profiles.example.yml")
    }


@pytest.mark.slow
def test_the_image_has_the_locked_versions_and_every_extra(built: Built, busy_home: Path) -> None:
    tool, place = built.root / "tools/bin/uv", built.root / "opt/autostats/bin"
    listed = built.run(tool, "pip", "list", "--format", "json", "--python", place / "python")
    installed = {package["name"]: package["version"] for package in json.loads(listed)}
    assert installed.pop("autoreduction-stats")
    locked = set(re.findall(r"^([\w.-]+)==([^ ;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert set(installed.items()) <= locked
    assert {"altair", "apprise", "dbt-postgres", "fastapi", "kombu", "psycopg", "s3fs"} <= set(installed)
    assert "pytest" not in installed
    assert "Total" in built.run(place / "autostats", "report", "--home", busy_home)


@pytest.mark.slow
def test_a_wheel_is_all_that_a_tool_needs(built: Built) -> None:
    """As uv and pipx install it, in an account that has nothing yet, without the repository."""
    page = (ROOT / "docs/installing.md").read_text(encoding="utf-8")
    [typed] = re.findall(r"^uv (tool install .*)$", page, re.MULTILINE)
    words = [word.replace("dist/", f"{built.wheel.parent}/") for word in typed.replace("'", "").split()]
    built.run(built.root / "tools/bin/uv", *words)
    home, command = built.root / "home", built.root / "nobody/.local/bin/autostats"
    assert "Total" in built.run(command, "demo", "--dir", home, "--days", "3", "--jobs", "100")
    html = built.run(command, "report", "--home", home, "--last", "3d", "--format", "html")
    assert "How to read it" in html
    built.env["AUTOSTATS_SOURCE_URL"] = f"sqlite:///{home / 'source.sqlite'}"
    told = json.loads(built.run(command, "doctor", "--home", home, "--format", "json"))
    checks = {check["name"]: check for check in told}
    project = Path(checks["dbt project"]["detail"])
    assert project.is_relative_to(built.root / "nobody")
    assert not list(project.rglob("target"))
    # A missing extra comes from the same wheel, by the same tool, beside those that are there.
    python = project.parents[4] / "bin/python"
    asked = "from autostats.installation import install_line as line; print(line('serve'))"
    line = built.run(python, "-c", asked)
    assert line == f"uv tool install --force '{built.wheel}[charts,notify,serve]'\n"
