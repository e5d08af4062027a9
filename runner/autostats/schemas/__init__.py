"""The JSON Schemas of what commands print as json, and what makes them: `python -m autostats.schemas`."""
