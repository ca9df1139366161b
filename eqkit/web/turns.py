"""Long work in turns: a few milliseconds at a time, first come, first served."""

import asyncio
from time import perf_counter
from typing import TypeVar

from eqkit.timing.slices import Slices

T = TypeVar("T")

SLICE_S = 0.005
"""How long one turn lasts, in real seconds, before the event loop serves the requests since then."""


class _Turns:
    """The lock that goes round on the running event loop, of which a program may have one after the other."""

    loop: asyncio.AbstractEventLoop | None = None
    lock = asyncio.Lock()


def turn() -> asyncio.Lock:
    """Return the lock of the running event loop: its holder takes one turn, and the loop goes on.

    However many long tasks there are, a short one waits for a single turn at most.
    """
    loop = asyncio.get_running_loop()
    if _Turns.loop is not loop:
        _Turns.loop, _Turns.lock = loop, asyncio.Lock()
    return _Turns.lock


async def in_turns(work: Slices[T]) -> T:
    """Carry work out to its end, and return its result; short work is done at once."""
    lock = turn()
    while True:
        async with lock:
            end = perf_counter() + SLICE_S
            try:
                while perf_counter() < end:
                    next(work)
            except StopIteration as stop:
                result: T = stop.value
                return result
        await asyncio.sleep(0)
