"""A demo vendor with living data, for `make run` and the tests."""
