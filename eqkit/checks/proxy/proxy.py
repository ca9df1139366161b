"""A proxy between a client and a real service that holds each request and answer against the contract."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.proxy.journal import LOST, TRUNCATED, Journals, StoredBy, nothing_stored
from eqkit.checks.proxy.proxied_exchange import (
    REST_S,
    Gone,
    ProxiedExchange,
    Receive,
    Scope,
    Send,
    body_of,
    gone,
    until,
)
from eqkit.checks.proxy.proxy_run import ProxyRun
from eqkit.checks.proxy.request_heads import head_of
from eqkit.checks.proxy.response_heads import is_short_json, length_of, start_of, texts
from eqkit.checks.proxy.stand_in import App, StandIn, took_over
from eqkit.checks.proxy.targets import Base, Misdirected
from eqkit.checks.proxy.tunnel import carry
from eqkit.checks.proxy.upstream import (
    SWITCHING,
    NotSent,
    Question,
    Upstream,
    UpstreamError,
    UpstreamResponse,
)
from eqkit.checks.proxy.validation_apart import Validators
from eqkit.checks.proxy.violations import OVERRUN, overrun, refuse
from eqkit.contract.credentials import secret_names
from eqkit.contract.loading.source_map import ContractFile
from eqkit.sandbox.journal.entries import SENT
from eqkit.sandbox.proxy_sandboxes import ProxySandboxes
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.recording import Recording
from eqkit.traffic.routes import Routes, is_plumbing

UNREACHABLE, NOT_SENT, VIOLATED = "upstream-unreachable", "request-not-sent", "contract-violation"
"""The codes of the 502 that stands in for an answer."""

BROKEN_OFF = "answer-broken-off"
"""The rule of an answer of which the service has not sent all."""

MOCKED = "operation-mocked"
"""The rule of an operation that the service lacks, reported once for each."""

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
        mock: App | None = None,
        mocks_documented: bool = False,
    ) -> None:
        """Take the contract with its routes below the address of the service, and that address.

        The traffic goes into the journals of `sandboxes`, too; `fails` keeps broken answers from the client.
        A `mock` of the contract answers for a service that lacks an operation, as `StandIn` has it.
        """
        self.base = Base(upstream)
        self._routes = routes
        self._validators = Validators(file, routes)
        self._recordings = recordings
        self._secrets = secret_names(file.document)
        self._journals = None if sandboxes is None else Journals(routes.contract, sandboxes, stored_by)
        self._fails = fails
        self._keeps_host = keeps_host
        self._numbers = itertools.count(1)
        self._upstream = Upstream(self.base)
        self._stand_in: StandIn | None = None
        if mock is not None:
            self._stand_in = StandIn(
                mock, routes.contract, self.base, self._validators, also_documented=mocks_documented
            )
        self._mocked = set[str]()
        self._writer = ThreadPoolExecutor(1, "recording")
        self._run = ProxyRun(show)
        self._run.find(self._validators.left_out())

    @property
    def run(self) -> Run:
        """The check so far."""
        return self._run.run

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
                self._loop.call_soon_threadsafe(self._run.show, Finding(INCOMPLETE, recording.missing))

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
        proxied.exchange = replace(
            proxied.exchange, status=answer.status, response_headers=texts(answer.headers)
        )
        try:
            if not await self._is_mocked(answer, scope, receive, proxied, send):
                await self._answer(answer, receive, proxied, send)
        finally:
            answer.close()

    async def _answer(
        self, answer: UpstreamResponse, receive: Receive, proxied: ProxiedExchange, send: Send
    ) -> None:
        """Pass the answer of the service on."""
        leaving = asyncio.ensure_future(gone(receive, answer.sender))
        try:
            if answer.sender is not None and not proxied.sent.is_whole:
                # A short body is on its way already; wait for it, to validate and record it.
                await asyncio.wait({answer.sender}, timeout=REST_S)
            proxied.exchange = replace(proxied.exchange, request_body=proxied.sent.body)
            if is_short_json(answer) or not answer.has_body:
                await self._answer_whole(answer, proxied, send)
            else:
                await self._answer_in_parts(answer, proxied, leaving, send)
        finally:
            if not leaving.cancel():
                leaving.exception()

    async def _is_mocked(
        self, answer: UpstreamResponse, scope: Scope, receive: Receive, proxied: ProxiedExchange, send: Send
    ) -> bool:
        """Have the mock answer if the service lacks the operation, and tell whether that was so.

        Of such an exchange the request is validated alone: its answer is none of the service.
        """
        operation = None if self._stand_in is None else await self._stand_in.operation(answer, proxied)
        if self._stand_in is None or operation is None:
            return False
        try:
            if not await took_over(answer, receive, proxied.sent):
                return False
        except Gone:
            self._journal(proxied, LOST)
            return True
        exchange = proxied.exchange = replace(proxied.exchange, request_body=proxied.sent.body)
        if not is_plumbing(exchange):
            request = replace(exchange, status=0, response_headers=())
            self._report(proxied, await self._validators.validate(request))
        if operation.id not in self._mocked:
            self._mocked.add(operation.id)
            message = f"{exchange.name}: the service answered {answer.status}, so the mock answers for it"
            self._run.find([Finding(MOCKED, message, Severity.NOTE)])
        await self._stand_in.answer(scope, receive, proxied, send, partial(self._journal, proxied))
        return True

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
            self._run.test(exchange.name)
        found = await self._validators.validate(exchange)
        known = {(finding.rule, finding.message) for finding in proxied.findings}
        self._report(proxied, [each for each in found if (each.rule, each.message) not in known])

    def _overrun(self, proxied: ProxiedExchange, length: int) -> None:
        """Report bytes behind an answer, once: the connection's next client takes them for its answer."""
        if all(finding.rule != OVERRUN for finding in proxied.findings):
            self._report(proxied, [overrun(proxied.exchange, length)])

    def _report(self, proxied: ProxiedExchange, found: Sequence[Finding]) -> None:
        proxied.findings += found
        self._run.find(found)

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
        headers, has_body = head_of(
            proxied.exchange.method, scope["headers"], self.base, keeps_host=self._keeps_host
        )
        proxied.sent.is_whole = not has_body
        body = body_of(receive, proxied.sent) if has_body else None
        exchange = proxied.exchange
        return Question(
            exchange.method, proxied.target, headers, body, lambda length: self._overrun(proxied, length)
        )

    def _journal(self, proxied: ProxiedExchange, outcome: str) -> None:
        """Record the exchange, once, before its end leaves: then the client can ask the journal for it."""
        if self._journals is not None and not proxied.is_journaled:
            proxied.is_journaled = True
            self._journals.add(proxied, outcome)
