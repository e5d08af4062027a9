"""What is special about mails: a text beside the HTML, and files that come with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import AppriseAttachment, NotifyBase

# Mail servers commonly refuse more than 10 MB.
_MOST_BYTES = 5 * 2**20


@dataclass(frozen=True)
class Attachment:
    """An HTML page that comes with a mail."""

    name: str
    content: bytes

    @property
    def is_too_large(self) -> bool:
        """Whether mail servers may refuse it."""
        return len(self.content) > _MOST_BYTES


def is_mail(service: "NotifyBase") -> bool:
    """Return whether a service of Apprise sends mails."""
    from apprise.plugins.email import NotifyEmail

    return isinstance(service, NotifyEmail)


def attached(attachment: Attachment) -> "AppriseAttachment":
    """Return an attachment as Apprise takes it."""
    from apprise import AppriseAttachment
    from apprise.attachment.memory import AttachMemory

    file = AttachMemory(attachment.content, attachment.name, "text/html")  # type: ignore[no-untyped-call]
    return AppriseAttachment(file)


@contextmanager
def plain_part(text: str) -> Iterator[None]:
    """Make `text` the plain part of the HTML mails that are sent meanwhile.

    Apprise has no setting for it, and would make it from the HTML, without links and each cell of a table on
    a line of its own.
    """
    from apprise.plugins.email import base

    names = vars(base)
    original = names["convert_between"]
    names["convert_between"] = lambda *words, **more: text
    try:
        yield
    finally:
        names["convert_between"] = original
