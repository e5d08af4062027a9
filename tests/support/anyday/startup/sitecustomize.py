"""Python's start-up hook: shift the clock of this process ahead of the machine's by some seconds."""

import os
from datetime import timedelta

if "AUTOSTATS_TEST_SHIFT" in os.environ:
    import time_machine

    time_machine.travel(timedelta(seconds=float(os.environ["AUTOSTATS_TEST_SHIFT"]))).start()
