"""What collectors have seen: appended by them, read by the models."""
