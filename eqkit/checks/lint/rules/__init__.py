"""The rules of lint, by subject."""
