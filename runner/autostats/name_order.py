"""The order in which people look for names: case and accents count only where nothing else differs.

Queries say the same with `order by name collate noaccent.nocase, name`.
"""

from unicodedata import category, normalize


def name_key(name: str) -> tuple[str, str]:
    """Return what names are sorted by: `ÅNGSTRÖM` is found among the A, and `Pearl` before `POLARIS`."""
    letters = normalize("NFD", name.lower())
    return "".join(letter for letter in letters if not category(letter).startswith("M")), name
