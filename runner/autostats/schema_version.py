"""Which shape of the statistics database this version of autostats knows."""

# Raised when a model that the commands read changes in a way that an older autostats would misread.
SCHEMA_VERSION = 1
