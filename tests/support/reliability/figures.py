"""How much the suites do. docs/reliability.md promises these figures, and test_promises.py checks them."""

# Runs ended by SIGKILL, each at a different point.
NIGHTLY_KILLS = 50
FIRST_LOAD_KILLS = 6
FULL_REFRESH_KILLS = 6
# How many of the nightly ones end before the first table is touched: during imports or parsing.
START_UP_KILLS = 8
# Runs ended by Ctrl-C.
INTERRUPTS = 6
# Nights with arbitrary events at the source; hypothesis may end a sequence early.
NIGHTS = 150
# Command lines made by hypothesis.
COMMAND_LINES = 600
# Seconds within which a report answers during a run (the default of AUTOSTATS_WAIT).
REPORT_WAIT_SECONDS = 10
