"""The values that the dimensions of a statistic have."""

from collections.abc import Sequence

from autostats.published.reader import Published, Reading
from autostats.sql_text import quoted


def dimension_values(
    published: Published, reading: Reading, ident: str, most: int
) -> dict[str, Sequence[str | None]]:
    """Return up to `most` values of each dimension as text, in order; None comes last."""
    return {
        name: [
            value
            for (value,) in reading.rows(
                f"select distinct cast({quoted(name)} as varchar) as value from served.{quoted(ident)}"
                " order by value collate noaccent.nocase nulls last, value limit ?",
                [most],
            )
        ]
        for name in published.statistic(ident).dimensions
    }
