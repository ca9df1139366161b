"""``eqkit probe``: the rules of a contract walked on a running server."""
