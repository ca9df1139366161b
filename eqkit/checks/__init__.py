"""The checks that CI runs: each yields findings, and reports show them to people and machines."""
