"""The formats of other tools: each a function that writes an export."""
