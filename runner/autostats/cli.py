"""The command line: which commands exist, and how each failure ends."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from autostats import __version__
from autostats.commands.common import Invocation
from autostats.errors import AutostatsError
from autostats.time_limits import INTERRUPTED, interrupted

UNEXPECTED = 1
_INTERRUPTION = "interrupted."
# What the functions of shells set.
_COMPLETION = "_AUTOSTATS_COMPLETE"

# In the order of the help: each command with its panel. Its name is also that of its module and of the
# function in it (or of the application, for a command with subcommands).
COMMANDS: Mapping[str, str] = {
    "demo": "Start here",
    "init": "Start here",
    "run": "Every day",
    "report": "Every day",
    "digest": "Every day",
    "attention": "Every day",
    "availability": "Every day",
    "freshness": "Every day",
    "archive": "Every day",
    "serve": "Every day",
    "listen": "Every day",
    "plot": "Look closer",
    "stats": "Look closer",
    "missing": "Look closer",
    "explain": "Look closer",
    "verify": "Look closer",
    "cycles": "Look closer",
    "settings": "Look closer",
    "doctor": "Look closer",
    "docs": "Look closer",
}

# They may wait, or keep running as a server: they limit the time of their work themselves.
_BOUND_BY_THEMSELVES = {"demo", "init", "run", "docs", "serve"}

EPILOG = (
    "Exit codes: 0 success; 1 a check found something, or an unexpected error; 2 usage or configuration; "
    "3 a model or test failed; 4 data is stale; 5 another run holds the lock; "
    "6 a database cannot be reached; 75 files are not there yet, or still being written; 130 interrupted."
)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"autostats {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Daily statistics of a data-reduction service."""


def _examples(examples: Mapping[str, str]) -> str | None:
    """Return the epilog of a command; blank lines keep the help from joining two lines."""
    if not examples:
        return None
    lines = [f"[bold]{command}[/bold]  {what}" for command, what in examples.items()]
    return "\n\n".join(["Examples:", *lines])


def _wanted(arguments: Sequence[str]) -> list[str]:
    """Return the commands to import: the one called, or else (help, completion, a typo) all of them.

    Each import takes time, and `report` must answer in a fraction of a second.
    """
    called = next((argument for argument in arguments if not argument.startswith("-")), None)
    if called is None or called not in COMMANDS or _COMPLETION in os.environ:
        return list(COMMANDS)
    return [called]


def build_app(commands: Sequence[str]) -> typer.Typer:
    """Return the application with `commands`, which are keys of COMMANDS."""
    app = typer.Typer(
        name="autostats",
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        epilog=EPILOG,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in commands:
        module = import_module(f"autostats.commands.{name}")
        command = getattr(module, name)
        settings: dict[str, Any] = {
            "name": name,
            "rich_help_panel": COMMANDS[name],
            "epilog": _examples(getattr(module, "EXAMPLES", {})),
            "context_settings": {"help_option_names": ["-h", "--help"]},
        }
        if isinstance(command, typer.Typer):
            app.add_typer(command, **settings)
        else:
            app.command(**settings)(command)
    return app


def _complain(message: str, remedy: str = "") -> None:
    print(f"error: {message}", file=sys.stderr)
    if remedy:
        print(f"  {remedy}", file=sys.stderr)


def _usage_error(error: typer.TyperException) -> int:
    """Print what is wrong with the arguments, and where the help is; return the exit code.

    `autostats` alone has no message, because it has printed its help.
    """
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "autostats"
    formatted = getattr(error, "format_message", None)
    message = formatted() if formatted else str(error)
    if message:
        _complain(message, f"`{command} --help` shows its usage.")
    return int(getattr(error, "exit_code", 2))


def _unexpected(error: Exception, invocation: Invocation) -> int:
    """Print one sentence about a bug of ours, keep the traceback in the log, and return the exit code."""
    import traceback

    from autostats.configuration.lend import lent_to_environment
    from autostats.home import Home
    from autostats.log import keep_traceback, redact

    if invocation.debug:
        sys.stderr.write(redact("".join(traceback.format_exception(error))))
    home = Home.resolve(invocation.home)
    with lent_to_environment(home):
        kept = keep_traceback(home, error)
    summary = " ".join(redact(str(error)).split())
    where = f"The traceback is in {kept}; " if kept else ""
    _complain(
        f"autostats failed with an unexpected {type(error).__name__}: {summary}",
        f"{where}`--debug` shows it here. Please report it, and say what you did.",
    )
    return UNEXPECTED


def _failure(error: AutostatsError, invocation: Invocation) -> int:
    """Print what went wrong and how to fix it; return the exit code."""
    if invocation.debug:
        import traceback

        from autostats.log import redact

        sys.stderr.write(redact("".join(traceback.format_exception(error))))
    _complain(str(error), error.remedy)
    return error.exit_code


def _ended_by(error: Exception, invocation: Invocation) -> int:
    if isinstance(error, AutostatsError):
        return _failure(error, invocation)
    if isinstance(error, typer.TyperException):
        return _usage_error(error)
    return _unexpected(error, invocation)


def _reader_left() -> int:
    """Return 0: a reader that has gone (`| head`) is no failure, and the flush at exit must not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def invoke(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; every failure is one sentence on stderr."""
    wanted = _wanted(arguments)
    invocation = Invocation(is_bounded=not _BOUND_BY_THEMSELVES.intersection(wanted))
    interrupted.clear()
    try:
        command = typer.main.get_command(build_app(wanted))
        if _COMPLETION in os.environ:
            from autostats import shell_words

            shell_words.use()
        code = command(list(arguments), prog_name="autostats", standalone_mode=False, obj=invocation)
        sys.stdout.flush()
        if code == INTERRUPTED:
            _complain(_INTERRUPTION)
        return code if isinstance(code, int) else 0
    except BrokenPipeError:
        return _reader_left()
    except SystemExit as end:
        # What typer turns Ctrl-C into.
        if isinstance(end.__context__, BrokenPipeError):
            return _reader_left()
        raise
    except (KeyboardInterrupt, typer.Abort):
        pass
    except Exception as error:
        # dbt's parser, for example, takes Ctrl-C for an error in what it reads.
        if not interrupted.is_set():
            return _ended_by(error, invocation)
    _complain(_INTERRUPTION)
    return INTERRUPTED
