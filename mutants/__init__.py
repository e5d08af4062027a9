"""`make mutants`: faults planted one at a time, to see which of them survive the tests."""
