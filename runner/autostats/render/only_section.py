"""The formats that hold one table."""

from autostats.errors import UsageError
from autostats.render.section import Document, Section


def only_section(document: Document, name: str) -> Section:
    """Return the only section of a document, for the format called `name`.

    Raises UsageError when there are several.
    """
    if len(document.sections) != 1:
        names = ", ".join(section.name for section in document.sections)
        raise UsageError(
            f"{name} holds one table, and you asked for {len(document.sections)}: {names}.",
            "Ask for one of them, or for `--format json`.",
        )
    return document.sections[0]
