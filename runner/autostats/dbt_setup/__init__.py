"""What dbt is given: project, seeds, profile and target, and one invocation of it."""
