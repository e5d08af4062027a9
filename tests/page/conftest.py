"""The commands run in this process."""

from support.in_process import autostats

__all__ = ["autostats"]
