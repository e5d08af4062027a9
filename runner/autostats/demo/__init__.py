"""A demonstration: a database full of plausible, reproducible jobs, and what collectors see beside it."""

from autostats.demo.archive import write_archive
from autostats.demo.cycles import DemoCycle, demo_cycles
from autostats.demo.generate import DemoSummary, generate
from autostats.demo.monitor import write_monitor_files
from autostats.demo.tables import write_monitored_tables

__all__ = [
    "DemoCycle",
    "DemoSummary",
    "demo_cycles",
    "generate",
    "write_archive",
    "write_monitor_files",
    "write_monitored_tables",
]
