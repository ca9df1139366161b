"""``eqkit diff``: two versions of a contract compared."""
