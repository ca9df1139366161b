"""The bounds of one connection: bytes of a head, and seconds of silence (docs/reference/limits.md)."""

from dataclasses import dataclass

MAX_HEAD = 65_536
"""Longest request line and headers together, and longest trailer section, in bytes."""

MAX_BUFFERED = 65_536
"""How much of a body is held before the application reads it, in bytes; no more is read until then."""

IDLE_S = 75
"""How long a connection is kept open without a request, in seconds: before the first one, and between two."""

HEAD_S = 60
"""How long a client may take to send a whole head, counted from its first byte, in seconds."""

BODY_S = 60
"""How long a client may send nothing in the middle of a body, in seconds."""

WRITE_S = 60
"""How long a client may take nothing of an answer that waits to be sent, in seconds."""

LINGER_S = 30
"""How long bytes of a client are read and dropped after the last answer, in seconds."""

LINGER_PAUSE_S = 5
"""How long a client may send nothing in that time, in seconds."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """The seconds above as one value, which tests make shorter."""

    idle_s: float = IDLE_S
    head_s: float = HEAD_S
    body_s: float = BODY_S
    write_s: float = WRITE_S
    linger_s: float = LINGER_S
    linger_pause_s: float = LINGER_PAUSE_S
