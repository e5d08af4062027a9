"""What a page in a browser must not do: stick out, and be hard to read."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

SCHEMES = ("light", "dark")

# Text that is seen, its colour and the first opaque ground behind it, as sRGB from 0 to 255.
_TEXTS = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest(".unseen, title, desc")) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const inSvg = element.closest("svg") !== null;
    let ground = [255, 255, 255, 255];
    for (let place = element; place; place = place.parentElement) {
      const colour = rgb(getComputedStyle(place).backgroundColor);
      if (colour[3] === 255) { ground = colour; break; }
    }
    found.push({
      text: walker.currentNode.data.trim().slice(0, 40),
      where: inSvg ? "svg" : element.tagName,
      // A number in the calendar stands on its cell, not on the page.
      onMark: element.closest("#chart-failures .role-mark") !== null,
      size: parseFloat(style.fontSize),
      ink: rgb(inSvg ? style.fill : style.color),
      ground,
    });
  }
  return found;
}
"""


def overflow(page: Page, *, regions_scroll: bool = True) -> Any:
    """Return by how many pixels the document is wider than the window, and the elements that stick out.

    What is in a region that scrolls may stick out.
    """
    return page.evaluate(
        """(within) => [document.documentElement.scrollWidth - innerWidth,
          [...document.querySelectorAll("body *")]
            .filter((element) => !element.closest(".skip, .unseen"))
            .filter((element) => !within || !element.closest(".scroll *"))
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
            .map((element) => element.outerHTML.slice(0, 80))]""",
        regions_scroll,
    )


def luminance(colour: list[int]) -> float:
    parts = [part / 255 for part in colour[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[int], other: list[int]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def seen_texts(page: Page) -> list[dict[str, Any]]:
    """Return each text that is seen, with its size, its colour and the ground behind it."""
    texts: list[dict[str, Any]] = page.evaluate(_TEXTS)
    return texts


def weak_texts(page: Page) -> set[tuple[str, str, float]]:
    """Return the texts whose contrast is below 4.5."""
    return {
        (text["text"], text["where"], round(contrast(text["ink"], text["ground"]), 2))
        for text in seen_texts(page)
        if not text["onMark"] and contrast(text["ink"], text["ground"]) < 4.5
    }
