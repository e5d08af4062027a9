"""The settings of an installation: which there are, where each is said, and what holds."""
