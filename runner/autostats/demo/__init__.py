"""A demonstration source: an Autoreduction database full of plausible, reproducible jobs."""

from autostats.demo.cycles import DemoCycle, demo_cycles
from autostats.demo.generate import DemoSummary, generate

__all__ = ["DemoCycle", "DemoSummary", "demo_cycles", "generate"]
