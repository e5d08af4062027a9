"""A second count of the statistics, directly from the source and independent of the models."""
