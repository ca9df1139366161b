"""The schemas of a contract: one dialect, compiled by reference, and the violations they find."""
