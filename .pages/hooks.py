"""What MkDocs does not know of the pages' Markdown."""

import re
from typing import Any

_FILE = re.compile(r"^(```\w+) (\S+\.\w+)$", re.MULTILINE)
_DIALECT = re.compile(r"^(```sql) \w+$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Make the name of a file behind a fence the title of the block, and drop that of a database."""
    return _DIALECT.sub(r"\1", _FILE.sub(r'\1 title="\2"', markdown))
