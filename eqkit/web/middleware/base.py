"""The base of our middleware: Connexion's, bound handler to handler when an API is added."""

from collections.abc import Awaitable, Callable
from typing import Any

from eqkit.contract.operations import Contract, Operation
from eqkit.web.connexion import RoutedAPI, RoutedMiddleware
from eqkit.web.messages.context import CONTEXT, Receive, RequestContext, Response, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]
Handler = Callable[[RequestContext], Awaitable[Response]]
"""The handler of one middleware for one operation: respond, or await the next handler."""


class MiddlewareAPI(RoutedAPI[Handler]):
    """The handlers of one middleware, one for each operation, made when the API is added."""

    def __init__(self, *args: Any, contract: Contract, middleware: "Middleware", **kwargs: Any) -> None:
        """Make the handlers; raises ContractError for an operation that the middleware cannot serve."""
        super().__init__(*args, **kwargs)
        self._contract = contract
        self._middleware = middleware
        middleware.contract = contract
        self.add_paths()

    def make_operation(self, operation: Any) -> Handler:
        """Ask the middleware for the handler of one operation."""
        known = self._contract.operations[operation.operation_id]
        handler = self._middleware.handlers[known.id] = self._middleware.handler(
            known, operation, self._middleware.next_handler(known)
        )
        return handler


class Middleware(RoutedMiddleware[MiddlewareAPI]):
    """A middleware that acts once the request's operation is known.

    Connexion adds an API to the innermost middleware first, so that each handler is made knowing the one
    after it: a request goes from handler to handler, and nothing is looked up on the way.
    """

    api_cls = MiddlewareAPI
    contract: Contract
    """That of the API which is being added."""

    def __init__(self, app: App) -> None:
        """Take the next middleware."""
        super().__init__(app)
        self.handlers: dict[str, Handler] = {}
        """The middleware's handler of each operation, by operationId."""

    def add_api(self, specification: Any, **kwargs: Any) -> Any:
        """Make the handlers for every operation of a specification."""
        return super().add_api(specification, middleware=self, **kwargs)

    def next_handler(self, operation: Operation) -> Handler:
        """Return the handler of the next middleware."""
        return self.app.handlers[operation.id] if isinstance(self.app, Middleware) else _nothing_follows

    def handler(self, operation: Operation, resolved: Any, call_next: Handler) -> Handler:
        """Return the handler of the middleware for an operation; `resolved` is Connexion's view of it."""
        raise NotImplementedError


async def _nothing_follows(context: RequestContext) -> Response:
    raise AssertionError("the innermost middleware answers every request")


def context_of(scope: Scope) -> RequestContext:
    """Return the context that the outermost middleware put into the scope."""
    context: RequestContext = scope[CONTEXT]
    return context
