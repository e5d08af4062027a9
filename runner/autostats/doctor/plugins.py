"""The checks of `autostats doctor` on plug-ins and on what is published."""

from collections.abc import Iterator

from autostats.dbt_setup.setup import Setup
from autostats.doctor.findings import Check, State
from autostats.errors import NoStatisticsError, UsageError
from autostats.text import counted, printable


def check_plugins(setup: Setup) -> Iterator[Check]:
    """Check the plug-ins, and the newest published build, if there are any."""
    from autostats.plugins.find import find_plugins
    from autostats.published.reader import Published

    faults = {plugin.name: plugin.error for plugin in find_plugins(setup.home)}
    try:
        with Published.newest(setup.home) as published:
            statistics = published.statistics()
            build = published.facts.build
    except NoStatisticsError:
        statistics, build = (), ""
    except UsageError as error:
        yield Check("Published", State.FAIL, str(error), error.remedy)
        statistics, build = (), ""
    for statistic in statistics:
        if statistic.plugin in faults and statistic.error:
            faults[statistic.plugin] = faults[statistic.plugin] or statistic.error
    for name, fault in sorted(faults.items()):
        label = f"Plug-in {printable(name)}"
        if fault:
            yield Check(label, State.FAIL, printable(fault), "Correct it; the next run builds it again.")
        else:
            yield Check(label, State.OK, "no fault is known")
    if build:
        yield Check("Published", State.OK, f"{counted(len(statistics), 'statistic')}, build {build}")
