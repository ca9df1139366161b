"""A coroutine that is begun at once, outside of any task, and becomes one only when it waits."""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any


def begin(coro: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> asyncio.Task[None] | None:
    """Run a coroutine until it ends, or until it waits for the first time; return the task that goes on then.

    Until it waits, it runs in no task; a call that needs one, such as `asyncio.timeout`, has to come later.
    """
    try:
        awaited = coro.send(None)
    except StopIteration:
        return None
    return loop.create_task(_going_on(coro, awaited))


async def _going_on(begun: Coroutine[Any, Any, None], awaited: Any) -> None:
    await _rest(begun, awaited)


@coroutine
def _rest(begun: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    """Hand the coroutine's awaitables to the task, and their results back to the coroutine."""
    try:
        while True:
            try:
                value = yield awaited
            except BaseException as error:
                awaited = begun.throw(error)
            else:
                awaited = begun.send(value)
    except StopIteration:
        return
