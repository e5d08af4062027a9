"""Messages to people, on stderr, so that stdout holds the result alone."""

import sys


class Notes:
    """Prints sentences on stderr, or keeps silent."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet

    def __call__(self, message: str) -> None:
        """Print one sentence."""
        if not self._quiet:
            encoding = sys.stderr.encoding or "ascii"
            sys.stderr.write(message.encode(encoding, "replace").decode(encoding) + "\n")
            sys.stderr.flush()
