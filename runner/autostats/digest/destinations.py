"""Where digests go: Apprise's services, named by the environment or by Apprise's own configuration file."""

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from autostats.configuration.resolve import Configuration
from autostats.configuration.secrets import notify_urls
from autostats.errors import UsageError
from autostats.log import hide

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

URLS = "AUTOSTATS_NOTIFY_URLS"
CONFIG = "AUTOSTATS_NOTIFY_CONFIG"
_EXAMPLE = f"{URLS}='mailto://user:password@mail.example?to=team@facility.example'"
_RETRIES = 2
_PAUSE_SECONDS = 5.0
# Shorter ones are words such as `v1`, not secrets; a password is hidden whatever its length.
_SHORTEST_SECRET = 4


@dataclass(frozen=True)
class Destination:
    """A service; `address` names it to people without secrets, `key` names it in the memory.

    Neither changes with its password. The keys of equal services are numbered.
    """

    service: "NotifyBase"
    address: str
    key: str


def load_destinations(
    configuration: Configuration, config: Path | None, tag: str | None
) -> list[Destination]:
    """Return the destinations in the settings and in Apprise's own configuration.

    `tag` selects among those in the configuration. Raises UsageError when Apprise is not installed, when it
    does not know one of them, or when there are none.
    """
    try:
        from apprise import Apprise
    except ImportError:
        from autostats.installation import install_line

        raise UsageError(
            "Notifying needs Apprise, which is not installed.", f"Install it: {install_line('notify')}"
        ) from None
    urls = notify_urls(configuration)
    named = configuration["notify.config"].value
    path = config or (Path(str(named)) if named else None)
    for url in urls:
        hide(_secrets(url))
    with _silent_libraries():
        asset = _asset()
        apprise = Apprise(asset=asset)
        for place, url in enumerate(urls, start=1):
            if not apprise.add(Apprise.instantiate(url, asset=asset) or ""):
                raise _unknown(url, f"Destination number {place}")
        if path is not None:
            apprise.add(_configured(path, asset))
        services = list(apprise.find(tag) if tag else apprise.find())
    for service in services:
        hide(_masked(service))
    if not services:
        of_tag = f" with the tag {tag!r}" if tag else ""
        raise UsageError(f"There is no destination{of_tag} to notify.", f"For example: {_EXAMPLE}")
    return list(_named(services))


def _asset() -> "AppriseAsset":
    """Return how services behave: they call themselves autostats, and write and ask nothing on their own."""
    from apprise import AppriseAsset

    return AppriseAsset(
        app_id="autostats",
        app_desc="Daily statistics of data reduction",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        storage_mode="memory",
        pgp_autogen=False,
        pem_autogen=False,
        # A redirected address reports success even though no message arrived there.
        http_redirects=False,
        default_service_retry=_RETRIES,
        default_service_wait=_PAUSE_SECONDS,
        # A thread in Apprise's pool would keep the process alive: `deliver` limits the time itself.
        async_mode=False,
        service_timeout=0,
        # The text is already written as it should be read.
        interpret_emojis=False,
        interpret_escapes=False,
    )


def _unknown(url: str, which: str) -> UsageError:
    schema = re.match(r"[A-Za-z0-9]{1,32}(?=://)", url)
    named = f" ({schema[0]}://)" if schema else ""
    return UsageError(f"{which}{named} is not a URL that Apprise understands.", f"For example: {_EXAMPLE}")


def _configured(path: Path, asset: "AppriseAsset") -> list["NotifyBase"]:
    """Return the services in Apprise's configuration file.

    Raises UsageError when it cannot be read, or when any entry cannot be used.
    """
    from apprise import AppriseConfig

    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(
            f"The configuration {path} cannot be read: {reason}.", "Correct --config or " + CONFIG + "."
        ) from None
    hide(secret for url in re.findall(r"\S+://\S+", content) for secret in _secrets(url))
    with _complaints() as complaints:
        configuration = AppriseConfig(asset=asset)
        services = configuration.services() if configuration.add_config(content) else []
    if complaints or not services:
        lines = sorted({int(number) for text in complaints for number in re.findall(r"\bline (\d+)\b", text)})
        where = f" (line {', '.join(map(str, lines))})" if lines else ""
        raise UsageError(
            f"The configuration {path} contains something that Apprise does not understand{where}.",
            "Its forms are described at https://appriseit.com/getting-started/configuration/.",
        )
    return services


def _secrets(url: str) -> Iterator[str]:
    """Yield the parts of a URL that may be secret: all except its scheme and host, in each spelling."""
    _, _, rest = url.partition("://")
    authority, slash, after = rest.partition("/")
    if not slash:
        authority, _, after = rest.partition("?")
    login, _, host = authority.rpartition("@")
    user, _, password = login.partition(":")
    parts = [user, *re.split(r"[/?&=]", after)]
    # Some services have a token in place of the host.
    if not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:]*\.[^:]*|localhost)(:\d+)?", host):
        parts.append(host)
    for part in (password, *(part for part in parts if len(part) >= _SHORTEST_SECRET)):
        yield from {part, unquote(part), quote(unquote(part)), quote(unquote(part), safe="")} - {""}


def _masked(service: "NotifyBase") -> set[str]:
    """Return what Apprise itself masks in a service's URL, and its own headers, options and fields."""
    url = _url(service)
    own = re.findall(r"(?<=[?&])(?:%2B|%3A|[+:-])[^=&]*=([^&]*)", url)
    return {
        *(set(_secrets(url)) - set(_secrets(_url(service, privacy=True)))),
        *own,
        *map(unquote_plus, own),
    }


def _url(service: "NotifyBase", *, privacy: bool = False) -> str:
    """Return the URL of a service, with its secrets masked if `privacy` is set."""
    return str(service.url(privacy=privacy))  # type: ignore[no-untyped-call]


def _named(services: Sequence["NotifyBase"]) -> Iterator[Destination]:
    seen: dict[str, int] = {}
    for service in services:
        # Without the options, which other versions of Apprise may write differently.
        shown, _, _ = _url(service, privacy=True).partition("?")
        seen[shown] = seen.get(shown, 0) + 1
        key = hashlib.sha256(f"{shown} {seen[shown]}".encode()).hexdigest()[:16]
        parts = urlsplit(shown)
        yield Destination(service, f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", key)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Yield a list that collects Apprise's complaints, which may contain secrets."""
    found: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    collector = Collector(logging.WARNING)
    logger = logging.getLogger("apprise")
    logger.addHandler(collector)
    try:
        yield found
    finally:
        logger.removeHandler(collector)


@contextmanager
def _silent_libraries() -> Iterator[None]:
    """Keep the log messages of libraries off the console."""
    with logged_by(logging.NullHandler()):
        yield


@contextmanager
def logged_by(handler: logging.Handler, level: int = logging.WARNING) -> Iterator[None]:
    """Send only to `handler` what libraries log or warn about, for Apprise from `level` up."""
    root, apprise = logging.getLogger(), logging.getLogger("apprise")
    before = apprise.level
    root.addHandler(handler)
    apprise.setLevel(level)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        apprise.setLevel(before)
        root.removeHandler(handler)
