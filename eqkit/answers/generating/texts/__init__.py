"""Texts: by pattern, by format, by length, and by the name of their member."""
