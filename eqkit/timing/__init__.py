"""Clocks, instants, and long work in slices: time for all waits."""
