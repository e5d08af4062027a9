"""`autostats listen`: recording the runs that a message bus announces."""

import signal
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, Invocation, QuietOption, TargetOption
from autostats.commands.signals import stopped_by_signals
from autostats.dbt_setup.setup import Setup
from autostats.render.notes import Notes
from autostats.text import printable
from autostats.warehouse import utc_now

EXAMPLES = {
    "autostats listen --exchange reduction --topic data.ready": "what an exchange announces",
    "autostats listen --url amqp://bus.example --queue autostats": "a queue that exists",
    "autostats listen --url redis://bus.example/0 --queue autostats": "a list in Redis",
}


def listen(
    context: typer.Context,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            envvar="AUTOSTATS_BUS",
            help="The broker: amqp://, redis://, or what else kombu reaches.",
            show_default=False,
        ),
    ] = None,
    queue: Annotated[
        str | None,
        typer.Option(
            "--queue",
            metavar="NAME",
            help="The queue to take messages from. No other program may take from it.",
            show_default=False,
        ),
    ] = None,
    exchange: Annotated[
        str | None,
        typer.Option(
            "--exchange",
            metavar="NAME",
            help="Make a durable queue (--queue, or else `autostats`), and bind it to this exchange.",
            show_default=False,
        ),
    ] = None,
    topics: Annotated[
        list[str] | None,
        typer.Option(
            "--topic",
            metavar="KEY",
            help="The routing key to bind it with; may be repeated. Default: #, which is all.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="Where messages keep their fields. Default: bus.yml in the home, if it is there.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Record the runs that a message bus announces, until Ctrl-C or SIGTERM.

    A message is acknowledged when it has been recorded, and counts once, however often
    it comes. Without bus.yml, it is expected to be one of the reduction service's.
    """
    from autostats.bus.sources import chosen_bus

    # First, because it says which package is missing.
    bus = chosen_bus(url, queue, exchange, topics or [])

    from autostats.bus.fields import FILE_NAME, Fields, read_fields
    from autostats.bus.journal import Journal
    from autostats.bus.listen import listen as keep_listening

    setup = Setup.resolve(home, target)
    file = config or setup.home.root / FILE_NAME
    fields = read_fields(file) if config or file.exists() else Fields()
    keep = timedelta(days=int(str(setup.configuration["vars.observation_days"].value)))
    notes = Notes(quiet=quiet)
    progress = context.obj.progress if isinstance(context.obj, Invocation) else lambda: None
    with stopped_by_signals() as (stop, received):

        def told(message: str) -> None:
            notes(printable(message))

        keep_listening(bus, Journal(setup, fields, utc_now, keep, told), stop, told, progress)
        if signal.SIGINT in received:
            raise KeyboardInterrupt
