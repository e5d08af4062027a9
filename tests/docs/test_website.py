"""The pages as a website: all of them are in its navigation, its links hold, and it asks no other host."""

import os
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from mkdocs.config import load_config
from playwright.sync_api import expect
from support.browser import chromium, visited
from support.documentation import PAGES, ROOT

CONFIGURATION = ROOT / "mkdocs.yml"
# The attributes by which a page loads something, other than the links in its text.
LOADED = {"src", "srcset", "data", "poster"}


@dataclass
class Links(HTMLParser):
    """The anchors of a page, the links in it, and what it loads."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif name == "href" and value and tag == "a":
                self.links.append(value)
            elif (name in LOADED or (name == "href" and tag != "a")) and value:
                self.loaded.append(value)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("website")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", CONFIGURATION, "-d", folder],
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (built.returncode, built.stdout + built.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def address(website: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(website))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _pages(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    else:
        for part in item.values() if isinstance(item, dict) else item:
            yield from _pages(part)


def test_each_page_is_in_the_navigation_once() -> None:
    shown = sorted(_pages(load_config(str(CONFIGURATION))["nav"]))
    assert shown == sorted(str(page.relative_to(ROOT)) for page in [*PAGES, ROOT / "CHANGELOG.md"])


@pytest.mark.slow
def test_links_lead_somewhere_and_nothing_comes_from_elsewhere(website: Path) -> None:
    pages = {}
    for file in website.rglob("*.html"):
        pages[file] = Links()
        pages[file].feed(file.read_text(encoding="utf-8"))
    assert len(pages) > len(PAGES)
    dead = defaultdict(list)
    for file, page in pages.items():
        for link in [*page.links, *page.loaded]:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            # The page that a server shows for whatever is missing gives paths from the server's root.
            folder = website if parts.path.startswith("/") else file.parent
            other = (folder / unquote(parts.path).lstrip("/")).resolve() if parts.path else file
            other = other / "index.html" if other.is_dir() else other
            anchors = pages[other].anchors if other in pages else set()
            if not other.is_file() or (parts.fragment and unquote(parts.fragment) not in anchors):
                dead[file.name].append(link)
    assert not dead
    assert not [link for page in pages.values() for link in page.loaded if urlsplit(link).netloc]


@pytest.mark.slow
def test_it_can_be_read_on_any_screen_in_any_light_and_searched(address: str) -> None:
    screens: list[tuple[int, Literal["light", "dark"], str]] = [
        (390, "light", "rgb(255, 255, 255)"),
        (1280, "dark", "rgb(20, 25, 31)"),
    ]
    with chromium() as browser:
        for width, scheme, paper in screens:
            with visited(browser, address, width, scheme=scheme) as seen:
                for name in ("index", "docs/configuration", "docs/reports"):
                    seen.page.goto(urljoin(address, f"{name}.html"))
                    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
                    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
                if width > 1000:
                    seen.page.get_by_placeholder("Search").press_sequentially("GRANT")
                    found = seen.page.locator(".md-search-result__link", has_text="Databases").first
                    expect(found).to_be_visible(timeout=30_000)
                assert (seen.requests, seen.complaints) == ([], [])
