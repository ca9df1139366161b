"""Handlers that break the contract, for the tests of what is done about it."""
