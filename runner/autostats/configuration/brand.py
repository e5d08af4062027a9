"""The facility's name and logo, according to the settings."""

from collections.abc import Callable
from pathlib import Path

from autostats.brand import Brand
from autostats.configuration.keys import FACILITY_NAME, LOGO, OWNER, Key
from autostats.configuration.resolve import Configuration
from autostats.logo import BadLogo, Logo, read_logo
from autostats.text import printable


def facility_name(configuration: Configuration) -> str | None:
    """Return the name of the facility as it may be shown, or None."""
    return _words(configuration, FACILITY_NAME)


def owner(configuration: Configuration) -> str | None:
    """Return who owns the statistics, as it may be shown, or None."""
    return _words(configuration, OWNER)


def configured_logo(configuration: Configuration) -> Logo | None:
    """Return the logo, or None if none is set. Raises BadLogo, whose words begin with its path."""
    path = logo_path(configuration)
    if path is None:
        return None
    try:
        return read_logo(path)
    except BadLogo as problem:
        raise BadLogo(f"The logo {printable(str(path))} {problem}.", problem.remedy) from problem


def logo_path(configuration: Configuration) -> Path | None:
    """Return where the logo is; a relative path begins in the folder of the settings file."""
    setting = configuration[LOGO.name].value
    return configuration.file.parent / str(setting) if setting is not None else None


def configured_brand(configuration: Configuration, note: Callable[[str], None]) -> Brand:
    """Return name and logo. A logo that cannot be used is left out, and `note` is told why."""
    logo = None
    try:
        logo = configured_logo(configuration)
    except BadLogo as problem:
        note(f"{problem} {problem.remedy} The page comes without it.")
    return Brand(facility_name(configuration), logo)


def _words(configuration: Configuration, key: Key) -> str | None:
    value = configuration[key.name].value
    return printable(" ".join(str(value).split())) if value is not None else None
