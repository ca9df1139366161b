"""Where the ids of a sandbox begin."""

DOCUMENTED_ID = 72_301_093_732
"""The id of the docs' example, which seed 0 begins with."""

_LEAST = 10_000_000_000
_SPAN = 80_000_000_000
_STEP = 48_271_000_003


def first_id(seed: int) -> int:
    """Return the first id for a seed: eleven digits, and the same for the same seed (ruling B11)."""
    return _LEAST + (DOCUMENTED_ID - _LEAST + seed * _STEP) % _SPAN
