"""The log of the server: its lines, their form, and one for each request."""
