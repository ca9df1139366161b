"""Servers that are broken in one way each: the unbroken one, with something in between that spoils it."""
