"""Sending a message to a destination, in the form it accepts, within a limited time."""

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autostats.digest.beside import Beside
from autostats.digest.bodies import as_html, as_markdown, as_page, as_text
from autostats.digest.destinations import Destination, logged_by
from autostats.digest.mail import Attachment, attached, is_mail, plain_part
from autostats.digest.message import SIZES, compose
from autostats.digest.news import News
from autostats.log import redact
from autostats.queries.settings import Settings

if TYPE_CHECKING:
    from apprise import AppriseResult

LIMIT_SECONDS = 180.0
_RENDERERS = {"html": as_html, "markdown": as_markdown, "text": as_text}


@dataclass(frozen=True)
class Letter:
    """What a destination receives: a subject, and a body as `html`, `markdown` or `text`.

    A mail in HTML also has the same as `text`.
    """

    subject: str
    body: str
    form: str
    text: str


def write_letter(destination: Destination, news: News, settings: Settings, beside: Beside) -> Letter:
    """Return the news in the form and up to the length that the destination accepts, preferably as HTML."""
    from apprise import NotifyFormat

    service = destination.service
    form = service.resolve_format(NotifyFormat.HTML)
    if form is NotifyFormat.TEXT:
        form = service.resolve_format(NotifyFormat.MARKDOWN)
    whole = form is NotifyFormat.HTML and is_mail(service)
    render = as_page if whole else _RENDERERS[form.value]
    for size in SIZES:
        message = compose(news, settings, size, beside)
        body = render(message)
        if len(body) + len(message.subject) < service.body_maxlen:
            break
    return Letter(message.subject, body, form.value, as_text(message))


def _title(letter: Letter, destination: Destination) -> str:
    """Return the subject, escaped where the service puts it into the body."""
    if destination.service.title_maxlen > 0:
        return letter.subject
    if letter.form == "html":
        from html import escape

        return escape(letter.subject)
    if letter.form == "markdown":
        from autostats.text import for_markdown

        return for_markdown(letter.subject)
    return letter.subject


def _reason(result: "AppriseResult") -> str:
    """Return the last error of the last attempt, without secrets."""
    entries = [
        entry.message
        for service in result
        for attempt in list(service)[-1:]
        for entry in attempt
        if entry.level in ("WARNING", "ERROR")
    ]
    return " ".join(redact(entries[-1]).split()).rstrip(".") if entries else "it gave no reason"


def deliver(
    destination: Destination, letter: Letter, attachment: Attachment | None, log: logging.Logger
) -> str | None:
    """Send a letter; return None if the destination accepted it, else the reason why not.

    Apprise retries by itself. A letter not sent within LIMIT_SECONDS is given up, but may still arrive later.
    """
    from apprise import Apprise, AppriseResultStatus, NotifyFormat

    results: list[AppriseResult] = []

    def send() -> None:
        apprise = Apprise(asset=destination.service.asset)
        apprise.add(destination.service)
        try:
            with plain_part(letter.text):
                result = apprise.notify(
                    body=letter.body,
                    title=_title(letter, destination),
                    body_format=NotifyFormat(letter.form),
                    attach=attached(attachment) if attachment is not None else None,
                )
        except Exception:
            # Python would print it as it is, including any part of the URL.
            log.exception("Apprise failed")
            return
        results.append(result)

    # Not a thread that the process would wait for at exit.
    sender = threading.Thread(target=send, name="autostats-digest", daemon=True)
    level = logging.DEBUG if log.isEnabledFor(logging.DEBUG) else logging.WARNING
    with logged_by(log.handlers[0], level):
        sender.start()
        sender.join(LIMIT_SECONDS)
    if not results:
        # Nobody reads what it reports later.
        logging.getLogger("apprise").addHandler(logging.NullHandler())
        return f"it did not answer within {LIMIT_SECONDS:g} s" if sender.is_alive() else "it failed"
    # An optional service counts as reached even if it is not: its attempts show the truth.
    delivered = any(
        attempt.status is AppriseResultStatus.SUCCESS for service in results[0] for attempt in service
    )
    return None if delivered else _reason(results[0])
