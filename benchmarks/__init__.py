"""Measure eqkit beside its peers: ``python -m benchmarks``."""
