"""Which instruments exist, and which of them the user means."""

from collections.abc import Sequence

from autostats.errors import UsageError
from autostats.text import printable
from autostats.warehouse import Warehouse

_NAMES_IN_A_MESSAGE = 40
_WITH_JOBS = "select instrument from dim_instruments order by instrument collate noaccent.nocase, instrument"
# Polls may know instruments without jobs. Another spelling of one with jobs is not another instrument.
_WITH_JOBS_OR_POLLS = """
select instrument from dim_instruments
union all
select instrument from rpt_availability
where lower(instrument) not in (select lower(instrument) from dim_instruments)
order by instrument collate noaccent.nocase, instrument
"""


def known_instruments(warehouse: Warehouse) -> list[str]:
    """Return the names of all instruments that have jobs or belong to the source, sorted."""
    return [row["instrument"] for row in warehouse.rows(_WITH_JOBS)]


def named_instruments(warehouse: Warehouse) -> list[str]:
    """Return the names of all instruments, those that only have polls included, sorted."""
    return [row["instrument"] for row in warehouse.rows(_WITH_JOBS_OR_POLLS)]


def _listing(known: Sequence[str], what: str) -> str:
    shown = ", ".join(printable(name) for name in known[:_NAMES_IN_A_MESSAGE])
    more = len(known) - _NAMES_IN_A_MESSAGE
    if not known:
        return f"The statistics have no {what}s yet."
    return f"Known {what}s: {shown}{f' and {more} more' if more > 0 else ''}."


def _find(wanted: str, known: Sequence[str], what: str) -> str:
    if wanted in known:
        return wanted
    folded = {name: name.casefold().strip() for name in known}
    matches = [name for name, key in folded.items() if key == wanted.casefold().strip()]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = " or ".join(printable(name) for name in matches)
        raise UsageError(f"{wanted!r} could be {names}.", "Write the one that you mean exactly like that.")
    import difflib

    close = difflib.get_close_matches(wanted.casefold().strip(), folded.values(), n=1)
    hint = next((f" Did you mean {printable(name)}?" for name, key in folded.items() if key in close), "")
    raise UsageError(f"There is no {what} {wanted!r}.{hint}", _listing(known, what))


def choose_instruments(warehouse: Warehouse, wanted: Sequence[str]) -> list[str] | None:
    """Return the instruments that `wanted` names, upper or lower case alike; None, which means all, for none.

    Raises UsageError for a name that no instrument has, or that several have in another case.
    """
    return among(named_instruments(warehouse), wanted) if wanted else None


def among(known: Sequence[str], wanted: Sequence[str], what: str = "instrument") -> list[str] | None:
    """Return those of the `known` that `wanted` names, as `choose_instruments` does.

    Messages call them `what`.
    """
    if not wanted:
        return None
    return list(dict.fromkeys(_find(name, known, what) for name in wanted))
