"""`python -m autostats`, and the installed command `autostats`."""

import signal
import sys

from autostats.cli import invoke

# Their dbt may be given plugins that read with pandas.
_DBT_COMMANDS = {"demo", "docs", "run"}


def main() -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:]
    if not _DBT_COMMANDS.intersection(arguments[:1]):
        # DuckDB imports pandas, where there is one, to bind a parameter: half a second that no report needs.
        sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
    code = invoke(arguments)
    # All is done, and Python's own leave takes a moment: Ctrl-C in it must not turn a success into a failure.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


if __name__ == "__main__":
    main()
