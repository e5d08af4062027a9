"""The commands run in this process."""

from support.in_process import autostats, now_is

__all__ = ["autostats", "now_is"]
