"""`python -m autostats`, and the installed command `autostats`."""

import signal
import sys

from autostats.cli import invoke

# Their dbt may have plugins that read with pandas.
_DBT_COMMANDS = {"demo", "docs", "run"}


def main() -> None:
    """Run the command line and exit with its exit code."""
    arguments = sys.argv[1:]
    if not _DBT_COMMANDS.intersection(arguments[:1]):
        # DuckDB imports pandas, if installed, to bind a parameter: half a second that no report needs to
        # spend.
        sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
    code = invoke(arguments)
    # The work is done, but Python takes a moment to exit: Ctrl-C must not turn a success into a failure then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


if __name__ == "__main__":
    main()
