"""The server of any contract."""
