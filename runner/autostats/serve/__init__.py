"""The statistics over HTTP, from published builds, and reports on demand."""
