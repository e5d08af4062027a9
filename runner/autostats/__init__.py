"""Daily statistics of a data-reduction service."""

__version__ = "0.1.0"
