"""A collector in a process of its own: it looks again and again until its stdin is closed.

It then prints how many polls it has appended, and how long its longest look took, in seconds.
"""

import select
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from autostats.dbt_setup.setup import Setup
from autostats.home import Home
from autostats.observations.store import opened
from autostats.observations.tables import polls
from autostats.warehouse import utc_now

_POLLS = 100
_PAUSE_SECONDS = 0.5


def main(home: str, instrument: str, begin: str) -> None:
    appended, longest = 0, 0.0
    with opened(Setup(Home(Path(home)))) as store:
        while not select.select([sys.stdin], [], [], _PAUSE_SECONDS)[0]:
            rows = [
                {
                    "instrument": instrument,
                    "state": "up",
                    "polled_at": datetime.fromisoformat(begin) + timedelta(seconds=appended + number),
                    "reason": None,
                }
                for number in range(_POLLS)
            ]
            began = time.monotonic()
            with store.collecting("availability", utc_now, [polls], timedelta(days=90)) as collection:
                collection.append(polls, rows)
            longest = max(longest, time.monotonic() - began)
            appended += len(rows)
    print(appended, longest)


if __name__ == "__main__":
    main(*sys.argv[1:])
