"""How much the suites do. docs/reliability.md promises these figures, and test_promises.py checks them."""

from support.extent import Extent

# Runs ended by SIGKILL, each at a different point.
NIGHTLY_KILLS = Extent(8, 50)
FIRST_LOAD_KILLS = Extent(2, 6)
FULL_REFRESH_KILLS = Extent(2, 6)
# How many of the nightly ones end before the first table is touched: during imports or parsing.
START_UP_KILLS = Extent(3, 8)
# Runs ended by Ctrl-C.
INTERRUPTS = Extent(3, 6)
# Nights with arbitrary events at the source; hypothesis may end a sequence early.
NIGHTS = Extent(8, 150)
# Command lines made by hypothesis.
COMMAND_LINES = Extent(200, 600)
# Seconds within which a report answers during a run (the default of AUTOSTATS_WAIT).
REPORT_WAIT_SECONDS = 10
