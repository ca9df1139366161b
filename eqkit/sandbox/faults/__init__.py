"""Arms of a sandbox against its clients: faults, limits, and packs of both."""
