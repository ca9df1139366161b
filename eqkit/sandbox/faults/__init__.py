"""What may be armed in a sandbox against its clients: faults, limits, and packs of both."""
