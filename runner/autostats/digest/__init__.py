"""The digest: what changed since the last one, told once to each destination."""
