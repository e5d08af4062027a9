"""`autostats docs`: the tables described, as one page."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.dbt_options import ProfilesDirOption, ProjectDirOption, WaitOption

if TYPE_CHECKING:
    from http.server import ThreadingHTTPServer

EXAMPLES = {
    "autostats docs": "autostats-docs.html in the home, to open in a browser",
    "autostats docs --output /var/www/html/autostats.html": "where a web server shows it",
    "autostats docs --serve": "and look at it at http://127.0.0.1:8080",
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
        bool, typer.Option("--serve", help="Show it to the browsers of this machine, until Ctrl-C.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="For --serve; 0 is any free one.")
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

    It writes one page, which needs neither web server nor network: definitions,
    worked queries, each table's columns and tests, and how the tables follow from
    each other. The file's path is printed.
    """
    from contextlib import ExitStack

    from autostats.docs_site import SiteOptions, build_site
    from autostats.home import Home
    from autostats.render.notes import Notes
    from autostats.render.output import write_file
    from autostats.warehouse import wait_limit

    notes = Notes(quiet=quiet)
    chosen = Home.resolve(home)
    options = SiteOptions(
        target, project_dir, profiles_dir, wait_limit() if wait is None else wait, debug=debug
    )
    with ExitStack() as open_until_the_end:
        # A port that is taken should be known before the page is built.
        server = open_until_the_end.enter_context(_server(port)) if serve else None
        made = build_site(chosen, options, notes).encode()
        file = output or chosen.root / FILE_NAME
        write_file(file, made)
        typer.echo(file)
        if server is not None:
            notes(f"Open http://{_HOST}:{server.server_port} in a browser; Ctrl-C ends it.")
            _serve(server, made)


def _server(port: int) -> "ThreadingHTTPServer":
    """Return a server that this machine alone can reach. Raises UsageError when the port is not free."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    from autostats.errors import UsageError

    try:
        return ThreadingHTTPServer((_HOST, port), BaseHTTPRequestHandler)
    except OSError as error:
        raise UsageError(
            f"Port {port} of {_HOST} cannot be used: {error.strerror or error}.", "Name another by --port."
        ) from error


def _serve(server: "ThreadingHTTPServer", content: bytes) -> None:
    """Answer for the page, and for nothing else of this machine, until Ctrl-C."""
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
