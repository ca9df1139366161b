"""How long a connection waits for its client, with one timer for all of its waits."""

import asyncio
from enum import Enum
from typing import TYPE_CHECKING

from eqkit.web.http.plain_errors import malformed

if TYPE_CHECKING:
    from eqkit.web.http.protocol import Protocol


class Wait(Enum):
    """The kinds of waits of a connection."""

    NOTHING = "nothing of the client"
    REQUEST = "a request"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    SILENCE = "the end of what is read past"
    TAKING = "the client to take what it gets"


class Patience:
    """The time-outs of one connection.

    Most requests come and are answered between two looks of the timer, which is not set anew for them: it
    finds out how long the connection has been idle when it goes off.
    """

    def __init__(self, protocol: "Protocol") -> None:
        """Take the connection; nothing is waited for yet."""
        self._protocol = protocol
        self._loop = protocol.site.loop
        self._wait = Wait.NOTHING
        self._since = 0.0
        self._until = 0.0  # when reading past has to end in any case
        self._unsent = 0
        self._timer: asyncio.TimerHandle | None = None

    def look(self, *, has_moved: bool = False) -> None:
        """Find out the kind of the present wait; `has_moved` tells that the client has sent something."""
        protocol, wait = self._protocol, self._now()
        if wait is not self._wait:
            self._wait, self._since = wait, self._loop.time()
            if wait is Wait.SILENCE:
                self._until = self._since + protocol.site.timeouts.linger_s
            elif wait is Wait.TAKING:
                self._unsent = protocol.transport.get_write_buffer_size()
        elif has_moved and wait in (Wait.BODY, Wait.SILENCE):
            self._since = self._loop.time()
        if wait is Wait.NOTHING:
            return
        due = self._due()
        if self._timer is None or due < self._timer.when():
            self.end()
            self._timer = self._loop.call_at(due, self._look_again)

    def be_idle(self) -> None:
        """Wait for the next request from now on, as `look` would decide after an ordinary one."""
        if self._wait is Wait.REQUEST and not self._protocol.is_write_paused:
            self._since = self._loop.time()
        else:
            self.look()

    def end(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _now(self) -> Wait:
        protocol = self._protocol
        if protocol.is_write_paused or protocol.transport.is_closing():
            return Wait.TAKING
        if protocol.is_lingering:
            return Wait.SILENCE
        request = protocol.reader.newest
        is_half = request is not None and request.more_body
        if protocol.answering is not None:
            is_awaited = is_half and not (protocol.is_reading_paused or protocol.answering.is_switched)
            return Wait.BODY if is_awaited else Wait.NOTHING
        if is_half:
            return Wait.SILENCE
        return Wait.HEAD if protocol.reader.is_in_head else Wait.REQUEST

    def _due(self) -> float:
        timeouts = self._protocol.site.timeouts
        if self._wait is Wait.REQUEST:
            return self._since + timeouts.idle_s
        if self._wait is Wait.HEAD:
            return self._since + timeouts.head_s
        if self._wait is Wait.BODY:
            return self._since + timeouts.body_s
        if self._wait is Wait.TAKING:
            return self._since + timeouts.write_s
        return min(self._since + timeouts.linger_pause_s, self._until)

    def _look_again(self) -> None:
        self._timer = None
        if self._wait is Wait.NOTHING:
            return
        if self._wait is Wait.TAKING:
            unsent = self._protocol.transport.get_write_buffer_size()
            if unsent < self._unsent:
                self._unsent, self._since = unsent, self._loop.time()
        due = self._due()
        if due <= self._loop.time():
            self._give_up()
        else:
            self._timer = self._loop.call_at(due, self._look_again)

    def _give_up(self) -> None:
        protocol, timeouts = self._protocol, self._protocol.site.timeouts
        if self._wait is Wait.HEAD:
            protocol.refuse(malformed(f"The head was not whole after {timeouts.head_s:g} seconds."))
        elif self._wait is Wait.BODY:
            protocol.refuse(
                malformed(f"The body is not whole, and nothing came for {timeouts.body_s:g} seconds.")
            )
        elif self._wait is Wait.TAKING:
            protocol.transport.abort()
        else:
            protocol.close()
