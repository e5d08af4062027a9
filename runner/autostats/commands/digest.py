"""`autostats digest`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import (
    FormatOption,
    InstrumentsArgument,
    NoPagerOption,
    OutputOption,
    PlainOption,
    age_caption,
)
from autostats.digest.memory import Memory, Stream, hold_memory, memory_path, read_memory, write_memory
from autostats.digest.news import (
    News,
    Standing,
    Told,
    beginning,
    changes,
    horizon,
    read_standing,
    remembered,
)
from autostats.errors import UnreachableError, UsageError
from autostats.home import Home
from autostats.period import parse_day
from autostats.render.notes import Notes
from autostats.render.output import Format, chosen_format, emit, write_file
from autostats.statistics.instruments import choose_instruments
from autostats.statistics.settings import Settings, read_settings
from autostats.warehouse import connect, wait_limit

if TYPE_CHECKING:
    from autostats.digest.destinations import Destination

EXAMPLES = {
    "autostats digest": "what changed since the last digest that was sent",
    "autostats digest --since yesterday --format md": "what changed since a day, to paste somewhere",
    "autostats digest --notify --quiet": "send the news, if there is any: for cron",
    "autostats digest WISH --notify --tag wish --dry-run": "what the destinations tagged wish would get",
}
_NOTIFY = "Sending it"


@dataclass(frozen=True)
class _Digest:
    """What stands, of which instruments (None: all) in which statistics, and what has been told of it.

    `since` is the day from which on to tell, told or not.
    """

    standing: Standing
    instruments: tuple[str, ...] | None
    statistics: str
    since: date | None
    memory: Memory

    def stream(self, destination: str) -> Stream:
        """Return the stream of a destination's key."""
        return Stream(destination, self.instruments, self.statistics)

    def told(self, stream: Stream) -> Told:
        """Return what is taken as told; to somebody new all that was before the last day."""
        if self.since is None and stream in self.memory:
            return self.memory[stream]
        return beginning(self.standing, self.since or self.standing.day - timedelta(days=1))

    def last_stream(self) -> Stream:
        """Return the stream of these instruments that told last."""
        streams = [stream for stream in self.memory if stream == self.stream(stream.destination)]
        return max(streams, key=lambda stream: self.memory[stream].told_at, default=self.stream(""))


def _read(home: Home, target: str | None, notes: Notes, wanted: Sequence[str], since: str | None) -> _Digest:
    """Read memory and statistics, and close these again before anything is sent: a run may want them."""
    memory = read_memory(memory_path(home))
    with connect(home, target, notes) as warehouse:
        settings = read_settings(warehouse)
        chosen = choose_instruments(warehouse, wanted)
        day = parse_day(since, settings.clock.today, "--since") if since else None
        first = min(filter(None, [horizon(settings), day, *(told.since for told in memory.values())]))
        return _Digest(
            standing=read_standing(warehouse, settings, chosen, first),
            instruments=tuple(sorted(chosen)) if chosen is not None else None,
            statistics="" if isinstance(warehouse.place, Path) else warehouse.place,
            since=day,
            memory=memory,
        )


def _print(digest: _Digest, wanted: Format, output: Path | None, notes: Notes, *, paged: bool) -> None:
    from autostats.digest.message import since
    from autostats.digest.sections import news_document

    settings = digest.standing.settings
    news = changes(digest.standing, digest.told(digest.last_stream()))
    if wanted is Format.HTML:
        _print_page(news, settings, output)
        return
    for_people = wanted in (Format.TABLE, Format.PLAIN)
    if not news and for_people and output is None:
        notes(f"Nothing new since {since(news, settings)}.")
        return
    document = news_document(
        news,
        settings,
        of_whom=f" of {', '.join(digest.instruments)}" if digest.instruments is not None else "",
        caption=settings.caption if news.is_late else age_caption(settings, wanted, notes),
        whole=not for_people,
    )
    # CSV holds one table: the counts.
    emit(
        replace(document, sections=document.sections[:1]) if wanted is Format.CSV else document,
        wanted,
        output,
        paged=paged,
    )


def _print_page(news: News, settings: Settings, output: Path | None) -> None:
    from autostats.digest.bodies import as_page
    from autostats.digest.message import compose

    page = as_page(compose(news, settings))
    if output is not None:
        write_file(output, page.encode("utf-8", "replace"))
    else:
        typer.echo(page.encode("utf-8", "replace"), nl=False)


def _show(digest: _Digest, destinations: "Iterable[Destination]") -> None:
    """Print what each destination would get, as it would get it."""
    from autostats.digest.deliver import write_letter

    for destination in destinations:
        news = changes(digest.standing, digest.told(digest.stream(destination.key)))
        if not news:
            typer.echo(f"To: {destination.address}\nNothing new.\n")
            continue
        letter = write_letter(destination, news, digest.standing.settings)
        typer.echo(
            f"To: {destination.address} (as {letter.form})\nSubject: {letter.subject}\n\n{letter.body}"
        )


def _send(
    digest: _Digest, destinations: "Sequence[Destination]", home: Home, notes: Notes, debug: bool
) -> None:
    """Send the news to each destination that has not heard them, and remember it at once.

    Raises UnreachableError when any could not be reached; it gets them with the next digest.
    """
    from autostats import log
    from autostats.digest.deliver import deliver, write_letter

    logger = log.start(home, debug=debug)
    memory = dict(digest.memory)
    failures = []
    for destination in destinations:
        stream = digest.stream(destination.key)
        told = digest.told(stream)
        news = changes(digest.standing, told)
        reason = None
        if news:
            letter = write_letter(destination, news, digest.standing.settings)
            reason = deliver(destination, letter, logger)
        if reason is not None:
            logger.error("no digest to %s: %s", destination.address, reason)
            failures.append(f"{destination.address} ({reason})")
            memory.setdefault(stream, told)
        else:
            memory[stream] = remembered(digest.standing)
            if news:
                logger.info("digest to %s: %s", destination.address, letter.subject)
                notes(f"Sent to {destination.address}: {letter.subject}")
        write_memory(memory_path(home), memory)
    if failures:
        raise UnreachableError(
            f"{len(failures)} of {len(destinations)} destinations did not take the digest:"
            f" {'; '.join(failures)}.",
            f"The next digest tells them the same; {log.FILE_NAME} in {home.logs} says more with --debug.",
        )


def digest(
    instruments: InstrumentsArgument = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DAY",
            help="Tell what happened from DAY on, told or not. Default: what has not been told; "
            "the first time, that of the last day.",
            show_default=False,
        ),
    ] = None,
    notify: Annotated[
        bool,
        typer.Option(
            "--notify",
            help="Send it, and remember what each destination has been told. Silent when nothing is new.",
            rich_help_panel=_NOTIFY,
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what each destination would get; send and remember nothing.",
            rich_help_panel=_NOTIFY,
        ),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="Apprise's configuration, with destinations besides those of $AUTOSTATS_NOTIFY_URLS. "
            "Default: $AUTOSTATS_NOTIFY_CONFIG.",
            rich_help_panel=_NOTIFY,
            show_default=False,
        ),
    ] = None,
    tag: Annotated[
        str | None,
        typer.Option(
            "--tag",
            metavar="TAG",
            help="Only destinations with this tag in the configuration.",
            rich_help_panel=_NOTIFY,
            show_default=False,
        ),
    ] = None,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell what changed since the last digest: runs that newly fail or are missing, resolved ones, late data.

    Each thing is told once: to each destination by --notify, which remembers it.
    Without --notify nothing is remembered, and it is printed what changed since
    the digest that was sent last, to whomever.
    """
    notes = Notes(quiet=quiet)
    place = Home.resolve(home)
    if not (notify or dry_run):
        if config or tag:
            raise UsageError("--config and --tag choose who is notified.", "Add --notify or --dry-run.")
        wanted = chosen_format(format_, output, plain=plain)
        found = _read(place, target, notes, instruments or [], since)
        _print(found, wanted, output, notes, paged=not no_pager)
        return
    if format_ or output or plain:
        raise UsageError(
            "Each destination gets the form that it takes.",
            "Leave out --format, --plain and --output, or --notify and --dry-run.",
        )
    from autostats.digest.destinations import load_destinations

    destinations = load_destinations(config, tag)
    if dry_run:
        _show(_read(place, target, notes, instruments or [], since), destinations)
        return
    from autostats.preflight import check_home

    check_home(place)
    with hold_memory(place, wait_limit()):
        _send(_read(place, target, notes, instruments or [], since), destinations, place, notes, debug)
