"""The real length of a duration of a sandbox's clock, for a client that lives by the wall."""

import math

from eqkit.sandbox.clock import SandboxClock


def client_s(clock: SandboxClock, duration_ms: int) -> int:
    """Return how many seconds a client lives through while a duration goes by (ruling H11).

    They are rounded up, and at least 1. On a frozen clock they are seconds of that clock: a client that has
    it moved on counts in those.
    """
    return max(1, math.ceil(round(duration_ms / (1000 * (clock.pace or 1)), 6)))
