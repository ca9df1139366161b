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


class _ShortTurns:
    """Threads that give way to the event loop often while any of them is at work.

    The interval is one of the whole process: the first thread shortens it, and the last restores it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads = 0
        self._before_s = 0.0

    def call(self, function: Callable[..., T], *arguments: object) -> T:
        """Call a function in short turns, and return its result."""
        with self._lock:
            if self._threads == 0:
                self._before_s = sys.getswitchinterval()
                sys.setswitchinterval(min(self._before_s, SWITCH_S))
            self._threads += 1
        try:
            return function(*arguments)
        finally:
            with self._lock:
                self._threads -= 1
                if self._threads == 0:
                    sys.setswitchinterval(self._before_s)


_SHORT_TURNS = _ShortTurns()


async def beside(call: Callable[..., T], *arguments: object) -> T:
    """Call a slow function in the thread for such calls, one at a time, and return its result.

    Only work in steps of Python leaves the event loop its share of the time.
    """
    return await asyncio.get_running_loop().run_in_executor(_BESIDE, _SHORT_TURNS.call, call, *arguments)


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
            self._made.set_result(_SHORT_TURNS.call(self._make))
        except BaseException as error:
            self._made.set_exception(error)
