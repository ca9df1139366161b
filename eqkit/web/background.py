"""A value that takes long to make: it is made in a thread, while the event loop goes on."""

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")

SWITCH_S = 0.001
"""How long the thread may keep the interpreter for itself while the event loop has something to do."""


_BESIDE = ThreadPoolExecutor(1, "beside")


async def beside(call: Callable[..., T], *arguments: object) -> T:
    """Call a slow function in the thread for such calls, one at a time, and return its result.

    Only work in steps of Python leaves the event loop its share of the time.
    """
    return await asyncio.get_running_loop().run_in_executor(_BESIDE, _in_turns, call, *arguments)


def _in_turns(call: Callable[..., T], *arguments: object) -> T:
    """Call a function in a thread that gives way to the event loop often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_S))
    try:
        return call(*arguments)
    finally:
        sys.setswitchinterval(before)


class Background(Generic[T]):
    """A value that is made once, in a thread, from when it is begun or first asked for.

    It belongs to no event loop: any running one may wait for it.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        """Take the maker of the value; it must not touch data of the event loop."""
        self._make = make
        self._made: Future[T] = Future()
        self._begun = threading.Lock()

    def begin(self) -> None:
        """Begin to make it, unless that has begun already."""
        if self._begun.acquire(blocking=False):
            # A server that ends before it is made does not wait for it.
            threading.Thread(target=self._work, name="background", daemon=True).start()

    async def get(self) -> T:
        """Return it once it is made; raises the exception of its maker."""
        self.begin()
        if self._made.done():
            return self._made.result()
        return await asyncio.shield(asyncio.wrap_future(self._made))

    def _work(self) -> None:
        try:
            self._made.set_result(_in_turns(self._make))
        except BaseException as error:
            self._made.set_exception(error)
