"""Which format an answer has: the one that the request names, else the best one that it accepts."""

from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache

from autostats.errors import UsageError
from autostats.published.words import BadWord


class Served(StrEnum):
    """The formats of rows."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"
    SVG = "svg"
    PNG = "png"
    MD = "md"
    PROMETHEUS = "prometheus"
    XLSX = "xlsx"
    PARQUET = "parquet"


MEDIA_TYPES = {
    Served.JSON: "application/json",
    Served.CSV: "text/csv; charset=utf-8",
    Served.HTML: "text/html; charset=utf-8",
    Served.SVG: "image/svg+xml",
    Served.PNG: "image/png",
    Served.MD: "text/markdown; charset=utf-8",
    Served.PROMETHEUS: "text/plain; version=0.0.4; charset=utf-8",
    Served.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Served.PARQUET: "application/vnd.apache.parquet",
}


class NotAcceptable(UsageError):
    """The request accepts no format that there is."""


def chosen(named: str | None, accept: str, among: Collection[Served]) -> Served:
    """Return the format that `format=` names, else the first of those that `Accept` likes best.

    Raises BadWord for a name that is none, and NotAcceptable.
    """
    if named is None:
        return _accepted(accept, tuple(among))
    if named not in among:
        raise BadWord(f"format={named[:20]!r} is not a format here.", f"There are: {', '.join(among)}.")
    return Served(named)


@lru_cache(maxsize=256)
def _accepted(accept: str, among: tuple[Served, ...]) -> Served:
    ranges = [_range(text) for text in accept.split(",") if text.strip()] or [("*/*", 1.0)]
    best, liked = None, 0.0
    for each in among:
        quality = _quality(MEDIA_TYPES[each].partition(";")[0], ranges)
        if quality > liked:
            best, liked = each, quality
    if best is None:
        known = ", ".join(MEDIA_TYPES[each].partition(";")[0] for each in among)
        raise NotAcceptable("Accept names no type that there is here.", f"There are: {known}.")
    return best


def _range(text: str) -> tuple[str, float]:
    media, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return media, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return media, 0.0


def _quality(media: str, ranges: list[tuple[str, float]]) -> float:
    """Return how much a type is liked: the most specific range that holds it counts."""
    for name in (media, f"{media.partition('/')[0]}/*", "*/*"):
        found = [quality for each, quality in ranges if each == name]
        if found:
            return max(found)
    return 0.0
