"""``eqkit replay``: a recording held against a contract."""
