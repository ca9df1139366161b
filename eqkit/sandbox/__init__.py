"""One caller's whole sandbox: made on first use of a key, and not shared."""
