"""Makes an experiment a pytest test: the fixture `conduct`, its options, its markers."""
