"""The journal of a sandbox: the requests that came, matched, counted, shown and written as a HAR."""
