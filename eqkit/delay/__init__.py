"""A delay queue in memory; it has never heard of HTTP or OpenAPI."""
