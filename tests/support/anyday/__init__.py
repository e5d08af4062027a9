"""The suites that depend on a clock, at times and in zones where clocks go wrong: `make test-anyday`."""
