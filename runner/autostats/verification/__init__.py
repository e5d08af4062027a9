"""A second count of the statistics, straight from the source and apart from the models."""
