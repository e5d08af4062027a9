"""`autostats docs`: the tables described, as one page."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.dbt_options import ProfilesDirOption, ProjectDirOption, WaitOption

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

EXAMPLES = {
    "autostats docs": "write autostats-docs.html to the home, to open in a browser",
    "autostats docs --output /var/www/html/autostats.html": "write it where a web server serves it",
    "autostats docs --serve": "serve it at http://127.0.0.1:8080",
}
FILE_NAME = "autostats-docs.html"
_HOST = "127.0.0.1"


def docs(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help=f"Write to FILE, whole or not at all. Default: {FILE_NAME} in the home.",
            show_default=False,
        ),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Serve it to browsers on this machine until Ctrl-C.")
    ] = False,
    port: Annotated[
        int,
        typer.Option("--port", metavar="N", min=0, max=65535, help="Port for --serve; 0 picks a free one."),
    ] = 8080,
    wait: WaitOption = None,
    project_dir: ProjectDirOption = None,
    profiles_dir: ProfilesDirOption = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Describe every table and column, for analysts.

    It writes one page, which needs neither a web server nor a network: definitions,
    worked queries, each table's columns and tests, and how the tables build on
    each other. It prints the path of the file.
    """
    from contextlib import ExitStack

    from autostats.dbt_setup.setup import Setup
    from autostats.files import write_file
    from autostats.render.notes import Notes
    from autostats.run.docs_site import build_site
    from autostats.warehouse import wait_limit

    notes = Notes(quiet=quiet)
    setup = Setup.resolve(home, target, project_dir, profiles_dir)
    limit = wait_limit() if wait is None else wait
    with ExitStack() as open_until_the_end:
        # A port that is taken should be known before the page is built.
        server = open_until_the_end.enter_context(_server(port)) if serve else None
        made = build_site(setup, notes, limit, debug=debug).encode()
        file = output or setup.home.root / FILE_NAME
        write_file(file, made)
        typer.echo(file)
        if server is not None:
            notes(f"Open http://{_HOST}:{server.server_port} in a browser; Ctrl-C stops the server.")
            _serve(server, made)


def _server(port: int) -> "ThreadingHTTPServer":
    """Return a server that only this machine can reach. Raises UsageError if the port is not free."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    from autostats.errors import UsageError

    try:
        return ThreadingHTTPServer((_HOST, port), BaseHTTPRequestHandler)
    except OSError as error:
        raise UsageError(
            f"Port {port} of {_HOST} cannot be used: {error.strerror or error}.", "Name another with --port."
        ) from error


def _serve(server: "ThreadingHTTPServer", content: bytes) -> None:
    """Serve the page, and nothing else on this machine, until Ctrl-C."""
    from contextlib import suppress
    from http import HTTPStatus
    from http.server import BaseHTTPRequestHandler

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/":
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server.RequestHandlerClass = Handler
    with suppress(KeyboardInterrupt):
        server.serve_forever()
