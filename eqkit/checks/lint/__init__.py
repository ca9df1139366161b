"""``eqkit lint``: the faults of an OpenAPI document."""
