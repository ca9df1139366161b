"""Answers leave together where several connections are answered in one turn of the event loop."""

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

import pytest

from eqkit.web.http.outgoing import Outbox, Outgoing

P = ParamSpec("P")


class Transport:
    """A transport that lists what is done with it, in a list that several share."""

    def __init__(self, name: str, done: list[str]) -> None:
        """Begin open."""
        self._name, self._done = name, done
        self.is_lost = False

    def write(self, data: bytes) -> None:
        """List bytes."""
        assert not self.is_lost, "a transport that is closed raises an error"
        self._done.append(f"{self._name}:{data.decode()}")

    def write_eof(self) -> None:
        """List the end of this side."""
        self._done.append(f"{self._name} ends")

    def close(self) -> None:
        """List the end of the connection."""
        self._done.append(f"{self._name} closes")

    def is_closing(self) -> bool:
        """Return whether the connection is lost."""
        return self.is_lost


def in_a_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


class Connections:
    """Three connections of one server."""

    def __init__(self) -> None:
        """Begin before the first answer."""
        self.done: list[str] = []
        self.transports = [Transport(name, self.done) for name in "abc"]
        outbox = Outbox(asyncio.get_running_loop())
        self.a, self.b, self.c = (Outgoing(each, outbox) for each in self.transports)


@in_a_loop
async def test_the_answers_of_a_turn_leave_together_in_their_order() -> None:
    """Nothing is written while requests are still read; then each connection is written to once."""
    all_of = Connections()
    for each, data in ((all_of.a, b"1"), (all_of.b, b"2"), (all_of.a, b"3"), (all_of.c, b"4")):
        each.write_soon(data)
    assert all_of.done == []
    await asyncio.sleep(0)
    assert all_of.done == ["a:13", "b:2", "c:4"]


@in_a_loop
async def test_a_connection_that_is_alone_does_not_wait() -> None:
    """Once one answer has followed another on it, until another connection is answered."""
    all_of = Connections()
    all_of.a.write_soon(b"1")
    await asyncio.sleep(0)
    all_of.a.write_soon(b"2")
    all_of.a.write_soon(b"3")
    assert all_of.done == ["a:1", "a:2", "a:3"]
    all_of.b.write_soon(b"4")
    all_of.a.write_soon(b"5")
    assert all_of.done == ["a:1", "a:2", "a:3"]
    await asyncio.sleep(0)
    assert all_of.done[3:] == ["b:4", "a:5"]


@pytest.mark.parametrize(
    ("act", "done"),
    [
        (lambda outgoing: outgoing.write(b"2"), ["a:1", "a:2"]),
        (Outgoing.end, ["a:1", "a ends"]),
        (Outgoing.close, ["a:1", "a closes"]),
    ],
)
@in_a_loop
async def test_no_byte_is_overtaken(act: Callable[[Outgoing], None], done: list[str]) -> None:
    """Whatever is done at once comes after the answers that waited, which are not sent again."""
    all_of = Connections()
    all_of.a.write_soon(b"1")
    act(all_of.a)
    assert all_of.done == done
    await asyncio.sleep(0)
    assert all_of.done == done


@in_a_loop
async def test_a_lost_connection_keeps_nobody_from_an_answer() -> None:
    """To write to it would be an error, and is left out."""
    all_of = Connections()
    all_of.a.write_soon(b"1")
    all_of.b.write_soon(b"2")
    all_of.transports[0].is_lost = True
    await asyncio.sleep(0)
    assert all_of.done == ["b:2"]
