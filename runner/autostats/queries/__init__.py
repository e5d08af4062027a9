"""The queries behind the commands: each returns plain rows."""
