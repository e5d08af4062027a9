"""How long instruments have been silent: the newest job of each, and whether its silence is unusual."""

from autostats.queries.rows import Row
from autostats.queries.scope import Scope


def silence_rows(scope: Scope) -> list[Row]:
    """Return the rows of `rpt_instrument_silence`, with the instrument that has been silent longest first."""
    chosen, names = scope.among()
    return scope.warehouse.rows(
        f"""
        select instrument, last_created_at, age_hours, silent_days, longest_before, is_active, is_paused,
            is_unusual
        from rpt_instrument_silence
        where {chosen}
        order by last_created_at nulls first, instrument collate noaccent.nocase, instrument
        """,
        names,
    )
