"""What a destination gets to read: a subject, and what changed on each instrument, counts first."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo

from autostats.digest.beside import NOTHING_BESIDE, Beside, shortened
from autostats.digest.news import News, by_instrument
from autostats.links import NO_LINKS, Links
from autostats.name_order import name_key
from autostats.period import Period, weekday
from autostats.queries.attention import Severity, attention_words
from autostats.queries.rows import Row
from autostats.queries.settings import Settings
from autostats.render.counting import ranges
from autostats.render.durations import human
from autostats.render.section import Section
from autostats.sections.age import not_recorded
from autostats.text import counted, printable

_LONGEST_NAME = 40
_LONGEST_REASON = 80
_LONGEST_TITLE = 60
_NAMES_IN_A_SUBJECT = 3
_LISTS = "`autostats report --unresolved` and `autostats missing`"
_LISTS_POLLED = "`autostats report --unresolved`, `autostats missing` and `autostats availability report`"
_ARCHIVE_ONLY = "in the archive without a job"
_BEHIND, _CAUGHT_UP = "newly behind the archive", "no longer behind the archive"
_NEWLY_DOWN, _UP_AGAIN = "newly down", "up again"


@dataclass(frozen=True)
class Size:
    """How many ranges of runs a line names, how many instruments a message names, and its table has."""

    ranges: int
    instruments: int
    rows: int


# A service is sent the largest that it accepts.
SIZES = (Size(12, 25, 40), Size(6, 12, 40), Size(3, 5, 20), Size(1, 2, 5), Size(0, 0, 0))


@dataclass(frozen=True)
class Count:
    """How many runs or instruments changed in one way: `12 newly failing`."""

    number: int
    what: str
    is_bad: bool

    def __str__(self) -> str:
        return f"{self.number:,} {self.what}"


@dataclass(frozen=True)
class Item:
    """A run, or a range of runs: its number, its page, and what is known of it."""

    runs: str
    address: str | None
    words: str


@dataclass(frozen=True)
class Line:
    """What changed on an instrument: how often, which runs or when, and where the rest is listed.

    `which` holds text of others, printable but not yet escaped; `items` say more about the same runs.
    """

    count: Count
    which: str
    rest: str = ""
    command: str = ""
    items: Sequence[Item] = ()


@dataclass(frozen=True)
class Part:
    """An instrument, its page, and what changed on it."""

    instrument: str
    lines: Sequence[Line]
    address: str | None = None


@dataclass(frozen=True)
class Notice:
    """Something that needs attention; `what` and `evidence` are printable, but not yet escaped."""

    what: str
    evidence: str
    is_high: bool

    def __str__(self) -> str:
        return f"{'high: ' if self.is_high else ''}{self.what} ({self.evidence})"


@dataclass(frozen=True)
class Group:
    """What needs attention, for the first time or still, and how many more do."""

    title: str
    notices: Sequence[Notice]
    more: int = 0


@dataclass(frozen=True)
class Message:
    """A message, before it has the format of a service; names are printable, but not yet escaped."""

    subject: str
    warning: str
    since: str
    counts: Sequence[Count]
    parts: Sequence[Part]
    rest: str
    caption: str
    attention: Sequence[Group] = ()
    # The last whole day, and the zone of its times.
    day: Section | None = None
    zone: tzinfo = UTC
    links: Links = NO_LINKS
    # Where all is.
    page: str | None = None
    facility_name: str | None = None


@dataclass(frozen=True)
class _About:
    """The instrument that lines are about, and what they are written with."""

    instrument: str
    settings: Settings
    links: Links


def _name(instrument: str) -> str:
    return _cut(printable(instrument), _LONGEST_NAME)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"


def _command(words: str, instrument: str) -> str:
    """Return a command line about an instrument, or about all if its name would need quotes."""
    command, dash, options = words.partition(" --")
    named = f" {instrument}" if shlex.quote(instrument) == instrument else ""
    return f"autostats {command}{named}{dash}{options}"


def _line(
    about: _About, what: str, rows: Sequence[Row], most: int, command: str, *, is_bad: bool
) -> list[Line]:
    """Return the line for one kind of change, or nothing; rows are runs or ranges of runs."""
    numbers = [
        number
        for row in rows
        for number in (
            range(row["first_run_number"], row["last_run_number"] + 1)
            if "runs" in row
            else (row["run_number"],)
        )
    ]
    if not numbers:
        return []
    folded = ranges(numbers)
    shown = folded[:most]
    more = len(set(numbers)) - sum(last - first + 1 for first, last in shown)
    rest = f"{more:,} more" if shown else ""
    again = sum(not row.get("is_still_passing", True) for row in rows)
    within = [row for row in rows if any(first <= _first(row) <= last for first, last in shown)]
    return [
        Line(
            count=Count(
                len(set(numbers)), f"{what}, {again:,} of them failing again" if again else what, is_bad
            ),
            which=", ".join(_span(first, last) for first, last in shown),
            rest=rest if more else "",
            command=_command(command, about.instrument) if more else "",
            items=[_item(row, about) for row in within],
        )
    ]


def _first(row: Row) -> int:
    return int(row["first_run_number"] if "runs" in row else row["run_number"])


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _item(row: Row, about: _About) -> Item:
    """Return a run, or a range of runs, with what is known of it."""
    if "runs" in row:
        runs = _span(row["first_run_number"], row["last_run_number"])
        words = [f"{weekday(row['day'])} {row['day']}"] if row["day"] is not None else []
    else:
        runs = str(row["run_number"])
        words = [f"RB {row['rb_number']}"] if row.get("rb_number") is not None else []
        words += [f'"{_cut(printable(row["run_title"]), _LONGEST_TITLE)}"'] if row.get("run_title") else []
        words += [counted(row["attempts"], "attempt")] if "attempts" in row else []
        by = row.get("last_started_by") or row.get("resolved_by")
        words += [f"started by {by}"] if by else []
        at = row.get("last_failed_at") or row.get("resolved_at")
        words += [_moment(at, about.settings)] if at is not None else []
        words += ["failing again"] if not row.get("is_still_passing", True) else []
    values = {
        "instrument": about.instrument,
        "run": _first(row),
        "job": row.get("last_job_id"),
        "rb": row.get("rb_number"),
    }
    return Item(runs, about.links.address("run", values), ", ".join(words))


def _outages(
    instrument: str, what: str, rows: Sequence[Row], most: int, settings: Settings, *, is_bad: bool
) -> list[Line]:
    """Return the line for the outages that go on, or have ended, or nothing."""
    if not rows:
        return []
    shown = [_outage(row, settings) for row in rows[:most]]
    more = len(rows) - len(shown)
    return [
        Line(
            count=Count(len(rows), what, is_bad),
            which="; ".join(shown),
            rest=f"{more:,} more" if more and shown else "",
            command=_command("availability report --last 30d", instrument) if more else "",
        )
    ]


def _behind(what: str, rows: Sequence[Row], *, is_bad: bool) -> list[Line]:
    """Return the line for an instrument that is behind the archive, or no longer is, or nothing."""
    return [
        Line(
            count=Count(1, what, is_bad),
            which=f"last run {row['last_run_number'] or 'unknown'}, archive {row['archive_last_run_number']}",
        )
        for row in rows
    ]


def _outage(row: Row, settings: Settings) -> str:
    if row["ended_at"] is None:
        words = f"since {_moment(row['started_at'], settings)}"
    else:
        words = f"{_moment(row['ended_at'], settings)}, after {human(row['down_seconds'])}"
    reason = _cut(printable(row["reason"] or ""), _LONGEST_REASON)
    return f"{words}, {reason}" if reason else words


def _moment(moment: datetime, settings: Settings) -> str:
    local = settings.local(moment)
    return f"{weekday(local)} {local:%Y-%m-%d %H:%M}"


def _part(news: News, about: _About, most: int) -> Part:
    instrument, settings = about.instrument, about.settings

    def rows(kind: Sequence[Row]) -> list[Row]:
        return by_instrument(kind).get(instrument, [])

    return Part(
        instrument=_name(instrument),
        address=about.links.address("instrument", {"instrument": instrument}),
        lines=[
            *_line(
                about,
                _ARCHIVE_ONLY,
                rows(news.archive_only),
                most,
                "missing --kind archive_only",
                is_bad=True,
            ),
            *_behind(_BEHIND, rows(news.behind), is_bad=True),
            *_line(about, "newly failing", rows(news.failing), most, "report --unresolved", is_bad=True),
            *_line(about, "newly missing", rows(news.missing), most, "missing", is_bad=True),
            *_line(about, "resolved", rows(news.resolved), most, "report --resolved", is_bad=False),
            *_line(
                about,
                "no longer missing",
                rows(news.found),
                most,
                "missing --state arrived",
                is_bad=False,
            ),
            *_behind(_CAUGHT_UP, rows(news.caught_up), is_bad=False),
            *_outages(instrument, _NEWLY_DOWN, rows(news.down), most, settings, is_bad=True),
            *_outages(instrument, _UP_AGAIN, rows(news.up), most, settings, is_bad=False),
        ],
    )


def _instruments(news: News) -> list[str]:
    """Return the instruments with news: those with files without a job first, then by how much is bad."""
    bad: dict[str, int] = {}
    for rows, is_bad in (
        (news.archive_only, True),
        (news.behind, True),
        (news.failing, True),
        (news.missing, True),
        (news.resolved, False),
        (news.found, False),
        (news.caught_up, False),
        (news.down, True),
        (news.up, False),
    ):
        for row in rows:
            bad[row["instrument"]] = bad.get(row["instrument"], 0) + is_bad * row.get("runs", 1)
    archive_only = {row["instrument"] for row in news.archive_only}
    return sorted(bad, key=lambda name: (name not in archive_only, -bad[name], name_key(name)))


def counts(news: News) -> list[Count]:
    """Return how many runs and instruments changed in each way, without zeros."""
    kinds = [
        Count(sum(row["runs"] for row in news.archive_only), _ARCHIVE_ONLY, is_bad=True),
        Count(len(news.behind), _BEHIND, is_bad=True),
        Count(len(news.failing), "newly failing", is_bad=True),
        Count(sum(row["runs"] for row in news.missing), "newly missing", is_bad=True),
        Count(len(news.resolved), "resolved", is_bad=False),
        Count(sum(row["runs"] for row in news.found), "no longer missing", is_bad=False),
        Count(len(news.caught_up), _CAUGHT_UP, is_bad=False),
        Count(len(news.down), _NEWLY_DOWN, is_bad=True),
        Count(len(news.up), _UP_AGAIN, is_bad=False),
    ]
    return [kind for kind in kinds if kind.number]


def table_counts(news: News) -> list[Count]:
    """Return how many monitored tables changed in each way, without zeros."""
    kinds = (("newly stale", news.stale, True), ("fresh again", news.fresh_again, False))
    return [
        Count(len(rows), f"{'table' if len(rows) == 1 else 'tables'} {what}", is_bad)
        for what, rows, is_bad in kinds
        if rows
    ]


def _tables(news: News, most: int) -> list[Part]:
    """Return what changed on monitored tables, or nothing."""
    changed = [rows for rows in (news.stale, news.fresh_again) if rows]
    lines = []
    for count, rows in zip(table_counts(news), changed, strict=True):
        more = len(rows) - most
        lines.append(
            Line(
                count=count,
                which=", ".join(_name(row["table"]) for row in rows[:most]),
                rest=f"{more:,} more" if more > 0 and most else "",
                command="autostats freshness report" if more > 0 else "",
            )
        )
    return [Part("Monitored tables", lines)] if lines else []


def listed(kinds: Sequence[Count]) -> str:
    """Return the counts in words."""
    return ", ".join(map(str, kinds))


def since(news: News, settings: Settings) -> str:
    """Return the time since which the news happened, in words; only the day if it is a whole day."""
    local = settings.local(news.since)
    if local.time() == time():
        return f"{weekday(local)} {local:%Y-%m-%d}"
    return _moment(news.since, settings)


def not_recorded_since(news: News, settings: Settings, recorded: tuple[date, date] | None) -> list[str]:
    """Say which part of the time since which the news happened the statistics do not hold, if known."""
    if recorded is None:
        return []
    first, last = (settings.local(moment).date() for moment in (news.since, settings.as_of))
    return not_recorded(Period(first, last), recorded)


def warning(news: News, settings: Settings) -> str:
    """Return the sentence on statistics that are late or up to date again, or nothing."""
    of = _moment(settings.as_of, settings)
    if news.is_late:
        ago = human(settings.age.total_seconds())
        return f"The statistics are late: from {of}, {ago} ago. Has `autostats run` stopped?"
    return f"The statistics are up to date again, as of {of}." if news.is_back else ""


def _subject(news: News, instruments: Sequence[str], facility_name: str | None) -> str:
    parts = []
    if news.is_late or news.is_back:
        parts.append("Statistics are late" if news.is_late else "Statistics are up to date again")
    if instruments:
        names = ", ".join(_name(name) for name in instruments[:_NAMES_IN_A_SUBJECT])
        more = len(instruments) - _NAMES_IN_A_SUBJECT
        parts.append(f"{names}{f' and {more} more' if more > 0 else ''}: {listed(counts(news))}")
    if tables := table_counts(news):
        parts.append(listed(tables))
    needed = [row for row in news.attention if row["is_new"]]
    if needed and not parts:
        others = f" and {len(needed) - 1} more" if len(needed) > 1 else ""
        parts.append(f"{_cut(attention_words(needed[0]), _LONGEST_REASON)}{others}")
    subject = "; ".join(parts)
    return f"{_cut(facility_name, _LONGEST_NAME)}: {subject}" if facility_name else subject


def _attention(news: News, most: int) -> list[Group]:
    """Return what needs attention, what is new apart from what was told before."""
    groups = []
    for is_new, title in ((True, "Needs attention"), (False, "Still needs attention")):
        notices = [
            Notice(
                _cut(attention_words(row), _LONGEST_REASON),
                _cut(printable(row["evidence"]), _LONGEST_REASON),
                is_high=row["severity"] == Severity.HIGH,
            )
            for row in news.attention
            if row["is_new"] is is_new
        ]
        if notices:
            groups.append(Group(title, notices[:most], len(notices[most:])))
    return groups


def compose(
    news: News, settings: Settings, size: Size = SIZES[0], beside: Beside = NOTHING_BESIDE
) -> Message:
    """Return the message of `news`, which is not empty."""
    instruments = _instruments(news)
    shown = instruments[: size.instruments]
    more = len(instruments) - len(shown)
    return Message(
        subject=_subject(news, instruments, beside.facility_name),
        warning=warning(news, settings),
        since=since(news, settings),
        counts=[*counts(news), *table_counts(news)],
        parts=[
            *(_part(news, _About(name, settings, beside.links), size.ranges) for name in shown),
            *_tables(news, size.ranges),
        ],
        rest=f"{more} {'more ' if shown else ''}{'instrument' if more == 1 else 'instruments'}: "
        f"{_LISTS_POLLED if news.is_polled else _LISTS} list all."
        if more
        else "",
        caption=" ".join([*not_recorded_since(news, settings, beside.recorded), settings.caption]),
        attention=_attention(news, size.instruments),
        day=shortened(beside.day, size.rows) if beside.day is not None else None,
        zone=settings.zone,
        links=beside.links,
        page=beside.page,
        facility_name=beside.facility_name,
    )
