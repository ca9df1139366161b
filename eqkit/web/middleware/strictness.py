"""Requests that are surely meant otherwise, refused before they enqueue anything."""

from typing import Any

from eqkit.contract.operations import Operation
from eqkit.errors import ApiError, Code, ErrorObject
from eqkit.sandbox.journal.entries import entry_of
from eqkit.web.messages.exchange import Answer, Exchange
from eqkit.web.middleware.base import Layer, Step
from eqkit.web.recording import row_of


class StrictClients(Layer):
    """Makes the warnings of the journal a 409, on the operations that enqueue."""

    def step(self, operation: Operation, resolved: Any, following: Step) -> Step:
        """Return a step where the operation can conflict, and the following one where not."""
        if 409 not in operation.responses:
            return following

        async def refuse(exchange: Exchange) -> Answer:
            sandbox = exchange.sandbox
            assert sandbox is not None  # the security layer stands outside of this one
            request = entry_of(row_of(exchange, Answer(0), sandbox))
            warnings = sandbox.linter.check(sandbox.journal, request)
            if warnings:
                raise ApiError(
                    ErrorObject(Code.CLIENT_MISTAKE, f"{each.kind}: {each.detail}.", each.pointer)
                    for each in warnings
                )
            return await following(exchange)

        return refuse
