"""The mock that stands in for a service that lacks an operation of the contract."""

import asyncio
import contextlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import unquote

from eqkit.checks.findings import Severity
from eqkit.checks.proxy.journal import LOST
from eqkit.checks.proxy.proxied_exchange import (
    LONGEST_KEPT,
    REST_S,
    CapturedBody,
    Message,
    ProxiedExchange,
    Receive,
    Scope,
    Send,
    body_of,
)
from eqkit.checks.proxy.response_heads import LONGEST_VALIDATED_FIRST, texts
from eqkit.checks.proxy.targets import Base
from eqkit.checks.proxy.tunnel import upgrade_of
from eqkit.checks.proxy.upstream import UpstreamError, UpstreamResponse, of_the_way
from eqkit.checks.proxy.validation_apart import Validators
from eqkit.checks.proxy.violations import headers_of, refuse
from eqkit.contract.credentials import key_header
from eqkit.contract.operations import Contract, Operation
from eqkit.sandbox.journal.entries import SENT
from eqkit.traffic.har import MOCKED

App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADER = "Contract-Mocked"
"""The header of an answer that the mock has made: its value is the status of the service's."""

BY_MOCK = (("mock-missing", MOCKED),)
"""The name and kind of such an answer among the faults of an exchange: nobody takes it for the service's."""

FAILED = "mock-failed"
"""The code of the 502 in place of an answer that the mock did not make."""

NOT_IMPLEMENTED = 501
MISSING = (404, 405, NOT_IMPLEMENTED)
"""The statuses of a service that has not got an operation, or not its method."""

READ_AHEAD_S = 5
"""How long an answer may take that is read before it is known whether the mock answers, in seconds."""

_OF_SCOPES = ("type", "asgi", "http_version", "method", "scheme", "client", "server")
_MARK, _SANDBOX = HEADER.lower().encode(), b"eqkit-sandbox"


class StandIn:
    """Decides whether the mock answers in place of the service, and has it answer."""

    def __init__(
        self, mock: App, contract: Contract, base: Base, validators: Validators, *, also_documented: bool
    ) -> None:
        """Take the mock as an ASGI application, the contract, and the address that its paths are below.

        With `also_documented`, it stands in for answers that the contract documents, too.
        """
        self._mock = mock
        self._document = contract.document
        self._base = base
        self._validators = validators
        self._also_documented = also_documented
        self._secret = secrets.token_bytes(32)

    async def operation(self, answer: UpstreamResponse, proxied: ProxiedExchange) -> Operation | None:
        """Return the operation that the service lacks by its answer; None for an answer that is to pass.

        A 404 or 405 passes if it is as the contract documents it: then a resource is missing, and not the
        operation. A page has to get its permissions before it may ask for the operation (Fetch, 4.8).
        """
        exchange, route = proxied.exchange, proxied.route
        if answer.status not in MISSING or route is None or proxied.sent.length > LONGEST_KEPT:
            return None
        if upgrade_of(
            exchange.method, [(name.encode(), value.encode()) for name, value in exchange.request_headers]
        ):
            return None
        wanted = exchange.request_header("access-control-request-method")
        is_preflight = exchange.method == "OPTIONS" and wanted is not None
        method = wanted if is_preflight and wanted is not None else exchange.method
        operation = route.operations.get("GET" if method == "HEAD" else method)
        if operation is None or is_preflight or self._also_documented or answer.status == NOT_IMPLEMENTED:
            return operation
        return None if await self._is_documented(operation, answer, proxied) else operation

    async def _is_documented(
        self, operation: Operation, answer: UpstreamResponse, proxied: ProxiedExchange
    ) -> bool:
        """Return whether an answer is as the contract documents it, but for its headers."""
        if operation.answer(answer.status) is None:
            return False
        body = await _whole(answer) if answer.has_body else None
        exchange = replace(proxied.exchange, method=operation.method, request_body=None, response_body=body)
        return not any(
            each.severity is Severity.ERROR
            and each.rule.startswith("response-")
            and each.rule != "response-header"
            for each in await self._validators.validate(exchange)
        )

    async def answer(
        self,
        scope: Scope,
        receive: Receive,
        proxied: ProxiedExchange,
        send: Send,
        journal: Callable[[str], None],
    ) -> None:
        """Have the mock answer a request whose body was read; `journal` gets the outcome before its end."""
        status, unread = b"%d" % proxied.exchange.status, [proxied.sent.body or b""]
        has_begun = False

        async def received() -> Message:
            if unread:
                return {"type": "http.request", "body": unread.pop(), "more_body": False}
            return await receive()

        async def sent(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                exposed = (b"access-control-expose-headers", HEADER.encode())
                headers = [*message["headers"], (_MARK, status), exposed]
                proxied.exchange = replace(
                    proxied.exchange, status=message["status"], response_headers=texts(headers), armed=BY_MOCK
                )
                message = {**message, "headers": headers + headers_of(proxied.findings)}
            else:
                proxied.got.add(message.get("body", b""))
                proxied.got.is_whole = not message.get("more_body", False)
                if proxied.got.is_whole:
                    journal(SENT)
            await send(message)

        try:
            await self._mock(self._scope(scope, proxied), received, sent)
        except ConnectionError as error:  # of a fault of the wire that Prefer has asked for
            if not has_begun:
                journal(LOST)
                await refuse(send, FAILED, [f"the mock has no answer: {error}"])

    def _scope(self, scope: Scope, proxied: ProxiedExchange) -> Scope:
        """Return the request as it is for a mock that has the contract's paths at its root.

        Its sandbox has a name that nobody can make a key of, as the journal has.
        """
        path, _, query = proxied.target[len(self._base.path) :].partition("?")
        given = [(name.lower(), value) for name, value in scope["headers"]]
        headers = [*((b"host", value) for name, value in given if name == b"host"), *of_the_way(given)]
        if proxied.sent.body:
            headers.append((b"content-length", b"%d" % len(proxied.sent.body)))
        if all(name != _SANDBOX for name, _ in headers):
            exchange, route = proxied.exchange, proxied.route
            operation = None if route is None else route.operations.get(exchange.method)
            key = exchange.request_header(key_header(self._document, operation)) or ""
            headers.append((_SANDBOX, hmac.new(self._secret, key.encode(), "sha256").hexdigest().encode()))
        return {name: scope[name] for name in _OF_SCOPES if name in scope} | {
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
        }


async def took_over(answer: UpstreamResponse, receive: Receive, sent: CapturedBody) -> bool:
    """Read the rest of a request that the service has answered; tell whether all of it could be kept.

    Raises Gone if the client does not send it.
    """
    sender, answer.sender = answer.sender, None
    if sender is not None:
        await asyncio.wait({sender}, timeout=REST_S)
        sender.cancel()
        await asyncio.wait({sender})
        if not sender.cancelled():
            sender.exception()  # of a client that has gone, as `receive` tells below
    if not sent.is_whole and sent.length <= LONGEST_KEPT:
        async with contextlib.aclosing(body_of(receive, sent)) as rest:
            async for _ in rest:
                if sent.length > LONGEST_KEPT:
                    return False
    return sent.length <= LONGEST_KEPT


async def _whole(answer: UpstreamResponse) -> bytes | None:
    """Return the body of an answer that is short and comes soon, else None; `parts` yields it again."""
    parts: list[bytes] = []
    length = 0
    with contextlib.suppress(UpstreamError, TimeoutError):
        async with asyncio.timeout(READ_AHEAD_S), contextlib.aclosing(answer.parts()) as coming:
            async for part in coming:
                parts.append(part)
                length += len(part)
                if length > LONGEST_VALIDATED_FIRST:
                    break
            else:
                answer.read_ahead = parts
                return b"".join(parts)
    answer.read_ahead = parts
    return None
