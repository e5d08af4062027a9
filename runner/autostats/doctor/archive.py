"""The check of `autostats doctor` on the archive: its file, what is registered, what can be reached."""

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
    """Check the archive, if anybody has described one."""
    from autostats.archive.definitions import Definitions
    from autostats.archive.registry import registered

    known = Definitions()
    # The checks of the profile and of the observations have reported what is wrong with them.
    with suppress(UsageError):
        known = registered(setup)
    yield from _file(setup, known)
    yield from _locations(known)


def _file(setup: Setup, known: "Definitions") -> Iterator[Check]:
    """Tell whether the file of the home can be read, and is registered."""
    from autostats.archive.definitions import FILE_NAME
    from autostats.archive.definitions_file import read_definitions
    from autostats.archive.registry import changes

    file = setup.home.root / FILE_NAME
    if not file.exists():
        return
    try:
        found = changes(known, read_definitions(file, known))
    except UsageError as error:
        yield Check(_NAME, State.FAIL, str(error), error.remedy)
        return
    if any(each.state != "unchanged" for each in found):
        yield Check(_NAME, State.WARN, f"{file} differs from what is registered", _REGISTER)


def _locations(known: "Definitions") -> Iterator[Check]:
    """Tell of each registered location whether its folders can be reached."""
    from autostats.archive.storage import storage_of
    from autostats.archive.targets import targets
    from autostats.observations.store import BrokenOff

    for name, location in known.locations.items():
        if not location.active:
            continue
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
