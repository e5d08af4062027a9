"""Statistics that a facility adds: folders of dbt models, built with this project's, never in their way."""
