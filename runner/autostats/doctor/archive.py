"""The check of `autostats doctor` on the archive: its file, what is registered, and whether it can be reached."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from autostats.dbt_setup.setup import Setup
from autostats.doctor.findings import Check, State
from autostats.errors import UsageError
from autostats.text import counted, printable
from autostats.warehouse import utc_now

if TYPE_CHECKING:
    from autostats.archive.definitions import Definitions

_NAME = "Archive"
_REGISTER = "`autostats archive register` takes it."


def check_archive(setup: Setup) -> Iterator[Check]:
    """Check the archive, if anybody has described one.

    Raises UsageError when its file or its registrations cannot be read.
    """
    from autostats.archive.definitions import FILE_NAME, Definitions
    from autostats.archive.definitions_file import read_definitions
    from autostats.archive.registry import changes, registered

    known = Definitions()
    # The checks of the profile and of the observations have reported what is wrong with them.
    with suppress(UsageError):
        known = registered(setup)
    file = setup.home.root / FILE_NAME
    if file.exists():
        given = read_definitions(file, known)
        if any(each.state != "unchanged" for each in changes(known, given)):
            yield Check(_NAME, State.WARN, f"{file} differs from what is registered", _REGISTER)
    yield from _locations(known)


def _locations(known: "Definitions") -> Iterator[Check]:
    """Tell of each registered location whether its folders can be reached."""
    from autostats.archive.storage import storage_of
    from autostats.archive.targets import targets
    from autostats.observations.store import BrokenOff

    for name in known.locations:
        chosen, _ = targets(known, [name], None, utc_now())
        wrong = ""
        for target in chosen:
            try:
                target.roots(storage_of(target.url, target.location.options))
            except BrokenOff as error:
                wrong = wrong or str(error)
        label = f"{_NAME} {printable(name)}"
        if wrong:
            yield Check(
                label, State.FAIL, wrong, "Mount or fix it: until then, nothing is known of its files."
            )
        else:
            yield Check(label, State.OK, f"{counted(len(chosen), 'place')} can be listed")
