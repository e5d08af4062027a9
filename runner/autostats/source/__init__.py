"""The Autoreduction database, of whatever kind: where it is, and how it is read (never written)."""
