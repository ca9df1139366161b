"""Idempotency-Key: a repeated request gets the stored answer, and is not carried out again (ruling H14)."""

import hashlib
from collections.abc import Awaitable

import orjson

from eqkit.contract.operations import Operation
from eqkit.errors import Code, api_error
from eqkit.sandbox.idempotency import StoredResponses
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.middleware.base import Handler, Middleware

HEADER = "Idempotency-Key"
_HEADER = HEADER.lower().encode()


class Idempotency(Middleware):
    """Replays answers on the operations that declare the header."""

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Return a handler where the operation declares the header, and the next one where not."""
        return IdempotencyHandler(call_next) if HEADER in operation.in_place("header") else call_next


class IdempotencyHandler:
    """Keeps the successes of an operation; a refused request may be mended and sent again."""

    def __init__(self, call_next: Handler) -> None:
        """Take the next handler."""
        self._call_next = call_next

    def __call__(self, context: RequestContext) -> Awaitable[Response]:
        """Replay, refuse (409) or carry out a request with a key; let one without it through."""
        key = context.headers.get(_HEADER)
        return self._call_next(context) if key is None else self._once(context, key)

    async def _once(self, context: RequestContext, key: bytes) -> Response:
        sandbox = context.sandbox
        assert sandbox is not None  # the security middleware stands outside of this one
        name, fingerprint, now_ms = key.decode("latin-1"), _fingerprint(context), sandbox.clock.now()
        responses = sandbox.stored_responses
        stored = responses.get(name, now_ms)
        if stored is None:
            response = await self._first(context, name, responses)
            if response.stream is not None:  # it can be sent but once
                return response
            # The kept answer has no `accepted`: a replay enqueues nothing, so the journal must not say so.
            # And it is bytes, which take a sixth of the memory of a bulk's document.
            body = response.encoded()
            kept = Response(response.status, headers=response.headers, body=body)
            responses.put(name, fingerprint, kept, now_ms, len(body or b""))
            return response
        if stored.fingerprint == fingerprint:
            first: Response = stored.response
            # An answer that names its media type itself may be of any, and is not the wire's to name.
            is_named = any(line == b"content-type" for line, _ in first.headers)
            document = None if first.body is None or is_named else orjson.loads(first.body)
            return Response(first.status, document, first.headers, body=first.body)
        detail = f"The key was used for another request; a new request needs a new {HEADER}."
        raise api_error(Code.IDEMPOTENCY_KEY_REUSED, detail, header=HEADER)

    async def _first(self, context: RequestContext, name: str, responses: StoredResponses) -> Response:
        """Carry out the first request of a key; raises ApiError (409) while another one is under way."""
        if name in responses.under_way:
            detail = "The first request with this key is still under way; come again when it is answered."
            raise api_error(Code.IDEMPOTENCY_KEY_IN_USE, detail, header=HEADER)
        responses.under_way.add(name)
        try:
            return await self._call_next(context)
        finally:
            responses.under_way.discard(name)


def _fingerprint(context: RequestContext) -> bytes:
    """Return a digest that two equal requests have in common: operation, parameters, document however spelt.

    The whole of it would be kept for 24 hours.
    """
    operation = context.operation
    assert operation is not None
    # The document on its own, since it may be as deep as orjson writes.
    called = orjson.dumps([operation.id, context.parameters, context.scope["query_string"].decode("latin-1")])
    return hashlib.blake2b(called + b"\0" + _content(context), digest_size=32).digest()


def _content(context: RequestContext) -> bytes:
    """Return the document of a request in one spelling; its very bytes where it is none that orjson writes.

    That is an integer of more than 64 bits, a lone surrogate, and any body that is not JSON.
    """
    if context.document is None:
        return context.body
    try:
        return orjson.dumps(context.document, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return context.body
