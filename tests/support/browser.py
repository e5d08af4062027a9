"""A real browser, to see what is drawn, and what each page requested from the network or reported."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from support.fonts import write_fonts

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    # A browser with a new profile folder contacts its maker's hosts.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",
    # Fonts and colours must not depend on the screen.
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
)


@dataclass
class Seen:
    """An open page, what it requested besides itself, and the errors that it reported."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; skip the test without one, unless AUTOSTATS_REQUIRE_BROWSER is set."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        assert not os.environ.get("AUTOSTATS_REQUIRE_BROWSER"), "there is no Chromium"
        pytest.skip("there is no Chromium on this machine")
    with tempfile.TemporaryDirectory(prefix="autostats-fonts-") as folder, sync_playwright() as playwright:
        fonts = write_fonts(Path(folder))
        browser = playwright.chromium.launch(
            executable_path=program, args=list(_ARGUMENTS), env={**os.environ, "FONTCONFIG_FILE": str(fonts)}
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    file: Path,
    width: int = 800,
    height: int = 900,
    scheme: Literal["light", "dark"] = "light",
    *,
    javascript: bool = True,
    fragment: str = "",
) -> Iterator[Seen]:
    """Open a file, at a `#fragment` of it, in a new page without network access."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        java_script_enabled=javascript,
        offline=True,
    )
    address = file.resolve().as_uri()
    seen = _watched(context, lambda url: url.partition("#")[0] == address)
    seen.page.goto(address + fragment)
    try:
        yield seen
    finally:
        context.close()


@contextmanager
def visited(
    browser: Browser,
    url: str,
    width: int = 800,
    height: int = 900,
    scheme: Literal["light", "dark"] = "light",
    *,
    javascript: bool = True,
    clock: bool = False,
) -> Iterator[Seen]:
    """Open an address of a server in a new page that reaches no other server.

    With `clock`, the page's time can be set forward.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=javascript
    )
    server = "/".join(url.split("/")[:3]) + "/"
    context.route(
        "**/*",
        lambda route: route.continue_() if route.request.url.startswith((server, "data:")) else route.abort(),
    )
    seen = _watched(context, lambda asked: asked.startswith((server, "data:")))
    if clock:
        seen.page.clock.install()
    seen.page.goto(url)
    try:
        yield seen
    finally:
        context.close()


def _watched(context: BrowserContext, is_expected: Callable[[str], bool]) -> Seen:
    """Return a new page that notes what it requests unexpectedly, and its errors."""
    page = context.new_page()
    seen = Seen(page)
    page.on(
        "request",
        lambda request: None if is_expected(request.url) else seen.requests.append(request.url),
    )
    page.on(
        "console",
        lambda message: (
            seen.complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    return seen
