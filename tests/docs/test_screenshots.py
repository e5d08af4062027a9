"""The screenshots of the pages: each is what Chromium shows of the page that the command beside it makes."""

import base64
import re
import shlex
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from autostats.cli import invoke
from playwright.sync_api import Browser
from support.asking import asked
from support.browser import chromium, opened
from support.documentation import NOW, PAGES

SCREENSHOT = re.compile(
    r"<!-- screenshot: autostats (?P<command>.*?)(?P<fragment> #\S+)? -->\n"
    r"!\[[^\]]+\]\((?P<file>[^)]*\.png)\)"
)
WIDTH, HEIGHT, SHORT = 1200, 1800, 900
# Another build of Chromium draws edges and letters a little otherwise.
_TOLERATED_STEP = 48
_TOLERATED_SHARE = 0.003
# The share of pixels of which a colour differs by more than a step, 1 where the sizes differ.
_DIFFERENCE = """
async ([one, other, step]) => {
  const pixels = async (png) => {
    const image = new Image();
    image.src = "data:image/png;base64," + png;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return canvas.getImageData(0, 0, image.width, image.height);
  };
  const [a, b] = [await pixels(one), await pixels(other)];
  if (a.width !== b.width || a.height !== b.height) return 1;
  let count = 0;
  for (let place = 0; place < a.data.length; place += 4)
    count += [0, 1, 2].some((part) => Math.abs(a.data[place + part] - b.data[place + part]) > step);
  return count / (a.width * a.height);
}
"""


def difference(browser: Browser, one: bytes, other: bytes) -> float:
    page = browser.new_page()
    try:
        pictures = [base64.b64encode(png).decode() for png in (one, other)]
        return float(page.evaluate(_DIFFERENCE, [*pictures, _TOLERATED_STEP]))
    finally:
        page.close()


def page_of(command: str, facility: Path, tmp_path: Path) -> Path:
    """Return the page that a command writes or, for `serve PATH`, that the server answers with."""
    html = tmp_path / "page.html"
    name, *words = shlex.split(command)
    if name == "serve":
        shutil.copytree(facility / "published", tmp_path / "home" / "published")
        with asked(tmp_path / "home", NOW + timedelta(hours=1)) as server:
            html.write_text(server.get(*words).text, encoding="utf-8")
    else:
        assert invoke([name, *words, "--home", str(facility), "--output", str(html)]) == 0
    return html


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "fragment", "file"),
    [
        pytest.param(
            match["command"], (match["fragment"] or "").strip(), page.parent / match["file"], id=match["file"]
        )
        for page in PAGES
        for match in SCREENSHOT.finditer(page.read_text())
    ],
)
def test_screenshots_are_what_chromium_shows(
    command: str,
    fragment: str,
    file: Path,
    facility: Path,
    rewrites: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("autostats.queries.settings.utc_now", lambda: NOW + timedelta(hours=1))
    monkeypatch.setenv("AUTOSTATS_SOURCE_URL", f"sqlite:///{facility / 'source.sqlite'}")
    html = page_of(command, facility, tmp_path)
    with chromium() as browser:
        with opened(browser, html, WIDTH, HEIGHT if not fragment else SHORT, fragment=fragment) as seen:
            seen.page.wait_for_function("document.body.innerText.length > 500")
            # The docs site moves its menu a little later, and not always as far, to show what is chosen.
            seen.page.wait_for_timeout(1000)
            seen.page.evaluate(
                "document.querySelectorAll('*').forEach(part => { part.scrollLeft = part.scrollTop = 0 })"
            )
            new = seen.page.screenshot()
        if rewrites:
            file.parent.mkdir(exist_ok=True)
            if not file.exists() or difference(browser, file.read_bytes(), new) > 0:
                file.write_bytes(new)
        changed = difference(browser, file.read_bytes(), new)
    assert changed <= _TOLERATED_SHARE, f"{file}: AUTOSTATS_UPDATE_DOCS=1 make test-slow brings it up to date"


def test_every_screenshot_is_shown_somewhere() -> None:
    shown = {
        (page.parent / match["file"]).resolve()
        for page in PAGES
        for match in SCREENSHOT.finditer(page.read_text())
    }
    assert shown == {path.resolve() for path in (Path(__file__).parents[2] / "docs" / "images").glob("*.png")}
