"""The rows of one statistic as a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from autostats.page.as_html import look_of_pages, page_templates
from autostats.page.dashboard import interactive_style
from autostats.render.cells import Look
from autostats.render.section import Document


@dataclass(frozen=True)
class Choice:
    """A dimension to filter by: its values, and those that were chosen; an empty one stands for none."""

    name: str
    heading: str
    values: Sequence[str]
    chosen: Sequence[str]


@dataclass(frozen=True)
class Around:
    """What a page has that is served: its address, the filters, and the pages around it.

    `start` and `stop` are None where the time column holds no times.
    """

    address: str
    # The query as it is, to ask for the same rows in another format.
    query: str
    choices: Sequence[Choice]
    start: str | None
    stop: str | None
    previous: str | None
    next: str | None


def statistic_page(
    document: Document, version: str, picture: tuple[str, str] | None, around: Around | None = None
) -> str:
    """Return the page of a document with one section, and of its chart: SVG and a caption."""
    from markupsafe import Markup

    return (
        page_templates()
        .get_template("statistic.html.j2")
        .render(
            title=document.title,
            section=document.sections[0],
            captions=document.captions,
            version=version,
            # The drawing code escapes what it writes.
            picture=(Markup(picture[0]), picture[1]) if picture is not None else None,
            served=around,
            interactive=interactive_style(),
            **look_of_pages(Look(document.zone, unicode=True), brand=document.brand),
        )
    )
