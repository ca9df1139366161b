"""A contract read from its files: JSON or YAML, over several files, with the place of each node."""
