"""What CI runs: each check yields findings, and reports tell them to people and to machines."""
