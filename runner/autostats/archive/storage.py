"""Listing files, page by page, wherever they are: folders, S3 buckets, and what else fsspec reaches."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from errno import ELOOP
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from autostats.errors import UsageError
from autostats.installation import install_line
from autostats.log import hide, redact
from autostats.observations.store import BrokenOff
from autostats.text import printable

# A path below the place of its page, its size, and when it was last modified: seconds since 1970.
File = tuple[str, int, float]
Page = tuple[str, list[File]]
_MOST_READ = 1 << 20
_PAGE = 1_000
# With pauses that grow, they take some ten seconds.
_S3_ATTEMPTS = 8
_MODIFIED = ("mtime", "LastModified", "last_modified", "updated", "modified", "modify", "created")
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class Storage(Protocol):
    """Where files are. Raises BrokenOff when it cannot be looked at."""

    def place(self, url: str) -> str:
        """Return what the other methods call the place of a URL."""

    def is_there(self, place: str) -> bool:
        """Return whether there is something."""

    def folders(self, place: str) -> list[str]:
        """Return the names of the folders in one, none if it is not there."""

    def pages(self, place: str) -> Iterator[Page]:
        """Yield the files in a folder and all below it, and where each page is."""

    def read(self, place: str) -> str:
        """Return the text of a small file; empty if it cannot be read."""


def scheme_of(url: str) -> str:
    """Return what is before `://`; `file` for a path."""
    return url.partition("://")[0].lower() if "://" in url else "file"


def storage_of(url: str, options: Mapping[str, Any]) -> Storage:
    """Return the storage of a URL. Raises UsageError when a package is missing, or the options are wrong."""
    scheme = scheme_of(url)
    if scheme == "file":
        return Folders()
    # The gaps that hiding leaves would reveal a shorter one.
    hide(secret for name in _SECRETS if len(secret := os.environ.get(name, "")) > 7)
    is_s3 = scheme in {"s3", "s3a"}
    try:
        fsspec = import_module("fsspec")
        if is_s3:
            import_module("s3fs")
    except ImportError:
        raise UsageError(
            f"{scheme}:// needs the extra `archive`, which is not installed.", f"`{install_line('archive')}`"
        ) from None
    try:
        files = fsspec.filesystem(scheme, **options)
    except Exception as error:
        raise UsageError(
            f"{scheme}:// cannot be used: {_reason(error)}.", "Check the URL and options."
        ) from None
    return Buckets(files) if is_s3 else Remote(files)


def _reason(error: Exception) -> str:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable(redact(" ".join(said.split()))).rstrip(".")


@contextmanager
def _whole(place: str) -> Iterator[None]:
    """Turn whatever a storage raises into one line."""
    try:
        yield
    except BrokenOff:
        raise
    except Exception as error:
        where = printable(redact(str(getattr(error, "filename", None) or place)))
        found = BrokenOff(f"{where} cannot be listed: {_reason(error)}")
    else:
        return
    raise found


class Folders:
    """Local folders. Links are followed, and each real folder is listed once."""

    def place(self, url: str) -> str:
        """Return the path."""
        return str(Path(re.sub("^file://", "", url, flags=re.IGNORECASE)).expanduser())

    def is_there(self, place: str) -> bool:
        """Return whether there is a folder."""
        with _whole(place):
            found = _status(place)
            return found is not None and stat.S_ISDIR(found.st_mode)

    def folders(self, place: str) -> list[str]:
        """Return the names of the folders in one."""
        with _whole(place):
            try:
                with os.scandir(place) as found:
                    return [entry.name for entry in found if entry.is_dir()]
            except (FileNotFoundError, NotADirectoryError):
                return []

    def pages(self, place: str) -> Iterator[Page]:
        """Yield the files; what vanishes meanwhile is left out."""
        seen, ahead = set(), [place]
        while ahead:
            folder = ahead.pop()
            with _whole(folder):
                real = _status(folder)
                if real is None or (real.st_dev, real.st_ino) in seen:
                    continue
                seen.add((real.st_dev, real.st_ino))
                yield from self._listed(folder, ahead)

    def _listed(self, folder: str, ahead: list[str]) -> Iterator[Page]:
        """Yield the files of one folder, and add the folders in it to those `ahead`."""
        page: list[File] = []
        try:
            found = os.scandir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return
        is_folder, is_file = stat.S_ISDIR, stat.S_ISREG
        with found as entries:
            for entry in entries:
                try:
                    status = entry.stat()
                except FileNotFoundError:
                    continue
                except OSError as error:
                    if error.errno == ELOOP:
                        continue
                    raise
                if is_file(status.st_mode):
                    page.append((entry.name, status.st_size, status.st_mtime))
                    if len(page) == _PAGE:
                        yield f"{folder}/", page
                        page = []
                elif is_folder(status.st_mode):
                    ahead.append(entry.path)
        yield f"{folder}/", page

    def read(self, place: str) -> str:
        """Return the text of a small file."""
        try:
            with Path(place).open("rb") as file:
                return file.read(_MOST_READ).decode("utf-8", "replace")
        except OSError:
            return ""


def _status(place: str) -> os.stat_result | None:
    """Return what a path leads to; None if it leads nowhere."""
    try:
        return Path(place).stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


class Remote:
    """Whatever fsspec reaches."""

    def __init__(self, files: Any) -> None:
        self._files = files

    def place(self, url: str) -> str:
        """Return the path without the scheme."""
        return str(self._files._strip_protocol(url))

    def is_there(self, place: str) -> bool:
        """Return whether there is a folder."""
        with _whole(place):
            return bool(self._files.isdir(place))

    def folders(self, place: str) -> list[str]:
        """Return the names of the folders in one."""
        with _whole(place):
            return [_name(each) for each in self._in(place) if each["type"] == "directory"]

    def pages(self, place: str) -> Iterator[Page]:
        """Yield the files of each folder."""
        ahead = [place]
        while ahead:
            folder = ahead.pop()
            with _whole(folder):
                # Its own `walk` passes over folders that cannot be listed.
                found = self._in(folder)
                ahead += [each["name"] for each in found if each["type"] == "directory"]
                files = [each for each in found if each["type"] == "file"]
                yield f"{folder}/", [(_name(each), each["size"] or 0, self._modified(each)) for each in files]

    def _in(self, place: str) -> list[dict[str, Any]]:
        self._files.invalidate_cache()
        try:
            found = self._files.ls(place, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return []
        own = place.strip("/")
        return [each for each in found if each["name"].strip("/") != own]

    def _modified(self, info: Mapping[str, Any]) -> float:
        told = next((info[name] for name in _MODIFIED if info.get(name)), None)
        at = self._files.modified(info["name"]) if told is None else told
        if isinstance(at, int | float):
            return float(at)
        when = at if isinstance(at, datetime) else datetime.fromisoformat(at)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()

    def read(self, place: str) -> str:
        """Return the text of a small file."""
        try:
            found: bytes = self._files.cat_file(place, end=_MOST_READ)
        except Exception:
            return ""
        return found.decode("utf-8", "replace")


def _name(info: Mapping[str, Any]) -> str:
    return str(info["name"]).rstrip("/").rpartition("/")[2]


class Buckets(Remote):
    """S3, asked for one page after the other, of which none is kept."""

    def __init__(self, files: Any) -> None:
        super().__init__(files)
        # What s3fs tries again: connections that break, pages that cannot be read, and SlowDown.
        files.retries = _S3_ATTEMPTS

    def is_there(self, place: str) -> bool:
        """Return True: a bucket has no folders."""
        return True

    def folders(self, place: str) -> list[str]:
        """Return what comes before the next slash in keys."""
        return [
            each["Prefix"].rstrip("/").rpartition("/")[2]
            for page in self._asked(place, Delimiter="/")
            for each in page.get("CommonPrefixes", ())
        ]

    def pages(self, place: str) -> Iterator[Page]:
        """Yield the keys of each page."""
        bucket = place.partition("/")[0]
        for page in self._asked(place):
            yield (
                f"s3://{bucket}/",
                [
                    (each["Key"], each["Size"], each["LastModified"].timestamp())
                    for each in page.get("Contents", ())
                    if not each["Key"].endswith("/")
                ],
            )

    def _asked(self, place: str, **more: str) -> Iterator[dict[str, Any]]:
        bucket, _, prefix = place.partition("/")
        prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        wanted = {"Bucket": bucket, "Prefix": prefix, **self._files.req_kw, **more}
        token = None
        while True:
            with _whole(f"s3://{place}"):
                page: dict[str, Any] = self._files.call_s3("list_objects_v2", **wanted)
                before, token = token, page.get("NextContinuationToken")
                if page.get("IsTruncated") and token in (None, before):
                    raise BrokenOff(f"s3://{place} cannot be listed: the server does not go on")
            yield page
            if not page.get("IsTruncated"):
                return
            wanted["ContinuationToken"] = token
