"""The page of `report --format html`, read without a browser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "img", "br", "hr", "input"}


@dataclass
class Element:
    """An element, its attributes and its content."""

    tag: str
    attributes: dict[str, str | None]
    content: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, with spaces and line ends folded."""
        parts = [part if isinstance(part, str) else part.text for part in self.content]
        return " ".join("".join(parts).split())

    def all(self, *tags: str) -> list[Element]:
        """Return the elements in it, in order; with `tags`, only those."""
        found = []
        for part in self.content:
            if isinstance(part, Element):
                found += [part] if part.tag in tags or not tags else []
                found += part.all(*tags)
        return found

    def by_id(self, name: str) -> Element:
        """Return the only element in it with this id."""
        (found,) = [element for element in self.all() if element.attributes.get("id") == name]
        return found

    @property
    def rows(self) -> list[list[str]]:
        """Return the cells of a table, row by row, the headings first."""
        return [[cell.text for cell in row.all("th", "td")] for row in self.all("tr")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].content.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].content.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def read_page(text: str) -> Element:
    """Return the document; fail if an element is not closed properly."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is not closed"
    return reader.open[0]


def table(page: Element, name: str) -> list[list[str]]:
    """Return the rows of the table whose caption has the id `name`-caption."""
    (found,) = [
        element
        for element in page.all("table")
        if any(caption.attributes.get("id") == f"{name}-caption" for caption in element.all("caption"))
    ]
    return found.rows
