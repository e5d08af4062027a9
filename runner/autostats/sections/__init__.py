"""What is shown of the statistics: tables with their columns, and what else the page has."""
