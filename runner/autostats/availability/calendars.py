"""The seeds that say when instruments are meant to be available: operating hours and time zones."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, time
from pathlib import Path
from typing import Any, TypeVar

import pytz

from autostats.availability.polls import INSTRUMENT_COLUMN, instrument_name
from autostats.csv_file import csv_rows
from autostats.dbt_setup.seeds import write_seed
from autostats.errors import UsageError
from autostats.home import Home

_HOURS_COLUMNS = {
    "instrument": INSTRUMENT_COLUMN,
    "day": ("day", "dayOfWeek"),
    "start_time_local": ("start_time_local",),
    "end_time_local": ("end_time_local",),
}
_ZONE_COLUMNS = {"instrument": INSTRUMENT_COLUMN, "time_zone": ("time_zone", "timezone_str")}
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")


@dataclass(frozen=True, order=True)
class Span:
    """Operating hours of one weekday (0 is Monday), on the instrument's clock; `valid_to` is not included."""

    instrument: str
    day: int
    start_time_local: str
    end_time_local: str
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, order=True)
class Zone:
    """The time zone of an instrument."""

    instrument: str
    time_zone: str


Row = TypeVar("Row", Span, Zone)


def import_hours(home: Home, path: Path, today: date, *, restate: bool = False) -> int:
    """Take the operating hours of a CSV file into the seed of the home; return how many spans are new.

    The hours of an instrument that has some already end today, and the new ones begin: no past figure
    changes. With `restate` the new ones have always held. Raises UsageError, which names the line, when the
    file is no such file, and when the seed cannot be read or written.
    """
    seed = home.seeds / "operating_hours.csv"
    known = _read_seed(seed, Span)
    spans = {_span(place, row) for place, row in csv_rows(path, _HOURS_COLUMNS)}
    merged = _merged(known, spans, today, restate=restate)
    if set(known) != set(merged):
        _write_seed(seed, merged, Span)
    return len(set(merged) - set(known))


def _merged(known: Sequence[Span], spans: set[Span], today: date, *, restate: bool) -> list[Span]:
    imported = {span.instrument for span in spans}
    kept = [span for span in known if span.instrument not in imported]
    for instrument in imported:
        new = {span for span in spans if span.instrument == instrument}
        old = [span for span in known if span.instrument == instrument]
        in_force = {replace(span, valid_from="", valid_to="") for span in old if not span.valid_to}
        if in_force == new and not restate:
            kept.extend(old)
            continue
        if old and not restate:
            ended = [span if span.valid_to else replace(span, valid_to=str(today)) for span in old]
            kept.extend(span for span in ended if span.valid_from < span.valid_to)
            new = {replace(span, valid_from=str(today)) for span in new}
        kept.extend(new)
    return kept


def import_time_zones(home: Home, path: Path) -> int:
    """Take the time zones of a CSV file into the seed of the home; return how many have changed.

    Raises UsageError, which names the line, for a zone that does not exist, and otherwise as `import_hours`.
    """
    seed = home.seeds / "instrument_time_zones.csv"
    known = {zone.instrument: zone for zone in _read_seed(seed, Zone)}
    zones = [_zone(place, row) for place, row in csv_rows(path, _ZONE_COLUMNS)]
    merged = {**known, **{zone.instrument: zone for zone in zones}}
    changed = [zone for zone in merged.values() if known.get(zone.instrument) != zone]
    if changed:
        _write_seed(seed, merged.values(), Zone)
    return len(changed)


def _span(place: str, row: dict[str, str]) -> Span:
    day = row["day"].strip()
    if day not in set("0123456"):
        raise UsageError(f"{place} has the day {day!r}.", "Days are numbers from 0, Monday, to 6, Sunday.")
    start, end = (_clock_time(place, row[name]) for name in ("start_time_local", "end_time_local"))
    return Span(instrument_name(place, row["instrument"]), int(day), start, end)


def _clock_time(place: str, text: str) -> str:
    written = text.strip()
    try:
        if not _TIME.fullmatch(written):
            raise ValueError
        hour, minute, *second = written.split(":")
        return time(int(hour), int(minute), int(float(second[0])) if second else 0).isoformat()
    except ValueError:
        raise UsageError(
            f"{place} has the time {text!r}.", "Write it as 09:00 or 09:00:00; midnight is 00:00."
        ) from None


def _zone(place: str, row: dict[str, str]) -> Zone:
    zone = row["time_zone"].strip()
    if zone not in pytz.all_timezones_set:
        raise UsageError(f"{place} has the time zone {zone!r}.", "Use an IANA name such as Europe/London.")
    return Zone(instrument_name(place, row["instrument"]), zone)


def _read_seed(path: Path, kind: Callable[..., Row]) -> list[Row]:
    if not path.exists():
        return []
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    rows: list[dict[str, Any]] = [row for _, row in csv_rows(path, {name: [name] for name in names})]
    return [
        kind(**{name: int(cell) if name == "day" else cell for name, cell in row.items()}) for row in rows
    ]


def _write_seed(path: Path, rows: Iterable[Row], kind: Callable[..., Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(kind)], lineterminator="\n")  # type: ignore[arg-type]
    writer.writeheader()
    writer.writerows(asdict(row) for row in sorted(rows))
    write_seed(path, text.getvalue().encode())
