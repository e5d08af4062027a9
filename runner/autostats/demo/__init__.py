"""A demonstration: an Autoreduction database full of plausible, reproducible jobs, and its monitor."""

from autostats.demo.cycles import DemoCycle, demo_cycles
from autostats.demo.generate import DemoSummary, generate
from autostats.demo.monitor import write_monitor_files

__all__ = ["DemoCycle", "DemoSummary", "demo_cycles", "generate", "write_monitor_files"]
