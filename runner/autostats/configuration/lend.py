"""The settings file as environment variables, which is how dbt's profile and most of the code read it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from autostats.configuration.resolve import configure
from autostats.errors import UsageError
from autostats.home import Home


@contextmanager
def lent_to_environment(home: Home) -> Iterator[None]:
    """Set the variables that are not set yet from the settings file of `home`; secrets are left out.

    A file with mistakes causes no error here: the code that needs a setting reports what is wrong with it.
    """
    try:
        lent = configure(home).lent
    except UsageError:
        lent = {}
    os.environ.update(lent)
    try:
        yield
    finally:
        for variable in lent:
            os.environ.pop(variable, None)
