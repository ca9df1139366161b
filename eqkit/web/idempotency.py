"""Idempotency-Key: a repeated request gets the stored answer, and is not carried out again (ruling H14)."""

from typing import Any

import orjson

from eqkit.contract.operations import Operation
from eqkit.errors import Code, refusal
from eqkit.web.exchange import Exchange
from eqkit.web.layers import App, Layer, Receive, Scope, Send, exchange_of

HEADER = "Idempotency-Key"


class Idempotency(Layer):
    """Replays answers on the operations that declare the header."""

    def step(self, operation: Operation, resolved: Any) -> App:
        """Return a step where the operation declares the header, and the next layer where not."""
        if HEADER in operation.in_place("header"):
            return IdempotencyStep(self.app)
        return self.app


class IdempotencyStep:
    """Keeps the successes of an operation; a refused request may be mended and sent again."""

    def __init__(self, app: App) -> None:
        """Take the next layer."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replay, refuse (409) or carry out a request with a key; let one without it through."""
        exchange = exchange_of(scope)
        key = exchange.headers.get(HEADER.lower().encode())
        if key is None:
            await self._app(scope, receive, send)
            return
        sandbox = exchange.sandbox
        assert sandbox is not None  # the security layer stands outside of this one
        name, fingerprint, now_ms = key.decode("latin-1"), _fingerprint(exchange), sandbox.clock.now()
        stored = sandbox.stored_answers.get(name, now_ms)
        if stored is None:
            await self._app(scope, receive, send)
            sandbox.stored_answers.put(name, fingerprint, exchange.answer, now_ms)
        elif stored.fingerprint == fingerprint:
            exchange.answer = stored.answer
        else:
            detail = f"The key was used for another request; a new request needs a new {HEADER}."
            raise refusal(Code.IDEMPOTENCY_KEY_REUSED, detail, header=HEADER)


def _fingerprint(exchange: Exchange) -> bytes:
    """Return what makes two requests the same: operation, parameters, and the document however spelt."""
    operation = exchange.operation
    assert operation is not None
    same = [operation.id, exchange.parameters, exchange.document]
    return orjson.dumps(same, option=orjson.OPT_SORT_KEYS)
