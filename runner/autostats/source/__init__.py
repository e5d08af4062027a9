"""The Autoreduction database, whatever kind it is: where it is, and how it is read, never written."""
