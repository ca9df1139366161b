"""Faults and limits on requests: before they are carried out, or after it, whatever the answer was."""

from collections.abc import Awaitable, Iterable, Iterator
from typing import Any

from eqkit.contract.operations import Operation
from eqkit.sandbox.faults.armed import Rule, WireKind, wire_fault_in
from eqkit.sandbox.faults.limits import Limit
from eqkit.sandbox.faults.paces import client_s
from eqkit.sandbox.faults.packs import Pack
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.messages.documented import Answers, documented_answers
from eqkit.web.messages.exchange import Answer, Exchange
from eqkit.web.middleware.base import App, Layer, Step
from eqkit.web.middleware.fault_answers import fault_answer
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


class Faults(Layer):
    """Applies the armed faults; a request that the contract refuses never comes here."""

    def __init__(self, app: App, *, drain: Drain) -> None:
        """Take the server's state: requests that wait for a fault are let go when the server shuts down."""
        super().__init__(app)
        self._drain = drain

    def step(self, operation: Operation, resolved: Any, following: Step) -> Step:
        """Collect the operation's documented answers."""
        # HEAD has the headers of GET (RFC 9110 9.3.2), those that tell of the content included.
        alike = self.contract.get_beside(operation) if operation.method == "HEAD" else operation
        return FaultStep(following, operation, self._drain, documented_answers(alike))


class FaultStep:
    """The faults and limits of the requests of one operation."""

    def __init__(self, following: Step, operation: Operation, drain: Drain, answers: Answers) -> None:
        """Take the next step, and the operation's documented answers."""
        self._following = following
        self._operation = operation.id
        self.drain = drain
        self.answers = answers
        """The operation's documented answers, by status and name."""

    def __call__(self, exchange: Exchange) -> Awaitable[Answer]:
        """Carry a request out, under the faults and limits of its sandbox if there are any."""
        if exchange.sandbox.has_active_faults:  # type: ignore[union-attr]  # security stands outside of this layer
            return self._troubled(exchange)
        return self._following(exchange)

    async def _troubled(self, exchange: Exchange) -> Answer:
        sandbox, queue = _sandbox(exchange), exchange.parameters.get("queue", "")
        now_ms = sandbox.clock.now()
        hit = sandbox.limits.hit(self._operation, queue, now_ms)
        if hit is not None:
            return self._limited(exchange, *hit)
        rules = list(sandbox.faults.matching(self._operation, queue, now_ms, exchange.document))
        return await self._under_rules(exchange, rules) if rules else await self._following(exchange)

    async def under(self, exchange: Exchange, pack: Pack) -> Answer:
        """Carry a request out as if it was the turn of everything in a pack that is about it."""
        sandbox, queue = _sandbox(exchange), exchange.parameters.get("queue", "")
        now_ms = sandbox.clock.now()
        for document in pack.limits:
            limit = Limit.of(document, now_ms)
            if limit.is_about(self._operation, queue):
                limit.left = 0
                return self._limited(exchange, limit, limit.shut_ms(now_ms))
        rules = [Rule(pack.name, document, _until(document, now_ms)) for document in pack.faults]
        document = exchange.document
        about = [rule for rule in rules if rule.is_about(self._operation, queue, document)]
        later = [rule for rule in rules if not rule.is_on_requests and rule.is_about(None, queue, document)]
        answer = await self._under_rules(exchange, _first(rule for rule in about if rule.is_on_requests))
        if later and answer.accepted is not None:
            exchange.fault = later[0].label
            exchange.applied_faults += ((exchange.fault, later[0].kind),)
            sandbox.faults.pin(answer.accepted.ids, later[0])
            sandbox.refresh_fault_hooks()
        return answer

    async def under_rule(self, exchange: Exchange, does: dict[str, Any], when: str) -> Answer:
        """Carry a request out as if it was the turn of one rule, before the commit or after it."""
        return await self._under_rules(exchange, [Rule(BY_PREFERENCE, {"when": when, "do": does}, None)])

    def _limited(self, exchange: Exchange, limit: Limit, shut_ms: int) -> Answer:
        exchange.fault = limit.label
        exchange.applied_faults = ((limit.label, "limit"),)
        return self.answer(exchange, {"status": 429}, client_s(_sandbox(exchange).clock, shut_ms))

    async def _under_rules(self, exchange: Exchange, rules: Iterable[Rule]) -> Answer:
        """Carry a request out under rules, of which the last alone may decide its answer."""
        sandbox, queue = _sandbox(exchange), exchange.parameters.get("queue", "")
        before_ms = after_ms = 0
        deciding: Rule | None = None
        for rule in rules:
            exchange.fault = rule.label
            sandbox.faults.tell(rule, sandbox.clock.now(), self._operation, queue)
            if "latency" not in rule.does:
                deciding = rule
                continue
            exchange.applied_faults += ((rule.label, "latency"),)
            if rule.is_after:
                after_ms += sandbox.faults.latency_ms(rule.does["latency"])
            else:
                before_ms += sandbox.faults.latency_ms(rule.does["latency"])
        with sandbox.clock.activity():
            if before_ms and not await wait(exchange, before_ms, self.drain.begins):
                exchange.outcome = "lost"
                raise Unanswered
            if deciding is not None and not deciding.is_after:
                return self._instead(exchange, deciding)
            if deciding is not None and "wire" in deciding.does:
                _set_wire_fault(exchange, deciding)
            answer = await self._following(exchange)
            if after_ms and not await wait(exchange, after_ms, self.drain.begins, answer.accepted):
                exchange.outcome = "lost"
            if deciding is not None and "answer" in deciding.does:
                instead = self._instead(exchange, deciding)
                instead.accepted = answer.accepted
                return instead
            return answer

    def _instead(self, exchange: Exchange, rule: Rule) -> Answer:
        """Return the answer of a rule; raises Unanswered where it answers with nothing."""
        if "wire" in rule.does:
            _set_wire_fault(exchange, rule)
            raise Unanswered
        wanted = rule.does["answer"]
        exchange.applied_faults += ((rule.label, "answer"),)
        retry_after_s = wanted.get("retry-after")
        if retry_after_s is None and rule.until_ms is not None:
            clock = _sandbox(exchange).clock
            retry_after_s = client_s(clock, rule.until_ms - clock.now())
        return self.answer(exchange, wanted, retry_after_s)

    def answer(self, exchange: Exchange, wanted: dict[str, Any], retry_after_s: int | None = None) -> Answer:
        """Return the answer that `wanted` (schema ``FaultAnswer``) describes, its Retry-After made true."""
        answer = fault_answer(wanted, self.answers, exchange)
        if retry_after_s is not None:
            value = b"%d" % min(retry_after_s, LONGEST_RETRY_S)
            others = [line for line in answer.headers if line[0] != b"retry-after"]
            if "retry-after" in wanted or len(others) < len(answer.headers):
                answer.headers = [*others, (b"retry-after", value)]
        document: Any = answer.document or {}
        exchange.error_codes = tuple(error["code"] for error in document.get("errors", ()))
        return answer


def _sandbox(exchange: Exchange) -> Sandbox:
    assert exchange.sandbox is not None  # the security layer stands outside of this one
    return exchange.sandbox


def _until(document: dict[str, Any], now_ms: int) -> int | None:
    duration_ms: int | None = document.get("duration-ms")
    return None if duration_ms is None else now_ms + duration_ms


def _first(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Yield rules up to the first that decides the answer."""
    for rule in rules:
        yield rule
        if "latency" not in rule.does:
            return


def _set_wire_fault(exchange: Exchange, rule: Rule) -> None:
    fault = wire_fault_in(rule.does["wire"])
    exchange.wire_fault, exchange.outcome = fault, OUTCOMES[fault.kind]
    exchange.applied_faults += ((rule.label, fault.kind.value),)
