"""The JSON Schemas of the commands' json output; `python -m autostats.schemas` generates them."""
