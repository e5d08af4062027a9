"""Python's hook at each start: the clock of this process is so many seconds ahead of the machine's."""

import os
from datetime import timedelta

if "AUTOSTATS_TEST_SHIFT" in os.environ:
    import time_machine

    time_machine.travel(timedelta(seconds=float(os.environ["AUTOSTATS_TEST_SHIFT"]))).start()
