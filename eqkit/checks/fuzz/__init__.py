"""``eqkit fuzz``: Schemathesis against any server."""
