"""The rules of lint, by what they are about."""
