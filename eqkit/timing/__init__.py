"""Clocks, instants, and long work in slices: time for whatever waits."""
