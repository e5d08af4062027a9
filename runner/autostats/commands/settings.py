"""`autostats settings`: what holds of each setting, and which place says it."""

from typing import TYPE_CHECKING

import typer

from autostats.commands.common import DebugOption, HomeOption, Invocation, QuietOption, TargetOption
from autostats.commands.result_options import FormatOption, NoPagerOption, OutputOption, PlainOption
from autostats.home import Home
from autostats.render.output import chosen_format, emit
from autostats.render.section import Column, Document, Kind, Row, Section
from autostats.text import printable

if TYPE_CHECKING:
    from autostats.configuration.value_types import Value
    from autostats.dbt_setup.setup import Setup

EXAMPLES = {
    "autostats settings": "each setting, and where it comes from",
    "autostats settings --format json": "for a program",
}
COLUMNS = (
    Column("setting", Kind.TEXT, "Setting", "{}"),
    Column("value", Kind.TEXT, "Value"),
    Column("origin", Kind.TEXT, "From"),
    Column("variable", Kind.TEXT, "Variable"),
)


def settings(
    context: typer.Context,
    format_: FormatOption = None,
    output: OutputOption = None,
    plain: PlainOption = False,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show each setting with its value and where it comes from; passwords are masked.

    Each setting comes from the first of these places that has it: the option, the
    environment variable, autostats.toml in the home, the vars of a dbt project that
    you name, what the statistics were built with, the default.
    """
    from autostats.configuration.keys import DEFAULT_TARGET
    from autostats.dbt_setup.setup import Setup

    place = Home.resolve(home)
    environment = context.obj.environment if isinstance(context.obj, Invocation) else {}
    setup = Setup(place, target, environment=environment)
    section = Section(
        name="settings",
        title="Settings",
        columns=COLUMNS,
        rows=_rows(setup),
        layouts=[[column.name for column in COLUMNS], ["setting", "value", "origin"]],
    )
    file = place.settings_file
    known = printable(str(file))
    document = Document(
        schema="autostats/settings/1",
        title=f"Settings of {printable(str(place.root))}",
        facts={
            "home": str(place.root),
            "file": str(file),
            "target": setup.target_name or DEFAULT_TARGET,
        },
        sections=[section],
        timezone="UTC",
        captions=[
            f"The file is {known}." if file.exists() else f"There is no {known}: `autostats init` creates it."
        ],
    )
    emit(document, chosen_format(format_, output, plain=plain), output, paged=not no_pager)


def _rows(setup: "Setup") -> list[Row]:
    """Return one row per setting."""
    from autostats.configuration.shown import shown

    configuration = setup.configuration.of_statistics(_built(setup))
    found = [configuration[name] for name in configuration.names]
    return [
        {
            "setting": setting.key.name,
            "value": shown(setting),
            "origin": str(setting.origin),
            "variable": next(iter(setting.key.variables), ""),
        }
        for setting in found
    ]


def _built(setup: "Setup") -> "dict[str, Value]":
    """Return the settings and the target that the statistics were built with, as far as they are known."""
    from contextlib import suppress

    from autostats.configuration.build import read_build
    from autostats.configuration.resolve import as_layer
    from autostats.errors import AutostatsError
    from autostats.warehouse import connect

    built = read_build(setup.home)
    found: dict[str, Value] = {"target": built.target} if built.target is not None else {}
    with suppress(AutostatsError), connect(setup, wait=0) as warehouse:
        row = warehouse.rows("select * from dim_settings")[0]
        return found | dict(as_layer(row, "dim_settings"))
    return found | {
        name: value for name, value in built.settings.items() if setup.target_option in (None, built.target)
    }
