"""Speed, measured against what one would do instead."""
