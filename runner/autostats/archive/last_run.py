"""Which run was the last, from the file that data acquisition keeps: `lastrun.txt` or `lastruns.csv`."""

import csv

from autostats.archive.tally import run_number

FILE_NAME = "lastrun.txt"
_TOKENS = 3


def last_runs(path: str, text: str) -> dict[str, int]:
    """Return the last run by instrument, in lower case; nothing of a line that is only half written."""
    lines = list(csv.reader(text.splitlines())) if path.lower().endswith(".csv") else [text.split()]
    is_csv = path.lower().endswith(".csv")
    found = {}
    for tokens in lines:
        is_whole = len(tokens) >= _TOKENS if is_csv else len(tokens) == _TOKENS
        run = run_number(tokens[1].strip()) if is_whole else None
        if run is not None:
            found[tokens[0].strip().casefold()] = run
    return found
