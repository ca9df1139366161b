"""Answers that are sequences, such as events and JSON Lines, sent item by item on the sandbox's clock."""

import contextlib
from collections.abc import AsyncIterator, Sequence

from eqkit.answers.encoding import CannotEncode, encoded_items
from eqkit.contract.document import Json
from eqkit.contract.messages.contents import MediaType
from eqkit.sandbox.clock import SandboxClock
from eqkit.sandbox.clock_waits import ClockClosed
from eqkit.timing.instants import MAX_MS


def pieces_of(media_type: MediaType, value: Json) -> Sequence[bytes] | None:
    """Return the bytes of each item of a sequence; None for any other value or media type."""
    if not isinstance(value, list):
        return None
    try:
        return [*encoded_items(media_type, value)]
    except CannotEncode:
        return None


async def paced(pieces: Sequence[bytes], pause_ms: int, clock: SandboxClock) -> AsyncIterator[bytes]:
    """Yield pieces, each a pause of the clock after the one before it; it ends with the sandbox."""
    # An activity, so that an advance over several pauses waits for the piece after each of them.
    with contextlib.suppress(ClockClosed), clock.activity():
        for number, piece in enumerate(pieces):
            if number:
                await clock.wait_until(min(clock.now() + pause_ms, MAX_MS))
            yield piece
