"""A second count of chosen days, straight from the source and apart from the models."""
