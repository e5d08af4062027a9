"""What dbt needs (project, seeds, profile and target), and how it is invoked."""
