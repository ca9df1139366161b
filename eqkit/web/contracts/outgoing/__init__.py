"""The requests that a contract promises to send: the callbacks of its operations, and its webhooks."""
