"""Requests that are surely meant otherwise, refused before they enqueue anything."""

from eqkit.contract.operations import Operation
from eqkit.errors import ApiError, Code, ErrorObject
from eqkit.sandbox.journal.entries import entry_of
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.middleware.base import Handler, Middleware
from eqkit.web.recording import pack_entry


class StrictClients(Middleware):
    """Makes the warnings of the journal a 409, on the operations that enqueue."""

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Return a handler where the operation can conflict, and the next one where not."""
        if 409 not in operation.responses:
            return call_next

        async def refuse(context: RequestContext) -> Response:
            sandbox = context.sandbox
            assert sandbox is not None  # the security middleware stands outside of this one
            request = entry_of(pack_entry(context, Response(0), sandbox))
            warnings = sandbox.linter.check(sandbox.journal, request)
            if warnings:
                raise ApiError(
                    ErrorObject(Code.CLIENT_MISTAKE, f"{each.kind}: {each.detail}.", each.pointer)
                    for each in warnings
                )
            return await call_next(context)

        return refuse
