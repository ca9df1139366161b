"""Answers to the control plane at /_mock, one module for each tag of its document."""
