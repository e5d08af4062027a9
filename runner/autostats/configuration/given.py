"""The dbt vars of a command line: `--vars`, checked."""

from collections.abc import Iterable
from datetime import date, datetime

from autostats.configuration.keys import OF_ONE_RUN, VARIABLES, nearest
from autostats.configuration.value_types import Value
from autostats.errors import UsageError

_REMEDY = "Write --vars '{max_gap: 500}'."


def given_variables(text: str, of_project: Iterable[str]) -> dict[str, Value | None]:
    """Return the dbt vars in `--vars`; `of_project` are those that the dbt project declares.

    Raises UsageError when it is not a mapping of names to plain values, or a name is unknown.
    """
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict):
        raise UsageError("--vars is not a mapping of names to values.", _REMEDY)
    known = dict.fromkeys((*VARIABLES, *OF_ONE_RUN, "rules", *of_project))
    for name, value in found.items():
        if isinstance(value, dict | list) and name != "rules":
            raise UsageError(f"--vars: the value of {name} is not a plain value.", _REMEDY)
        if name not in known:
            meant = nearest(str(name), known)
            raise UsageError(
                f"--vars: there is no var named {name}.",
                f"Did you mean {meant}?" if meant else f"The vars are {', '.join(sorted(known))}.",
            )
    # YAML has its own dates and times; dbt's vars have none.
    return {name: _text(value) if isinstance(value, date) else value for name, value in found.items()}


def _text(moment: date) -> str:
    return moment.isoformat(" ") if isinstance(moment, datetime) else moment.isoformat()
