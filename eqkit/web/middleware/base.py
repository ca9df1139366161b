"""The base of our middleware: bound handler to handler when a contract is added."""

from collections.abc import Awaitable, Callable
from typing import Any

from eqkit.contract.operations import Contract, Operation
from eqkit.web.messages.context import CONTEXT, Receive, RequestContext, Response, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]
Handler = Callable[[RequestContext], Awaitable[Response]]
"""The handler of one middleware for one operation: respond, or await the next handler."""


class Middleware:
    """A middleware that acts once the request's operation is known.

    Connexion adds a contract to the innermost middleware first, so that each handler is made knowing the one
    after it: a request goes from handler to handler, and nothing is looked up on the way.
    """

    contract: Contract
    """That which is being added."""

    def __init__(self, app: App) -> None:
        """Take the next middleware."""
        self.app = app
        self.handlers: dict[str, Handler] = {}
        """The middleware's handler of each operation, by operationId."""

    def add_api(self, specification: Any, *, contract: Contract, **_: Any) -> None:
        """Make the handlers; raises ContractError for an operation that the middleware cannot serve.

        The specification is Connexion's view of the contract.
        """
        self.contract = contract
        for operation in contract.operations.values():
            self.handlers[operation.id] = self.handler(operation, self.next_handler(operation))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is no HTTP request; those go from handler to handler."""
        await self.app(scope, receive, send)

    def next_handler(self, operation: Operation) -> Handler:
        """Return the handler of the next middleware."""
        return self.app.handlers[operation.id] if isinstance(self.app, Middleware) else _nothing_follows

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Return the handler of the middleware for an operation."""
        raise NotImplementedError


async def _nothing_follows(context: RequestContext) -> Response:
    raise AssertionError("the innermost middleware answers every request")


def context_of(scope: Scope) -> RequestContext:
    """Return the context that the outermost middleware put into the scope."""
    context: RequestContext = scope[CONTEXT]
    return context
