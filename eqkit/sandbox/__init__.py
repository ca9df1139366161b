"""One caller's whole world: made on first use of a key, and shared with nobody."""
