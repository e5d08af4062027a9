"""HTML templates: text in them is escaped, and an undefined name is an error."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def html_templates(folder: str, finalize: Callable[[Any], Any] | None = None) -> "Environment":
    """Return the templates in a folder of the package; `finalize` is applied to each value in them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("autostats", folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
