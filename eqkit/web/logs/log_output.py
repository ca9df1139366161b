"""Standard error and output of the server: a reader that stops loses lines and delays no request."""

import asyncio
import contextlib
import io
import os
import select
from typing import TextIO

PIECE = 4_096
"""The bytes that a pipe takes without blocking once it reports room (POSIX: PIPE_BUF is 4,096 on Linux)."""

BACKLOG_BYTES = 262_144
"""The bytes of lines that wait for a reader; later lines are counted instead of kept."""

RETRY_S = 0.1
"""The pause before the next attempt, in real seconds, while the reader has stopped."""


class LogOutput:
    """Whole lines, written at once where there is room for them and later if there is none.

    A full pipe or a terminal that was stopped (Ctrl-S) would block a plain write, and with it every request.
    """

    def __init__(self, stream: TextIO | None) -> None:
        """Write to `stream`, by its file descriptor where it has one, and nowhere if it was closed."""
        self._stream = stream or io.StringIO()
        self._encoding = self._stream.encoding or "utf-8"
        self._backlog = bytearray()
        self._lost = 0
        self._is_retrying = False
        self._poll: select.poll | None = None
        # Windows has no poll; there, and for a stream without a descriptor, a plain write has to do.
        with contextlib.suppress(OSError, AttributeError):
            self._descriptor = self._stream.fileno()
            self._poll = select.poll()
            self._poll.register(self._descriptor, select.POLLOUT)

    def write(self, text: str) -> None:
        """Write `text`, which ends with a line end; a character that the encoding lacks is escaped."""
        data = text.encode(self._encoding, "backslashreplace")
        if self._poll is None:
            with contextlib.suppress(OSError, ValueError):  # closed, or full: there is nobody to tell
                self._stream.write(data.decode(self._encoding))
                self._stream.flush()
            return
        if len(self._backlog) + len(data) > BACKLOG_BYTES:
            self._lost += data.count(b"\n")
            return
        self._backlog += data
        if not self._is_retrying:
            self._drain()

    def _drain(self) -> None:
        """Write the backlog for as long as there is room, and come again if some of it is left."""
        assert self._poll is not None
        self._is_retrying = False
        while self._backlog:
            ready = self._poll.poll(0)
            if not ready:
                self._retry_later()
                return
            try:
                written = os.write(self._descriptor, self._backlog[:PIECE])
            except BlockingIOError:
                self._retry_later()
                return
            except OSError:  # the reader is gone, or the disk is full: there is nobody to tell
                self._backlog.clear()
                return
            del self._backlog[:written]
            if self._lost and not self._backlog:
                note, self._lost = f"{self._lost} log lines were lost: nobody has read them.\n", 0
                self._backlog += note.encode(self._encoding)

    def _retry_later(self) -> None:
        with contextlib.suppress(RuntimeError):  # before the event loop runs, and after it: nothing waits
            asyncio.get_running_loop().call_later(RETRY_S, self._drain)
            self._is_retrying = True
