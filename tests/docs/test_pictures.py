"""The pictures of the pages: each is what the command beside it draws, and its text says what is seen."""

import re
import shlex
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.documentation import PAGES
from support.installed import run_command

PICTURE = re.compile(
    r"(<!-- picture: autostats (?P<command>.*?) -->\n!\[)(?P<text>.*?)(\]\((?P<file>[^)]*\.svg)\))", re.DOTALL
)
ILLUSTRATED = [page for page in PAGES if PICTURE.search(page.read_text())]


@pytest.mark.slow
@pytest.mark.parametrize("page", ILLUSTRATED, ids=lambda page: page.name)
def test_pictures_are_what_the_commands_draw(
    page: Path, environment: dict[str, str], rewrites: bool, tmp_path: Path
) -> None:
    def drawn(match: re.Match[str]) -> str:
        picture, new = page.parent / match["file"], tmp_path / "new.svg"
        command = (*shlex.split(match["command"]), "--output", new)
        ran = run_command(command, Path(environment["AUTOSTATS_HOME"]) / "nobody", environment)
        assert ran.code == 0, ran.err
        if rewrites:
            picture.parent.mkdir(exist_ok=True)
            picture.write_bytes(new.read_bytes())
        assert picture.read_bytes() == new.read_bytes(), f"{picture} is out of date"
        words = ElementTree.parse(new).getroot().findtext("{http://www.w3.org/2000/svg}desc")
        return f"{match[1]}{words}{match[4]}"

    current = PICTURE.sub(drawn, page.read_text())
    if rewrites:
        page.write_text(current)
    assert current == page.read_text(), "AUTOSTATS_UPDATE_DOCS=1 make test-slow brings the pages up to date"


def test_every_picture_is_shown_somewhere() -> None:
    shown = {
        (page.parent / match["file"]).resolve()
        for page in PAGES
        for match in PICTURE.finditer(page.read_text())
    }
    assert shown == {path.resolve() for path in (Path(__file__).parents[2] / "docs" / "images").glob("*.svg")}
