"""Another success than 202, for the literal readings of the docs (ruling D1)."""

from eqkit.contract.operations import Operation
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.middleware.base import App, Handler, Middleware


class LiteralStatus(Middleware):
    """Makes a 201, or a 204 without content, of each 202."""

    def __init__(self, app: App, *, status: int) -> None:
        """Take the status to answer with."""
        super().__init__(app)
        self._status = status

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Return a handler where the operation can answer so, and the next one where not."""
        if self._status not in operation.responses:
            return call_next

        async def handle(context: RequestContext) -> Response:
            accepted = await call_next(context)
            return literally(accepted, self._status) if accepted.status == 202 else accepted

        return handle


def literally(response: Response, status: int) -> Response:
    """Return the 202 as a 201, or as a 204 that has no content at all."""
    if status == 204:
        location = [line for line in response.headers if line[0] == b"location"]
        return Response(204, headers=location, accepted=response.accepted)
    return Response(status, response.document, response.headers, accepted=response.accepted)
