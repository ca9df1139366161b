"""Traffic as values: a request and its response, read from recordings, written to them, and sent again."""
