"""A proxy between a client and a real service that holds each request and answer against the contract."""

import asyncio
import itertools
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

import httpx

from eqkit.checks.conformance import Conformance
from eqkit.checks.credentials import secret_names
from eqkit.checks.exchanges import Exchange, Headers
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.lines import ContractFile
from eqkit.checks.media_types import is_json
from eqkit.checks.passage import Message, Passage, Receive, Scope, Send, body_of, gone
from eqkit.checks.proxy_journal import LOST, TRUNCATED, Journals
from eqkit.checks.recording import Recording
from eqkit.checks.routes import Routes
from eqkit.sandbox.any_key import AnyKey
from eqkit.sandbox.journal import SENT

logger = logging.getLogger(__name__)
CHECK = "proxy"
VIOLATION = "Contract-Violation"
"""The header that tells of what is wrong, once for each violation."""

LONGEST_TOLD = 500
"""How long the header of a violation may be, in bytes."""

LONGEST_JUDGED_FIRST = 1024 * 1024
"""An answer of a known length up to this one is judged before its first byte leaves, in bytes."""

TIMEOUT_S = 60
UNREACHABLE, NOT_SENT, VIOLATED = "upstream-unreachable", "request-not-sent", "contract-violation"
"""The codes of the 502 that stands in for an answer."""

BROKEN_OFF = "answer-broken-off"
"""The rule of an answer of which the service has not sent all."""

NOT_JUDGED = "not-judged"
"""The rule of an exchange that we fail to judge; it goes through all the same."""

OF_THE_HOP = frozenset(
    b"connection host keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade "
    b"accept-encoding expect".split()
)


class Proxy:
    """The ASGI application; `show` gets each finding when it is made."""

    def __init__(
        self,
        file: ContractFile,
        routes: Routes,
        upstream: str,
        show: Callable[[Finding], None],
        recordings: Sequence[Recording] = (),
        *,
        sandboxes: AnyKey | None = None,
        fails: bool = False,
        keeps_host: bool = False,
    ) -> None:
        """Take the contract with its routes below the address of the service, and that address.

        What is for the contract is written into the journals of `sandboxes`, too; `fails` keeps broken
        answers from the client.
        """
        self.upstream = upstream.rstrip("/")
        self.findings: list[Finding] = []
        self.tested: list[str] = []
        self._routes = routes
        self._conformance = Conformance(file, routes)
        self._show = show
        self._recordings = recordings
        self._secrets = secret_names(file.document)
        self._journals = None if sandboxes is None else Journals(routes.contract, sandboxes)
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
        passage = self._begun(scope)
        try:
            await self._exchange(scope, receive, passage, send)
        finally:
            self._journal(passage, TRUNCATED)
            took_ms = passage.took_ms
            for recording in self._recordings:
                recording.add(passage.whole, took_ms, self._secrets)

    async def _exchange(self, scope: Scope, receive: Receive, passage: Passage, send: Send) -> None:
        assert self._client is not None
        try:
            response = await self._client.send(self._request(scope, receive, passage), stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            told, code = f"{self.upstream} does not answer: {_why(error)}", UNREACHABLE
            if isinstance(error, httpx.LocalProtocolError | httpx.InvalidURL):
                told, code = f"the request cannot be passed on: {error}", NOT_SENT
            self._journal(passage, LOST)
            await _refuse(send, code, [told])
            return
        try:
            passage.exchange = replace(
                passage.exchange,
                request_body=passage.sent.body,
                status=response.status_code,
                response_headers=tuple(response.headers.multi_items()),
            )
            if _is_short_json(response) or passage.exchange.method == "HEAD":
                await self._answer_whole(response, passage, send)
            else:
                await self._answer_in_parts(response, passage, receive, send)
        finally:
            await response.aclose()

    async def _answer_whole(self, response: httpx.Response, passage: Passage, send: Send) -> None:
        """Judge a short answer, and then send it on."""
        try:
            async for part in response.aiter_raw():
                passage.got.add(part)
        except httpx.HTTPError as error:
            self._journal(passage, LOST)
            told = f"{self.upstream} breaks its answer off: {_why(error)}"
            await _refuse(send, UNREACHABLE, [told])
            return
        passage.got.is_whole = True
        self._judge(passage, passage.whole)
        if await self._is_withheld(passage, send):
            return
        self._journal(passage, SENT)
        await send(_start(response, passage.told))
        await send({"type": "http.response.body", "body": passage.got.body or b""})

    async def _answer_in_parts(
        self, response: httpx.Response, passage: Passage, receive: Receive, send: Send
    ) -> None:
        """Send an answer on as it comes: its head is judged first, and all of it before its last part leaves.

        The last part is the one that fills its Content-Length, else the empty one that says that it is over.
        """
        self._judge(passage, passage.exchange)
        if await self._is_withheld(passage, send):
            return
        await send(_start(response, passage.told))
        length, last = _length(response), b""
        leaving = asyncio.ensure_future(gone(receive))
        try:
            async for part in response.aiter_raw():
                passage.got.add(part)
                if leaving.done():
                    return
                if passage.got.length == length:
                    last = part
                else:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        except httpx.HTTPError as error:
            told = f"the answer broke off after {passage.got.length} bytes: {_why(error)}"
            name = passage.exchange.name
            self._tell(passage, [Finding(BROKEN_OFF, f"{name}: {told}", Severity.WARNING)])
            return
        finally:
            leaving.cancel()
        passage.got.is_whole = True
        self._judge(passage, passage.whole)
        if self._fails and passage.errors:
            # Too late for a 502; but without its end, nobody takes the answer for a whole one.
            return
        self._journal(passage, SENT)
        await send({"type": "http.response.body", "body": last})

    async def _is_withheld(self, passage: Passage, send: Send) -> bool:
        """Answer with a 502 in place of what breaks the contract, where that is wanted."""
        if not (self._fails and passage.errors):
            return False
        self._journal(passage, LOST)
        await _refuse(send, VIOLATED, passage.errors)
        return True

    def _judge(self, passage: Passage, exchange: Exchange) -> None:
        """Judge an exchange that is for the contract, and tell what was not told before."""
        if not passage.is_ours:
            return
        if not passage.is_judged:
            passage.is_judged = True
            self.tested.append(exchange.name)
        known = {(finding.rule, finding.message) for finding in passage.told}
        try:
            found = self._conformance.judge(exchange)
        except Exception as error:
            logger.exception("%s cannot be judged", exchange.name)
            told = f"{exchange.name}: it cannot be judged, which is a bug of eqkit: {error!r}"
            found = [Finding(NOT_JUDGED, told, Severity.WARNING)]
        self._tell(passage, [each for each in found if (each.rule, each.message) not in known])

    def _tell(self, passage: Passage, found: Sequence[Finding]) -> None:
        for finding in found:
            self._show(finding)
        passage.told += found
        self.findings += found

    def _begun(self, scope: Scope) -> Passage:
        path = scope.get("raw_path") or scope["path"].encode()
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        target = (path.partition(b"?")[0] + query).decode("latin-1")
        exchange = Exchange(
            name=f"#{next(self._numbers)} {scope['method']} {target.partition('?')[0]}",
            method=scope["method"],
            url=self.upstream + target,
            request_headers=_headers(scope["headers"]),
        )
        route = self._routes.route(exchange)
        return Passage(
            exchange, target, route, route is not None or self._routes.nearest(exchange) is not None
        )

    def _request(self, scope: Scope, receive: Receive, passage: Passage) -> httpx.Request:
        """Return the request to the service, whose body is what still comes from the client."""
        # Blanks around a value are no part of it (RFC 9110 5.5), and not every server takes them off.
        headers = [(name, value.strip()) for name, value in scope["headers"] if name not in OF_THE_HOP]
        headers.append((b"accept-encoding", b"identity"))
        if self._keeps_host:
            headers += [(name, value) for name, value in scope["headers"] if name == b"host"]
        has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        passage.sent.is_whole = not has_body
        # Made without the client, which would add headers of its own.
        exchange, content = passage.exchange, body_of(receive, passage.sent) if has_body else None
        return httpx.Request(exchange.method, exchange.url, headers=headers, content=content)

    def _journal(self, passage: Passage, outcome: str) -> None:
        """Write down what passed, once: before its end leaves, so that who has it can ask for it."""
        if self._journals is not None and passage.is_ours and not passage.is_journaled:
            passage.is_journaled = True
            self._journals.add(passage, outcome)


def _start(response: httpx.Response, told: Sequence[Finding]) -> Message:
    """Return the message that an answer begins with, told of what was found so far."""
    # Where there is no body, its length is that of another answer (RFC 9110 8.6).
    left_out = OF_THE_HOP | {b"content-length"} if response.status_code == 304 else OF_THE_HOP
    kept = [pair for pair in response.headers.raw if pair[0].lower() not in left_out]
    kept += [_header(f"{each.severity}; {each.rule}; {each.message}") for each in told]
    return {"type": "http.response.start", "status": response.status_code, "headers": kept}


def _length(response: httpx.Response) -> int | None:
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None


def _why(error: httpx.HTTPError | httpx.InvalidURL) -> str:
    return str(error) or type(error).__name__


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
    length = _length(response)
    may_wait = is_json(response.headers.get("content-type")) or length == 0
    return length is not None and length <= LONGEST_JUDGED_FIRST and may_wait


def _header(text: str) -> tuple[bytes, bytes]:
    """Return the header of a violation: ASCII, on one line, without control characters, and not too long."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return VIOLATION.lower().encode(), line.encode("ascii", "backslashreplace")[:LONGEST_TOLD]


def _headers(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
