"""A proxy between a client and a real service that holds each request and answer against the contract."""

import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx

from eqkit.checks.conformance import Conformance
from eqkit.checks.exchanges import Exchange, Headers
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.lines import ContractFile
from eqkit.checks.media_types import is_json
from eqkit.checks.recording import Recording
from eqkit.checks.routes import Routes
from eqkit.contract.operations import Contract

CHECK = "proxy"
VIOLATION = "Contract-Violation"
"""The header that tells of what is wrong, once for each violation."""

LONGEST_TOLD = 500
"""How long the header of a violation may be, in bytes."""

LONGEST_KEPT = 16 * 1024 * 1024
"""A longer body goes through and is neither judged nor recorded, in bytes."""

LONGEST_JUDGED_FIRST = 1024 * 1024
"""An answer of a known length up to this one is judged before its first byte leaves, in bytes."""

TIMEOUT_S = 60
OF_THE_HOP = frozenset(
    b"connection host keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade "
    b"accept-encoding expect".split()
)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(slots=True)
class Kept:
    """What went through of a body, as long as it is not too much."""

    parts: list[bytes] = field(default_factory=list)
    length: int = 0

    def add(self, part: bytes) -> bytes:
        """Keep a part, and hand it on."""
        self.length += len(part)
        if self.length <= LONGEST_KEPT:
            self.parts.append(part)
        return part

    @property
    def body(self) -> bytes | None:
        """The whole body, or None for one that was too long."""
        return b"".join(self.parts) if self.length <= LONGEST_KEPT else None


class Proxy:
    """The ASGI application; `show` gets each finding when it is made."""

    def __init__(
        self,
        file: ContractFile,
        upstream: str,
        show: Callable[[Finding], None],
        recordings: Sequence[Recording] = (),
        *,
        fails: bool = False,
        keeps_host: bool = False,
    ) -> None:
        """Take the contract and the address of the service; `fails` makes a 502 of a broken answer."""
        self.upstream = upstream.rstrip("/")
        self.findings: list[Finding] = []
        self.tested: list[str] = []
        self._routes = Routes(Contract(file.document), [self.upstream])
        self._conformance = Conformance(file, self._routes)
        self._show = show
        self._recordings = recordings
        self._fails = fails
        self._keeps_host = keeps_host
        self._numbers = itertools.count(1)
        self._client: httpx.AsyncClient | None = None

    @property
    def run(self) -> Run:
        """What has come of it so far."""
        return Run(CHECK, tested=self.tested, findings=self.findings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and its answer back."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._pass(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        async with httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False) as self._client:
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._client is not None
        started = time.perf_counter()
        exchange = self._asked(scope)
        sent, got = Kept(), Kept()
        # Blanks around a value are no part of it (RFC 9110 5.5), and not every server takes them off.
        headers = [(name, value.strip()) for name, value in scope["headers"] if name not in OF_THE_HOP]
        headers.append((b"accept-encoding", b"identity"))
        if self._keeps_host:
            headers += [(name, value) for name, value in scope["headers"] if name == b"host"]
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        # Made without the client, which would add headers of its own.
        content = _body(receive, sent) if has_body else None
        request = httpx.Request(exchange.method, exchange.url, headers=headers, content=content)
        try:
            response = await self._client.send(request, stream=True)
        except httpx.HTTPError as error:
            told = f"{self.upstream} does not answer: {str(error) or type(error).__name__}"
            code = "upstream-unreachable"
            if isinstance(error, httpx.LocalProtocolError):
                told, code = f"the request cannot be passed on: {error}", "request-not-sent"
            await _refuse(send, code, [told])
            self._record(replace(exchange, request_body=sent.body), started)
            return
        try:
            exchange = replace(
                exchange,
                status=response.status_code,
                response_headers=tuple(response.headers.multi_items()),
            )
            await self._answer(response, exchange, sent, got, send)
        finally:
            await response.aclose()
            whole = replace(exchange, request_body=sent.body, response_body=got.body)
            self._record(whole, started)

    async def _answer(
        self, response: httpx.Response, exchange: Exchange, sent: Kept, got: Kept, send: Send
    ) -> None:
        """Send an answer on: judged first where it is short JSON, else as it comes and judged at its end."""
        parts = response.aiter_raw()
        is_first = _is_short_json(response) or exchange.method == "HEAD"
        if is_first:
            async for part in parts:
                got.add(part)
        # Of a body that is still to come only the head is judged now, and the rest when it is through.
        head = replace(exchange, request_body=sent.body, response_body=got.body if is_first else None)
        told = self._judge(head)
        if self._is_ours(exchange):
            self.tested.append(exchange.name)
        errors = [finding.message for finding in told if finding.severity is Severity.ERROR]
        if errors and self._fails:
            await _refuse(send, "contract-violation", errors)
            return
        kept = [pair for pair in response.headers.raw if pair[0].lower() not in OF_THE_HOP]
        kept += [_header(f"{each.severity}; {each.rule}; {each.message}") for each in told]
        await send({"type": "http.response.start", "status": response.status_code, "headers": kept})
        if is_first:
            await send({"type": "http.response.body", "body": got.body or b""})
            return
        async for part in parts:
            await send({"type": "http.response.body", "body": got.add(part), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        self._judge(replace(head, response_body=got.body), but=told)

    def _judge(self, exchange: Exchange, but: Sequence[Finding] = ()) -> list[Finding]:
        """Judge an exchange that is for the contract, and tell what was not told before."""
        if not self._is_ours(exchange):
            return []
        known = {(finding.rule, finding.message) for finding in but}
        found = [each for each in self._conformance.judge(exchange) if (each.rule, each.message) not in known]
        for finding in found:
            self._show(finding)
        self.findings += found
        return found

    def _is_ours(self, exchange: Exchange) -> bool:
        return self._routes.route(exchange) is not None or self._routes.nearest(exchange) is not None

    def _asked(self, scope: Scope) -> Exchange:
        path = scope.get("raw_path") or scope["path"].encode()
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        target = (path.partition(b"?")[0] + query).decode("latin-1")
        return Exchange(
            name=f"#{next(self._numbers)} {scope['method']} {urlsplit(target).path}",
            method=scope["method"],
            url=self.upstream + target,
            request_headers=_headers(scope["headers"]),
        )

    def _record(self, exchange: Exchange, started: float) -> None:
        for recording in self._recordings:
            recording.add(exchange, (time.perf_counter() - started) * 1000)


async def _body(receive: Receive, kept: Kept) -> AsyncIterator[bytes]:
    """Hand a request's body on as it comes."""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise httpx.ReadError("the client has gone")
        if message.get("body"):
            yield kept.add(message["body"])
        if not message.get("more_body", False):
            return


async def _refuse(send: Send, code: str, told: Sequence[str]) -> None:
    errors = [{"status": "502", "code": code, "title": "Bad gateway", "detail": each} for each in told]
    body = json.dumps({"jsonapi": {"version": "1.1"}, "errors": errors}).encode()
    headers = [
        (b"content-type", b"application/vnd.api+json"),
        (b"content-length", str(len(body)).encode()),
    ]
    headers += [_header(f"error; {code}; {each}") for each in told]
    await send({"type": "http.response.start", "status": 502, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _is_short_json(response: httpx.Response) -> bool:
    length = response.headers.get("content-length", "")
    may_wait = is_json(response.headers.get("content-type")) or length == "0"
    return length.isdecimal() and int(length) <= LONGEST_JUDGED_FIRST and may_wait


def _header(text: str) -> tuple[bytes, bytes]:
    """Return the header of a violation: ASCII, on one line, without control characters, and not too long."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return VIOLATION.lower().encode(), line.encode("ascii", "backslashreplace")[:LONGEST_TOLD]


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
