"""What is said about the age of the statistics, and about days that they do not hold."""

from datetime import date

from autostats.period import Period
from autostats.queries.settings import Settings
from autostats.render.durations import human


def age_sentence(settings: Settings) -> str:
    """Return when the statistics were built, and how long ago if a nightly run does not explain it."""
    if not settings.is_late:
        return settings.caption
    ago = human(settings.age.total_seconds())
    return f"{settings.caption[:-1]}, {ago} ago: has `autostats run` stopped?"


def not_recorded(period: Period, recorded: tuple[date, date] | None) -> list[str]:
    """Say which part of the period the statistics do not hold."""
    if recorded is None:
        return ["The statistics have no jobs of these instruments yet."]
    if period.last < recorded[0] or period.first > recorded[1]:
        return [f"No statistics for {period}: they go from {recorded[0]} to {recorded[1]}."]
    return [
        *(
            [f"The statistics begin on {recorded[0]}: earlier days of the period are not counted."]
            if period.first < recorded[0]
            else []
        ),
        *(
            [f"The statistics end on {recorded[1]}: later days of the period are not counted."]
            if period.last > recorded[1]
            else []
        ),
    ]
