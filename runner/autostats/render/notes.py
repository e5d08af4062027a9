"""Messages to people, on stderr, so that stdout holds only the result."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 2.0


class Notes:
    """Prints sentences on stderr, or stays silent."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet

    def __call__(self, message: str) -> None:
        """Print one sentence."""
        if not self._quiet:
            encoding = sys.stderr.encoding or "ascii"
            sys.stderr.write(message.encode(encoding, "replace").decode(encoding) + "\n")
            sys.stderr.flush()

    @contextmanager
    def when_slow(self, message: str) -> Iterator[None]:
        """Print one sentence if the enclosed work takes longer than two seconds.

        Only on a terminal: nobody waits for a cron job, and each line that it prints ends up in a mail.
        """
        if not sys.stderr.isatty():
            yield
            return
        from threading import Timer

        timer = Timer(PATIENCE_SECONDS, self, [message])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
