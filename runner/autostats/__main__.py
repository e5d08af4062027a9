"""`python -m autostats`, and the installed command `autostats`."""

import sys

from autostats.cli import invoke


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(invoke(sys.argv[1:]))


if __name__ == "__main__":
    main()
