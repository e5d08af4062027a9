"""What is shown of the statistics: tables with their columns, and what the page has besides."""
