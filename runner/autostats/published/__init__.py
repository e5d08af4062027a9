"""Finished builds as files of their own, which no run has open."""
