"""Operations bound to the functions that answer them: tag = module, operationId = function in snake case."""

import asyncio
import importlib
import inspect
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from eqkit.contract.operations import Operation
from eqkit.errors import ContractError
from eqkit.sandbox.faults.fault_rules import ExampleNames, no_examples
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.web.connexion import Resolution, Resolver, RoutedAPI
from eqkit.web.messages.context import Receive, RequestContext, Response, Scope, Send
from eqkit.web.middleware.base import Handler, Middleware
from eqkit.web.waiting import while_connected

HandlerFunction = Callable[..., Response]


def function_name(operation_id: str) -> str:
    """Return ``enqueue_message`` for ``enqueueMessage``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", operation_id).lower()


class HandlerResolver(Resolver):
    """Finds a handler in a package by the operation's tag and operationId."""

    def __init__(self, package: str) -> None:
        """Take the package's import name."""
        super().__init__()
        self._package = package

    def resolve(self, operation: Any) -> Resolution:
        """Import the handler; raises ContractError when there is none, or nothing to name it by."""
        node = operation._operation  # noqa: SLF001 - Connexion shows the tags nowhere else
        if not operation.operation_id or not node.get("tags"):
            raise ContractError(
                f"{operation.method.upper()} {operation.path} needs an operationId and a tag: "
                f"they name the function that answers it"
            )
        module, name = f"{self._package}.{node['tags'][0]}", function_name(operation.operation_id)
        try:
            function = getattr(importlib.import_module(module), name)
        except (ModuleNotFoundError, AttributeError) as error:
            raise ContractError(
                f"{operation.operation_id} has no handler {module}.{name}: {error}"
            ) from error
        return Resolution(function, operation.operation_id)


class Functions(RoutedAPI[HandlerFunction]):
    """The functions that Connexion has found for the operations of a specification, by operationId."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Find them; raises ContractError for an operation without one."""
        super().__init__(*args, **kwargs)
        self.add_paths()

    def make_operation(self, operation: Any) -> HandlerFunction:
        """Return the function of one operation."""
        function: HandlerFunction = operation._resolution.function  # noqa: SLF001 - its only place for it
        return function


class Endpoint(Middleware):
    """The innermost application: calls the handler."""

    def __init__(
        self,
        sandboxes: Sandboxes,
        example_names: ExampleNames = no_examples,
        **services: Any,
    ) -> None:
        """Take the values that handlers may ask for by name, beside those of their operations.

        They are all sandboxes, a function that knows the examples of the public contract, and more `services`
        of the server that is driven.
        """
        super().__init__(_nothing_here)
        self._services = {"sandboxes": sandboxes, "example_names": example_names, **services}

    def add_api(self, specification: Any, **kwargs: Any) -> None:
        """Bind the operations to their functions; raises ContractError where that cannot be."""
        self._functions = Functions(specification, next_app=self.app, **kwargs).operations
        super().add_api(specification, **kwargs)

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Bind a handler to its operation by the names of its parameters."""
        return Call(operation, self._functions[operation.id], self._services)


class Call:
    """One handler, and the arguments that it takes."""

    def __init__(self, operation: Operation, function: HandlerFunction, services: Mapping[str, Any]) -> None:
        """Look at the signature once; raises ContractError if the contract cannot fill it.

        `services` are further arguments of a handler, by the name of the parameter.
        """
        self._function = function
        names = list(inspect.signature(function).parameters)[1:]
        wanted = set(operation.in_place("path"))
        query = {name.replace("-", "_") for name in operation.in_place("query")}
        self._headers = {
            name.lower().replace("-", "_"): name.lower().encode() for name in operation.in_place("header")
        }
        offered = {*wanted, *query, *self._headers, "links", *services}
        if operation.body_schema is not None:
            offered.add("body")
        if unknown := set(names) - offered:
            raise ContractError(f"{operation.id} does not offer its handler {', '.join(sorted(unknown))}")
        if untaken := (wanted | query) - set(names):
            raise ContractError(f"the handler of {operation.id} does not take {', '.join(sorted(untaken))}")
        self._wants_body = "body" in names
        self._headers = {name: header for name, header in self._headers.items() if name in names}
        self._wants_links = "links" in names
        self._services = {name: service for name, service in services.items() if name in names}
        self._is_async = inspect.iscoroutinefunction(function)
        self._only_looks = operation.method == "GET"

    async def __call__(self, context: RequestContext) -> Response:
        """Call the handler; it is quick, and runs right here on the event loop."""
        if self._is_async:
            # Our server begins a request outside of any task, which a timeout, say, would miss.
            await asyncio.sleep(0)
        arguments: dict[str, Any] = dict(context.parameters)
        if context.query:
            arguments |= context.query
        if self._wants_body:
            arguments["body"] = context.document
        if self._wants_links:
            arguments["links"] = context.links
        for name, header in self._headers.items():
            if header in context.headers:
                arguments[name] = context.headers[header].decode("latin-1")
        if self._services:
            arguments |= self._services
        response: Response = self._function(context.sandbox, **arguments)
        if self._is_async:
            work = cast(Coroutine[Any, Any, Response], response)
            response = await (while_connected(context, work) if self._only_looks else work)
        return response


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("the routing middleware answers every request that has no operation")
