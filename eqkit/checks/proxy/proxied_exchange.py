"""One request on its way through the proxy, and the parts of it that are kept."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

from eqkit.checks.findings import Finding, Severity
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Route

LONGEST_KEPT = 16 * 1024 * 1024
"""A longer body goes through and is neither validated nor recorded, in bytes."""

REST_S = 0.05
"""How long an early answer waits for the rest of its request, in seconds."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Gone(Exception):
    """The client has gone before it has sent its whole request."""


@dataclass(slots=True)
class CapturedBody:
    """The bytes of a body that went through, up to a limit."""

    parts: list[bytes] = field(default_factory=list)
    length: int = 0
    is_whole: bool = False

    def add(self, part: bytes) -> bytes:
        """Keep a part, and hand it on."""
        self.length += len(part)
        if self.length <= LONGEST_KEPT:
            self.parts.append(part)
        return part

    @property
    def body(self) -> bytes | None:
        """The whole body, or None for one that was too long, or has not come to its end."""
        return b"".join(self.parts) if self.is_whole and self.length <= LONGEST_KEPT else None


@dataclass(slots=True)
class ProxiedExchange:
    """One request on its way, with the parts of both bodies so far and the findings."""

    exchange: RecordedExchange
    target: str
    route: Route | None
    began_s: float = field(default_factory=time.perf_counter)
    sent: CapturedBody = field(default_factory=CapturedBody)
    got: CapturedBody = field(default_factory=CapturedBody)
    findings: list[Finding] = field(default_factory=list)
    is_validated: bool = False
    is_journaled: bool = False

    @property
    def whole(self) -> RecordedExchange:
        """The exchange with all that went through of its bodies."""
        answered = self.got.body if self.exchange.status else None
        return replace(self.exchange, request_body=self.sent.body, response_body=answered)

    @property
    def took_ms(self) -> float:
        """How long it has taken so far, in milliseconds."""
        return (time.perf_counter() - self.began_s) * 1000

    @property
    def errors(self) -> list[str]:
        """The violations of the contract."""
        return [finding.message for finding in self.findings if finding.severity is Severity.ERROR]


async def body_of(receive: Receive, captured: CapturedBody) -> AsyncGenerator[bytes, None]:
    """Hand a request's body on as it comes."""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Gone
        part = captured.add(message.get("body", b""))
        # Captured before it is sent: a service may refuse it, and the client has asked for it all the same.
        captured.is_whole = not message.get("more_body", False)
        if part:
            yield part
        if captured.is_whole:
            return


async def gone(receive: Receive, sender: "asyncio.Task[None] | None") -> None:
    """Wait until the client has gone, once the body of its request is sent."""
    if sender is not None:
        await sender
    while (await receive())["type"] != "http.disconnect":
        pass


async def until(leaving: "asyncio.Task[None]", parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the parts of an answer until its client has gone."""
    while not leaving.done():
        part = asyncio.ensure_future(anext(parts, None))
        try:
            await asyncio.wait((part, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not part.done():
                part.cancel()
        if not part.done() or part.cancelled() or (found := part.result()) is None:
            return
        yield found
