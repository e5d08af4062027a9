"""The daily job, and the docs site: dbt under the lock, and what came of it."""
