"""What the pages claim: each command in them works, and each output in them is what the command prints."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.documentation import PAGES, write_plugins
from support.installed import bare_environment, run_command

ROOT = Path(__file__).parents[2]
OUTPUT = re.compile(r"(<!-- output: autostats (?P<command>.*?) -->\n```text\n)(?P<text>.*?)(```)", re.DOTALL)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
# The facility's moment is fixed; how long ago that was is not.
AGE = re.compile(r", [^,]* ago(?:: has|\. Has)\s+`autostats\s+run`\s+stopped\?")


def _commands(page: Path) -> list[list[str]]:
    lines = [line for block in CONSOLE.findall(page.read_text()) for line in block.splitlines()]
    return [shlex.split(line.removeprefix("$ ")) for line in lines if line.startswith("$ ")]


def _anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_outputs_are_what_the_commands_print(page: Path, environment: dict[str, str], rewrites: bool) -> None:
    text = page.read_text()

    def printed(match: re.Match[str]) -> str:
        ran = run_command(
            tuple(shlex.split(match["command"])), Path(environment["AUTOSTATS_HOME"]) / "nobody", environment
        )
        assert ran.code == 0, ran.err
        lines = [line.rstrip() for line in AGE.sub(".", ran.out).splitlines()]
        return match[1] + "\n".join(lines).strip("\n") + "\n" + match[4]

    current = OUTPUT.sub(printed, text)
    if rewrites:
        page.write_text(current)
    assert current == page.read_text(), "AUTOSTATS_UPDATE_DOCS=1 make test brings the pages up to date"


def _of_home(environment: dict[str, str], home: Path) -> dict[str, str]:
    source = f"sqlite:///{home / 'source.sqlite'}"
    return environment | {"AUTOSTATS_HOME": str(home), "AUTOSTATS_SOURCE_URL": source}


@pytest.fixture(scope="module")
def todays(facility: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with statistics of today, as a reader's: doctor's exit code says when they are older."""
    home = tmp_path_factory.mktemp("todays") / "home"
    shutil.copytree(facility, home)
    assert run_command(("run", "--quiet"), home.parent / "nobody", _of_home({}, home)).code == 0
    return home


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if _commands(page)], ids=lambda page: page.name)
def test_commands_work(
    page: Path, environment: dict[str, str], todays: Path, checkout: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(todays, home)
    own = _of_home(environment, home)
    write_plugins(home, page)
    programs = Path(sys.executable).parent
    for command in _commands(page):
        match command:
            case ["pip", "install", *_]:
                continue  # the wheel and the extras have tests of their own
            case ["export", setting]:
                name, _, value = setting.partition("=")
                if name != "AUTOSTATS_SOURCE_URL":
                    own[name] = value
                continue
            case ["cp", source, target]:
                shutil.copy2(checkout / source, checkout / target)
                continue
            case ["autostats", "init", *_]:
                # Of a server of the reader: here, it is the source of a demonstration without settings.
                (home / "autostats.toml").unlink(missing_ok=True)
                url = own["AUTOSTATS_SOURCE_URL"]
                command = [url if "://" in word else word for word in command]
        ran = subprocess.run(
            [str(programs / command[0]), *command[1:]],
            cwd=checkout,
            env=bare_environment(tmp_path / "nobody", own),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, f"{shlex.join(command)}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        other = page.parent / target if target else page
        assert other.exists(), target
        assert not anchor or anchor in _anchors(other), f"{target}#{anchor}"
