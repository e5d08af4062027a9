"""The report as one page: what it shows besides the tables, and how it looks."""
