"""Idempotency-Key: a repeated request gets the stored answer, and is not carried out again (ruling H14)."""

import hashlib
from collections.abc import Awaitable
from typing import Any

import orjson

from eqkit.contract.operations import Operation
from eqkit.errors import Code, api_error
from eqkit.web.messages.exchange import Answer, Exchange
from eqkit.web.middleware.base import Layer, Step

HEADER = "Idempotency-Key"
_HEADER = HEADER.lower().encode()


class Idempotency(Layer):
    """Replays answers on the operations that declare the header."""

    def step(self, operation: Operation, resolved: Any, following: Step) -> Step:
        """Return a step where the operation declares the header, and the following one where not."""
        return IdempotencyStep(following) if HEADER in operation.in_place("header") else following


class IdempotencyStep:
    """Keeps the successes of an operation; a refused request may be mended and sent again."""

    def __init__(self, following: Step) -> None:
        """Take the next step."""
        self._following = following

    def __call__(self, exchange: Exchange) -> Awaitable[Answer]:
        """Replay, refuse (409) or carry out a request with a key; let one without it through."""
        key = exchange.headers.get(_HEADER)
        return self._following(exchange) if key is None else self._once(exchange, key)

    async def _once(self, exchange: Exchange, key: bytes) -> Answer:
        sandbox = exchange.sandbox
        assert sandbox is not None  # the security layer stands outside of this one
        name, fingerprint, now_ms = key.decode("latin-1"), _fingerprint(exchange), sandbox.clock.now()
        stored = sandbox.stored_answers.get(name, now_ms)
        if stored is None:
            answer = await self._following(exchange)
            # What is kept enqueued nothing: a replay must not be written down as if it had. And it is bytes,
            # a sixth of what the document of a bulk takes.
            body = answer.encoded()
            kept = Answer(answer.status, headers=answer.headers, body=body)
            sandbox.stored_answers.put(name, fingerprint, kept, now_ms, len(body or b""))
            return answer
        if stored.fingerprint == fingerprint:
            first: Answer = stored.answer
            document = None if first.body is None else orjson.loads(first.body)
            return Answer(first.status, document, first.headers, body=first.body)
        detail = f"The key was used for another request; a new request needs a new {HEADER}."
        raise api_error(Code.IDEMPOTENCY_KEY_REUSED, detail, header=HEADER)


def _fingerprint(exchange: Exchange) -> bytes:
    """Return a digest that two equal requests have in common: operation, parameters, document however spelt.

    The whole of it would be kept for 24 hours.
    """
    operation = exchange.operation
    assert operation is not None
    # The document on its own, since it may be as deep as orjson writes.
    called = orjson.dumps([operation.id, exchange.parameters])
    document = orjson.dumps(exchange.document, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(called + b"\0" + document, digest_size=32).digest()
