"""Texts into values and back: bodies, forms, and parameters of every style."""
