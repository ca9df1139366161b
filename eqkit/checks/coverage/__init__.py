"""``eqkit coverage``: the parts of a contract that some traffic has exercised."""
