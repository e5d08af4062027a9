"""What a message shows besides the news: the last whole day of each instrument, and where to read more."""

from dataclasses import dataclass, replace
from datetime import date

from autostats.links import NO_LINKS, Links
from autostats.period import Period, weekday
from autostats.queries.scope import Scope
from autostats.render.section import Row, Section
from autostats.sections.summary import summary_section
from autostats.text import counted

COLUMNS = (
    *("instrument", "jobs_total", "jobs_passed", "jobs_failed", "pass_rate"),
    *("runs_total", "missing_runs", "median_exe_time"),
)


@dataclass(frozen=True)
class Beside:
    """The table of the last whole day, None if it had no jobs; links; where all is; the facility."""

    day: Section | None = None
    links: Links = NO_LINKS
    page: str | None = None
    facility_name: str | None = None
    # The first and the last day that the statistics hold, if known.
    recorded: tuple[date, date] | None = None


NOTHING_BESIDE = Beside()


def last_day(scope: Scope) -> Section | None:
    """Return a row for each instrument that had jobs or misses runs on the last whole day, and the total."""
    day = scope.settings.clock.last_complete
    section = summary_section(scope.during(Period(day, day)))
    rows = [row for row in section.rows if row["jobs_total"] or row["missing_runs"]]
    if not rows:
        return None
    return replace(
        section,
        title=f"{weekday(day)} {day}",
        rows=rows,
        layouts=[COLUMNS, (*COLUMNS[:5], *COLUMNS[6:]), (*COLUMNS[:2], *COLUMNS[3:5], "missing_runs")],
        notes=(),
    )


def shortened(section: Section, most: int) -> Section:
    """Return the section with its worst rows, at most so many, and a note on how many others there are."""
    more = len(section.rows) - most
    if more <= 0:
        return section
    worst = sorted(section.rows, key=_badness, reverse=True)[:most]
    return replace(
        section,
        rows=[row for row in section.rows if row in worst],
        notes=[f"{counted(more, 'more instrument')}, with fewer failures."],
    )


def _badness(row: Row) -> tuple[int, int, int]:
    return row["jobs_failed"], row["missing_runs"], row["jobs_total"]
