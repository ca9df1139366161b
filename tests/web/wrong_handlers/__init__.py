"""Handlers that break the contract, for the tests of response validation."""
