"""`autostats digest`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
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
from autostats.configuration.brand import facility_name
from autostats.configuration.links import configured_links, configured_page
from autostats.dbt_setup.setup import Setup
from autostats.digest.beside import Beside
from autostats.digest.memory import hold_memory, memory_path, write_memory
from autostats.digest.news import News
from autostats.digest.telling import Digest, read_digest, tell
from autostats.errors import AutostatsError, UnreachableError, UsageError
from autostats.home import Home
from autostats.render.notes import Notes
from autostats.render.output import ONE_TABLE, Format, chosen_format, emit, emit_text
from autostats.warehouse import wait_limit

if TYPE_CHECKING:
    from autostats.digest.destinations import Destination
    from autostats.digest.mail import Attachment

EXAMPLES = {
    "autostats digest": "what changed since the last digest was sent",
    "autostats digest --since yesterday --format md": "what changed since yesterday, to paste into a ticket",
    "autostats digest --notify --quiet": "send the news, if any: for cron",
    "autostats digest WISH --notify --tag wish --dry-run": "what the destinations tagged wish would get",
}
_NOTIFY = "Sending"


def _print(
    digest: Digest, beside: Beside, wanted: Format, output: Path | None, notes: Notes, *, paged: bool
) -> None:
    from autostats.digest.message import not_recorded_since, since
    from autostats.digest.sections import news_document

    settings = digest.current.settings
    news = digest.news(digest.last_stream())
    if wanted is Format.HTML:
        from autostats.digest.bodies import as_page
        from autostats.digest.message import compose

        emit_text(as_page(compose(news, settings, beside=beside)), output)
        return
    for_people = wanted in (Format.TABLE, Format.PLAIN)
    if not (news or news.attention) and for_people and output is None:
        notes(f"Nothing new since {since(news, settings)}.")
        return
    for remark in not_recorded_since(news, settings, digest.recorded):
        notes(remark)
    document = news_document(
        digest.catalogue,
        news,
        settings,
        of_whom=f" of {', '.join(digest.instruments)}" if digest.instruments is not None else "",
        caption=settings.caption if news.is_late else age_caption(settings, wanted, notes),
        links=beside.links,
        recorded=digest.recorded,
        whole=not for_people,
    )
    # A format with one table has: the counts.
    emit(
        replace(document, sections=document.sections[:1]) if wanted in ONE_TABLE else document,
        wanted,
        output,
        paged=paged,
    )


def _beside(setup: Setup, digest: Digest) -> Beside:
    configuration = setup.configuration
    return Beside(
        digest.day,
        configured_links(configuration),
        configured_page(configuration),
        facility_name(configuration),
        digest.recorded,
    )


def _show(digest: Digest, beside: Beside, destinations: "Iterable[Destination]") -> None:
    """Print what each destination would get, as it would get it."""
    from autostats.digest.deliver import write_letter

    for destination in destinations:
        news = digest.news(digest.stream(destination.key))
        if not news:
            typer.echo(f"To: {destination.address}\nNothing new.\n")
            continue
        letter = write_letter(destination, news, digest.current.settings, beside)
        typer.echo(
            f"To: {destination.address} (as {letter.form})\nSubject: {letter.subject}\n\n{letter.body}"
        )


def _send(
    digest: Digest,
    beside: Beside,
    destinations: "Sequence[Destination]",
    page: "Callable[[], Attachment | None]",
    home: Home,
    notes: Notes,
    debug: bool,
) -> None:
    """Send the news to each destination that has not had it, mails with the `page`, if there is one.

    Raises UnreachableError if any did not accept it; that one gets it with the next digest.
    """
    from autostats import log
    from autostats.digest.deliver import deliver, write_letter
    from autostats.digest.mail import is_mail

    logger = log.start(home, debug=debug)

    def send(destination: "Destination", news: News) -> str | None:
        letter = write_letter(destination, news, digest.current.settings, beside)
        attachment = page() if is_mail(destination.service) else None
        reason = deliver(destination, letter, attachment, logger)
        if reason is None:
            logger.info("digest to %s: %s", destination.address, letter.subject)
            notes(f"Sent to {destination.address}: {letter.subject}")
        else:
            logger.error("no digest to %s: %s", destination.address, reason)
        return reason

    failures = tell(digest, destinations, send, partial(write_memory, memory_path(home)))
    if failures:
        named = "; ".join(f"{destination.address} ({reason})" for destination, reason in failures)
        raise UnreachableError(
            f"{len(failures)} of {len(destinations)} destinations did not accept the digest: {named}.",
            f"The next digest sends them the same. With --debug, {home.logs / log.FILE_NAME} says more.",
        )


def _report_page(
    setup: Setup, instruments: list[str] | None, home: Path | None, target: str | None, notes: Notes
) -> "Attachment | None":
    """Return the page of the last seven days; None if it is not wanted, cannot be made, or is too large."""
    from autostats.commands.report import report
    from autostats.digest.mail import Attachment

    if not setup.configuration["notify.attach_report"].value:
        return None
    with TemporaryDirectory() as folder:
        file = Path(folder, "report.html")
        try:
            report(instruments, output=file, home=home, target=target, quiet=True)
        except AutostatsError as error:
            notes(f"Sent without the report: {error} {error.remedy}")
            return None
        page = Attachment(file.name, file.read_bytes())
    if page.is_too_large:
        notes("Sent without the report: it is too large for a mail.")
        return None
    return page


def digest(
    instruments: InstrumentsArgument = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DAY",
            help="Show everything from DAY on, even if already sent. Default: what has not been sent; "
            "the first time, the last day.",
            show_default=False,
        ),
    ] = None,
    notify: Annotated[
        bool,
        typer.Option(
            "--notify",
            help="Send it, and remember what each destination got. Silent when nothing is new.",
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
            help="Apprise's configuration file, with more destinations than $AUTOSTATS_NOTIFY_URLS. "
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
    """Show what changed since the last digest: newly failing and missing runs, resolved runs, late data.

    With --notify, each destination gets each piece of news once: autostats
    remembers what it sent. Without --notify, it prints what changed since the last
    digest was sent to any destination, and remembers nothing.
    """
    notes = Notes(quiet=quiet)
    setup = Setup.resolve(home, target)
    if not (notify or dry_run):
        if config or tag:
            raise UsageError("--config and --tag choose who is notified.", "Add --notify or --dry-run.")
        wanted = chosen_format(format_, output, plain=plain, also=(Format.HTML,))
        found = read_digest(setup, notes, instruments or [], since)
        _print(found, _beside(setup, found), wanted, output, notes, paged=not no_pager)
        return
    if format_ or output or plain:
        raise UsageError(
            "Each destination gets the format that it accepts.",
            "Leave out --format, --plain and --output, or --notify and --dry-run.",
        )
    from autostats.digest.destinations import load_destinations

    destinations = load_destinations(setup.configuration, config, tag)
    if dry_run:
        found = read_digest(setup, notes, instruments or [], since)
        _show(found, _beside(setup, found), destinations)
        return
    from autostats.run.preflight import check_home

    check_home(setup.home)
    page = cache(partial(_report_page, setup, instruments, home, target, notes))
    with hold_memory(setup.home, wait_limit()):
        found = read_digest(setup, notes, instruments or [], since)
        _send(found, _beside(setup, found), destinations, page, setup.home, notes, debug)
