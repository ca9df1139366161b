"""``eqkit diff-servers``: the same traffic sent to two servers."""
