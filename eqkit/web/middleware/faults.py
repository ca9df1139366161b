"""Faults and limits on requests: before they are carried out, or after it, for any answer."""

from collections.abc import Awaitable, Iterable, Iterator
from typing import Any

from eqkit.contract.operations import Operation
from eqkit.errors import Code, api_error
from eqkit.sandbox.faults.armed import Rule, WireKind, wire_fault_in
from eqkit.sandbox.faults.limits import Limit
from eqkit.sandbox.faults.paces import client_s
from eqkit.sandbox.faults.packs import Pack
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.documented import DocumentedAnswers, ExampleAnswers
from eqkit.web.middleware.base import App, Handler, Middleware
from eqkit.web.middleware.fault_responses import fault_response
from eqkit.web.middleware.wire import Drain
from eqkit.web.waiting import Unanswered, wait

BY_PREFERENCE = "prefer"
"""The name in the journal of a fault that a request has asked for itself."""

OUTCOMES = {
    WireKind.RESET: "reset",
    WireKind.CLOSE: "lost",
    WireKind.TRUNCATE: "truncated",
    WireKind.TRICKLE: "trickled",
    WireKind.GARBAGE: "garbage",
}
"""The outcome, in the journal, of an answer that a fault on the wire acted on."""

LONGEST_RETRY_S = 2_147_483_647
"""The contract's greatest Retry-After, of 68 years."""

_LATER = frozenset((413, 429, 503))
"""The errors that say Retry-After where the wait is known (RFC 9110 15.5.14 and 15.6.4, RFC 6585 4)."""


class Faults(Middleware):
    """Applies the armed faults; a request that the contract refuses never comes here."""

    def __init__(self, app: App, *, drain: Drain) -> None:
        """Take the server's state: requests that wait for a fault are let go when the server shuts down."""
        super().__init__(app)
        self._drain = drain

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Collect the operation's documented answers."""
        # HEAD has the headers of GET (RFC 9110 9.3.2), those that tell of the content included.
        alike = self.contract.get_beside(operation) if operation.method == "HEAD" else operation
        return FaultHandler(call_next, operation, self._drain, ExampleAnswers(alike))


class FaultHandler:
    """The faults and limits of the requests of one operation."""

    def __init__(
        self, call_next: Handler, operation: Operation, drain: Drain, responses: DocumentedAnswers
    ) -> None:
        """Take the next handler, and the operation's documented answers."""
        self._call_next = call_next
        self._operation = operation.id
        self.drain = drain
        self.responses = responses
        """The operation's documented answers, by status and name."""

    def __call__(self, context: RequestContext) -> Awaitable[Response]:
        """Carry a request out, under the faults and limits of its sandbox if there are any."""
        if context.sandbox.has_active_faults:  # type: ignore[union-attr]  # security stands outside of this middleware
            return self._troubled(context)
        return self._call_next(context)

    async def _troubled(self, context: RequestContext) -> Response:
        sandbox, queue = _sandbox(context), context.parameters.get("queue", "")
        now_ms = sandbox.clock.now()
        hit = sandbox.limits.hit(self._operation, queue, now_ms)
        if hit is not None:
            return self._limited(context, *hit)
        rules = list(sandbox.faults.matching(self._operation, queue, now_ms, context.document))
        return await self._under_rules(context, rules) if rules else await self._call_next(context)

    async def under(self, context: RequestContext, pack: Pack) -> Response:
        """Carry a request out as if it was the turn of everything in a pack that is about it."""
        sandbox, queue = _sandbox(context), context.parameters.get("queue", "")
        now_ms = sandbox.clock.now()
        for document in pack.limits:
            limit = Limit.of(document, now_ms)
            if limit.is_about(self._operation, queue):
                limit.left = 0
                return self._limited(context, limit, limit.shut_ms(now_ms))
        rules = [Rule(pack.name, document, _until(document, now_ms)) for document in pack.faults]
        document = context.document
        about = [rule for rule in rules if rule.is_about(self._operation, queue, document)]
        later = [rule for rule in rules if not rule.is_on_requests and rule.is_about(None, queue, document)]
        response = await self._under_rules(context, _first(rule for rule in about if rule.is_on_requests))
        if later and response.accepted is not None:
            context.fault = later[0].label
            context.applied_faults += ((context.fault, later[0].kind),)
            sandbox.faults.pin(response.accepted.ids, later[0])
            sandbox.refresh_fault_hooks()
        return response

    async def under_rule(self, context: RequestContext, does: dict[str, Any], when: str) -> Response:
        """Carry a request out as if it was the turn of one rule, before the commit or after it."""
        return await self._under_rules(context, [Rule(BY_PREFERENCE, {"when": when, "do": does}, None)])

    def _limited(self, context: RequestContext, limit: Limit, shut_ms: int) -> Response:
        context.fault = limit.label
        context.applied_faults = ((limit.label, "limit"),)
        wait_s = client_s(_sandbox(context).clock, shut_ms)
        if self.responses.has(429):
            return self.response(context, {"status": 429}, wait_s)
        # It is an error of this server, and no gateway's: it has the shape of its other errors.
        detail = f'The limit "{limit.label}" is reached; come again in {wait_s} s.'
        raise api_error(Code.RATE_LIMITED, detail, headers=[_retry_after(wait_s)])

    async def _under_rules(self, context: RequestContext, rules: Iterable[Rule]) -> Response:
        """Carry a request out under rules, of which the last alone may decide its answer."""
        sandbox, queue = _sandbox(context), context.parameters.get("queue", "")
        before_ms = after_ms = 0
        deciding: Rule | None = None
        for rule in rules:
            context.fault = rule.label
            sandbox.faults.record(rule, sandbox.clock.now(), self._operation, queue)
            if "latency" not in rule.does:
                deciding = rule
                continue
            context.applied_faults += ((rule.label, "latency"),)
            if rule.is_after:
                after_ms += sandbox.faults.latency_ms(rule.does["latency"])
            else:
                before_ms += sandbox.faults.latency_ms(rule.does["latency"])
        with sandbox.clock.activity():
            if before_ms and not await wait(context, before_ms, self.drain.begins):
                context.outcome = "lost"
                raise Unanswered
            if deciding is not None and not deciding.is_after:
                return self._instead(context, deciding)
            if deciding is not None and "wire" in deciding.does:
                _set_wire_fault(context, deciding)
            response = await self._call_next(context)
            if after_ms and not await wait(context, after_ms, self.drain.begins, response.accepted):
                context.outcome = "lost"
            if deciding is not None and "answer" in deciding.does:
                instead = self._instead(context, deciding)
                instead.accepted = response.accepted
                return instead
            return response

    def _instead(self, context: RequestContext, rule: Rule) -> Response:
        """Return the answer of a rule; raises Unanswered if it answers with nothing."""
        if "wire" in rule.does:
            _set_wire_fault(context, rule)
            raise Unanswered
        wanted = rule.does["answer"]
        context.applied_faults += ((rule.label, "answer"),)
        retry_after_s = wanted.get("retry-after")
        if retry_after_s is None and rule.until_ms is not None:
            clock = _sandbox(context).clock
            retry_after_s = client_s(clock, rule.until_ms - clock.now())
        return self.response(context, wanted, retry_after_s)

    def response(
        self, context: RequestContext, wanted: dict[str, Any], retry_after_s: int | None = None
    ) -> Response:
        """Return the answer that `wanted` (schema ``FaultAnswer``) describes, its Retry-After made true."""
        response = fault_response(wanted, self.responses, context)
        if retry_after_s is not None:
            others = [line for line in response.headers if line[0] != b"retry-after"]
            is_documented = len(others) < len(response.headers)
            if "retry-after" in wanted or is_documented or response.status in _LATER:
                response.headers = [*others, _retry_after(retry_after_s)]
        document: Any = response.document or {}
        context.error_codes = tuple(error["code"] for error in document.get("errors", ()))
        return response


def _sandbox(context: RequestContext) -> Sandbox:
    assert context.sandbox is not None  # the security middleware stands outside of this one
    return context.sandbox


def _retry_after(wait_s: int) -> tuple[bytes, bytes]:
    return b"retry-after", b"%d" % min(wait_s, LONGEST_RETRY_S)


def _until(document: dict[str, Any], now_ms: int) -> int | None:
    duration_ms: int | None = document.get("duration-ms")
    return None if duration_ms is None else now_ms + duration_ms


def _first(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield rules up to the first that decides the answer."""
    for rule in rules:
        yield rule
        if "latency" not in rule.does:
            return


def _set_wire_fault(context: RequestContext, rule: Rule) -> None:
    fault = wire_fault_in(rule.does["wire"])
    context.wire_fault, context.outcome = fault, OUTCOMES[fault.kind]
    context.applied_faults += ((rule.label, fault.kind.value),)
