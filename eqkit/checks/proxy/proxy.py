"""A proxy between a client and a real service that holds each request and answer against the contract."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from eqkit.checks.findings import KEPT_FINDINGS, KEPT_TESTED, Finding, Run, Severity
from eqkit.checks.proxy.journal import LOST, TRUNCATED, Journals, StoredBy, nothing_stored
from eqkit.checks.proxy.proxied_exchange import (
    Gone,
    ProxiedExchange,
    Receive,
    Scope,
    Send,
    body_of,
    gone,
    until,
)
from eqkit.checks.proxy.response_heads import is_short_json, length_of, start_of, texts
from eqkit.checks.proxy.targets import Base, Misdirected
from eqkit.checks.proxy.tunnel import carry, upgrade_of
from eqkit.checks.proxy.upstream import (
    SWITCHING,
    NotSent,
    Question,
    Upstream,
    UpstreamError,
    UpstreamResponse,
    of_the_way,
)
from eqkit.checks.proxy.validation_apart import Validators
from eqkit.checks.proxy.violations import refuse
from eqkit.contract.credentials import secret_names
from eqkit.contract.loading.source_map import ContractFile
from eqkit.sandbox.journal.entries import SENT
from eqkit.sandbox.proxy_sandboxes import ProxySandboxes
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.recording import Recording
from eqkit.traffic.routes import Routes, is_plumbing

CHECK = "proxy"

UNREACHABLE, NOT_SENT, VIOLATED = "upstream-unreachable", "request-not-sent", "contract-violation"
"""The codes of the 502 that stands in for an answer."""

BROKEN_OFF = "answer-broken-off"
"""The rule of an answer of which the service has not sent all."""

OVERRUN = "answer-overrun"
"""The rule of an answer that bytes follow which belong to none."""
REST_S = 0.05
"""How long an early answer waits for the rest of its request, in seconds."""

INCOMPLETE = "recording-incomplete"
"""The rule of a recording that lacks an exchange for want of room, reported once."""


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
        sandboxes: ProxySandboxes | None = None,
        stored_by: StoredBy = nothing_stored,
        fails: bool = False,
        keeps_host: bool = False,
    ) -> None:
        """Take the contract with its routes below the address of the service, and that address.

        The traffic goes into the journals of `sandboxes`, too; `fails` keeps broken answers from the client.
        """
        self.base = Base(upstream)
        self._tested, self._more_tested = list[str](), 0
        self._more_findings = Counter[Severity]()
        self._routes = routes
        self._validators = Validators(file, routes)
        self._show = show
        self._recordings = recordings
        self._secrets = secret_names(file.document)
        self._journals = None if sandboxes is None else Journals(routes.contract, sandboxes, stored_by)
        self._fails = fails
        self._keeps_host = keeps_host
        self._numbers = itertools.count(1)
        self._upstream = Upstream(self.base)
        self._writer = ThreadPoolExecutor(1, "recording")
        self._findings = self._validators.left_out()
        for finding in self._findings:
            show(finding)

    @property
    def run(self) -> Run:
        """The check so far."""
        return Run(
            CHECK, tested=self._tested, findings=self._findings,
            more_tested=self._more_tested, more_findings=self._more_findings,
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and its answer back."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._pass(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._upstream.close()
        self._validators.close()
        self._writer.shutdown()
        await send({"type": "lifespan.shutdown.complete"})

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)  # which puts us into a task: timeouts need one
        try:
            proxied = self._begun(scope)
        except Misdirected as error:
            await refuse(send, NOT_SENT, [f"the request cannot be passed on: {error}"])
            return
        try:
            await self._exchange(scope, receive, proxied, send)
        finally:
            self._journal(proxied, TRUNCATED)
            if self._recordings:
                whole, took_ms = proxied.whole, proxied.took_ms
                self._loop = asyncio.get_running_loop()
                await self._loop.run_in_executor(self._writer, self._record, whole, took_ms)

    def _record(self, exchange: RecordedExchange, took_ms: float) -> None:
        for recording in self._recordings:
            was_whole = recording.missing is None
            recording.add(exchange, took_ms, self._secrets)
            if was_whole and recording.missing is not None:
                self._loop.call_soon_threadsafe(self._show, Finding(INCOMPLETE, recording.missing))

    async def _exchange(self, scope: Scope, receive: Receive, proxied: ProxiedExchange, send: Send) -> None:
        try:
            answer = await self._upstream.ask(self._question(scope, receive, proxied))
        except (NotSent, UpstreamError) as error:
            message, code = f"{self.base.url} does not answer: {error}", UNREACHABLE
            if isinstance(error, NotSent):
                message, code = f"the request cannot be passed on: {error}", NOT_SENT
            self._journal(proxied, LOST)
            await refuse(send, code, [message])
            return
        except Gone:
            self._journal(proxied, LOST)
            return
        if answer.status == SWITCHING:
            await self._switch(answer, receive, proxied, send)
            return
        leaving = asyncio.ensure_future(gone(receive, answer.sender))
        if answer.sender is not None and not proxied.sent.is_whole:
            # A short body is on its way already; wait for it, to validate and record it.
            await asyncio.wait({answer.sender}, timeout=REST_S)
        try:
            proxied.exchange = replace(
                proxied.exchange,
                request_body=proxied.sent.body,
                status=answer.status,
                response_headers=texts(answer.headers),
            )
            if is_short_json(answer) or not answer.has_body:
                await self._answer_whole(answer, proxied, send)
            else:
                await self._answer_in_parts(answer, proxied, leaving, send)
        finally:
            if not leaving.cancel():
                leaving.exception()
            answer.close()

    async def _switch(
        self, answer: UpstreamResponse, receive: Receive, proxied: ProxiedExchange, send: Send
    ) -> None:
        """Pass another protocol on between client and service: a contract of HTTP says nothing about it."""
        proxied.exchange = replace(proxied.exchange, status=answer.status)
        self._journal(proxied, SENT)
        try:
            await carry(answer, receive, send)
        finally:
            answer.close()

    async def _answer_whole(self, answer: UpstreamResponse, proxied: ProxiedExchange, send: Send) -> None:
        """Validate a short answer, and then send it on."""
        try:
            async for part in answer.parts():
                proxied.got.add(part)
        except UpstreamError as error:
            self._journal(proxied, LOST)
            await refuse(send, UNREACHABLE, [f"{self.base.url} breaks its answer off: {error}"])
            return
        proxied.got.is_whole = True
        if answer.rest:
            self._overrun(proxied, len(answer.rest))
        await self._validate(proxied, proxied.whole)
        if await self._is_withheld(proxied, send):
            return
        self._journal(proxied, SENT)
        await send(start_of(answer, proxied.findings))
        await send({"type": "http.response.body", "body": proxied.got.body or b""})

    async def _answer_in_parts(
        self, answer: UpstreamResponse, proxied: ProxiedExchange, leaving: "asyncio.Task[None]", send: Send
    ) -> None:
        """Send an answer on as it comes: its head is validated first, the whole before its last part leaves.

        The last part is the one that fills its Content-Length, else the empty one that says that it is over.
        """
        await self._validate(proxied, proxied.exchange)
        if await self._is_withheld(proxied, send):
            return
        await send(start_of(answer, proxied.findings))
        length, last = length_of(answer), b""
        try:
            async for part in until(leaving, answer.parts()):
                proxied.got.add(part)
                if proxied.got.length == length:
                    last = part
                else:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        except UpstreamError as error:
            message = f"the answer broke off after {proxied.got.length} bytes: {error}"
            name = proxied.exchange.name
            self._report(proxied, [Finding(BROKEN_OFF, f"{name}: {message}", Severity.WARNING)])
            return
        if leaving.done():
            return
        proxied.got.is_whole = True
        if answer.rest:
            self._overrun(proxied, len(answer.rest))
        await self._validate(proxied, proxied.whole)
        if self._fails and proxied.errors:
            # Too late for a 502; but without its end, nobody takes the answer for a whole one.
            return
        self._journal(proxied, SENT)
        await send({"type": "http.response.body", "body": last})

    async def _is_withheld(self, proxied: ProxiedExchange, send: Send) -> bool:
        """Answer with a 502 in place of an answer that breaks the contract, if the settings say so."""
        if not (self._fails and proxied.errors):
            return False
        self._journal(proxied, LOST)
        await refuse(send, VIOLATED, proxied.errors)
        return True

    async def _validate(self, proxied: ProxiedExchange, exchange: RecordedExchange) -> None:
        """Validate an exchange and report its new findings; HTTP's own traffic (a preflight) is left out."""
        if is_plumbing(exchange):
            return
        if not proxied.is_validated:
            proxied.is_validated = True
            if len(self._tested) < KEPT_TESTED:
                self._tested.append(exchange.name)
            else:
                self._more_tested += 1
        found = await self._validators.validate(exchange)
        known = {(finding.rule, finding.message) for finding in proxied.findings}
        self._report(proxied, [each for each in found if (each.rule, each.message) not in known])

    def _overrun(self, proxied: ProxiedExchange, length: int) -> None:
        """Report bytes behind an answer, once: the connection's next client takes them for its answer."""
        exchange = proxied.exchange
        if any(finding.rule == OVERRUN for finding in proxied.findings):
            return
        has_none = exchange.method == "HEAD" or exchange.status in (204, 304)
        why = "which must not have any body" if has_none else "which has ended before"
        message = f"{exchange.name}: {length} bytes follow the answer of {exchange.status}, {why}"
        advice = (
            "The connection was closed; a client that keeps it reads them as the answer to its next request."
        )
        self._report(proxied, [Finding(OVERRUN, message, advice=advice)])

    def _report(self, proxied: ProxiedExchange, found: Sequence[Finding]) -> None:
        for finding in found:
            self._show(finding)
        proxied.findings += found
        room = KEPT_FINDINGS - len(self._findings)
        self._findings += found[:room]
        self._more_findings.update(finding.severity for finding in found[room:])

    def _begun(self, scope: Scope) -> ProxiedExchange:
        """Begin with a request; raises Misdirected if it is meant for another server."""
        target = self.base.target(scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        exchange = RecordedExchange(
            name=f"#{next(self._numbers)} {scope['method']} {target.partition('?')[0]}",
            method=scope["method"],
            url=self.base.origin + target,
            request_headers=texts(scope["headers"]),
            has_all_headers=True,
        )
        return ProxiedExchange(exchange, target, self._routes.route(exchange))

    def _question(self, scope: Scope, receive: Receive, proxied: ProxiedExchange) -> Question:
        """Return the request to the service, whose body streams from the client."""
        given = [(name.lower(), value) for name, value in scope["headers"]]
        headers = [(name, value.strip()) for name, value in of_the_way(given)]
        hosts = [value for name, value in given if name == b"host"][:1] if self._keeps_host else []
        headers.insert(0, (b"host", *hosts) if hosts else (b"host", self.base.authority.encode()))
        headers += [(b"accept-encoding", b"identity"), *upgrade_of(proxied.exchange.method, given)]
        body = None
        framing = dict(line for line in given if line[0] in (b"transfer-encoding", b"content-length"))
        proxied.sent.is_whole = not framing
        if framing:
            # Of both, the length is the one that does not count (RFC 9112 6.1).
            is_chunked = b"transfer-encoding" in framing
            headers.append((b"transfer-encoding", b"chunked") if is_chunked else framing.popitem())
            body = body_of(receive, proxied.sent)
        exchange = proxied.exchange
        return Question(
            exchange.method, proxied.target, headers, body, lambda length: self._overrun(proxied, length)
        )

    def _journal(self, proxied: ProxiedExchange, outcome: str) -> None:
        """Record the exchange, once, before its end leaves: then the client can ask the journal for it."""
        if self._journals is not None and not proxied.is_journaled:
            proxied.is_journaled = True
            self._journals.add(proxied, outcome)
