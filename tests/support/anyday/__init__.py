"""The suites that know a clock, under moments and time zones at which clocks go wrong: `make test-anyday`."""
