"""The queries behind report, missing and explain: each returns plain rows."""
