"""`autostats serve`."""

import signal
import sys
from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.dbt_setup.setup import Setup
from autostats.render.notes import Notes

EXAMPLES = {
    "autostats serve": "to programs and browsers on this computer, at http://127.0.0.1:8417",
    "AUTOSTATS_TOKEN=... autostats serve --host 0.0.0.0": "to those that have the token, on the network",
}


def serve(
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="Address to listen at. Any that other computers reach needs $AUTOSTATS_TOKEN.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="0: any that is free.")
    ] = 8417,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Serve the statistics over HTTP, until Ctrl-C or SIGTERM.

    The server reads the builds that `autostats run` publishes; neither ever waits for
    the other. /api/ lists the statistics, /metrics is for Prometheus, and POST /reports
    makes a report. With $AUTOSTATS_TOKEN set, requests need it.
    """
    from autostats.serve.extra import check_extra

    check_extra()
    # DuckDB would import it, if installed, to bind a parameter.
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
    from autostats import log
    from autostats.home import writing_to
    from autostats.published.files import builds
    from autostats.serve.app import application
    from autostats.serve.report_store import opened
    from autostats.serve.server import LOCAL_NAMES, Address, bound
    from autostats.serve.server import serve as run
    from autostats.serve.settings import missing_token, serve_settings
    from autostats.warehouse import utc_now

    setup, address = Setup.resolve(home, target), Address(host, port)
    notes = Notes(quiet=quiet)
    settings = serve_settings(setup.configuration, note=notes)
    if settings.token is None and not address.is_local:
        raise missing_token(host)
    with writing_to(setup.home):
        setup.home.root.mkdir(parents=True, exist_ok=True)
        log.start(setup.home, debug=debug)
    with bound(address) as listening, opened(setup.home, utc_now(), settings.keep_reports) as store:
        app = application(setup, store, settings, hosts={*LOCAL_NAMES, host.lower()})
        place = Address(host, listening.getsockname()[1])
        notes(f"Serving {setup.home.root} at {place.url} until Ctrl-C.")
        if not builds(setup.home):
            notes("Nothing is published there yet: `autostats run` does it.")
        if run(app, listening, access_log=debug) == signal.SIGINT:
            raise KeyboardInterrupt
