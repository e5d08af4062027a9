"""From when to when a published statistic goes."""

from datetime import date

from autostats.published.reader import Published, Reading
from autostats.sql_text import quoted


def recorded_days(published: Published, reading: Reading, ident: str) -> tuple[date, date] | None:
    """Return the local days of the first row and of the build, or None without rows that have a time.

    A build without newer rows knows that there are none, so the last day is that of the build.
    """
    column = published.statistic(ident).time_column
    kind = published.types(ident).get(column or "", "")
    if column is None or not kind.startswith(("DATE", "TIMESTAMP")):
        return None
    ends = f"min({quoted(column)}), max({quoted(column)})"
    first, last = reading.rows(f"select {ends} from served.{quoted(ident)}")[0]
    if first is None:
        return None
    settings = published.facts.settings(published.facts.as_of)
    if kind != "DATE":
        first, last = (settings.local(moment).date() for moment in (first, last))
    return first, max(last, settings.local(settings.as_of).date())
