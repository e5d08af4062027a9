"""The daily job and the docs site: running dbt under the lock, and reporting the outcome."""
