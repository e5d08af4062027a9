"""The pages of the documentation, and the moment that they show."""

from datetime import datetime

from support.dbt_project import ROOT

NOW = datetime(2026, 11, 20, 18, 0)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
