"""The settings of an installation: which ones exist, where each can be set, and which value applies."""
