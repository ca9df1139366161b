"""One handler: called with the values of each request, and its result made a response."""

import asyncio
import hashlib
import inspect
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Protocol

from eqkit.contract.document import Json
from eqkit.contract.messages.compiled import CompiledContract, CompiledOperation
from eqkit.contract.operations import Operation
from eqkit.contract.signatures import Signature
from eqkit.errors import ApiError, Code, api_error
from eqkit.sandbox.clock_waits import ClockClosed
from eqkit.sandbox.journal.entries import MAX_VIOLATIONS
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.contracts.at_fault import AtFault, placed, violation_text
from eqkit.web.contracts.handlers.completion import Documented, completed, violations
from eqkit.web.contracts.handlers.modules import HandlerModules
from eqkit.web.contracts.handlers.parameters import HandlerFunction, Parameters, ParameterValues
from eqkit.web.contracts.handlers.results import response_of
from eqkit.web.contracts.handlers.tools import Clock, Events, Links, Request, Webhooks
from eqkit.web.contracts.outgoing.webhooks import ContractWebhooks
from eqkit.web.contracts.state import ContractState
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.request_bodies import ClientDisconnected
from eqkit.web.waiting import while_connected

logger = logging.getLogger(__name__)

READING = ("GET", "HEAD")
"""Methods whose handlers are cancelled once their client has gone: nobody else wants their result."""

ADDING = ("POST", "PUT", "PATCH")
"""Methods whose handlers may need new memory for their store, and are refused where there is none."""


class Samples(Documented, Protocol):
    """The answers of an operation that a handler may ask for."""

    def example(self, status: int | None = None, name: str | None = None) -> Json:
        """Return an example of the contract, or else a generated value, for a status."""
        ...

    def generated(self, status: int | None = None, **given: Json) -> Json:
        """Return a generated value for a status, with some members given."""
        ...


async def _awaited(work: Awaitable[Any], sandbox: Sandbox, context: RequestContext) -> Any:
    """Return the result of a coroutine, which an advance of the clock waits for as for all activity."""

    async def whole() -> Any:
        try:
            return await work
        except SystemExit as error:
            # A task that ends so takes the event loop with it.
            raise RuntimeError("the handler has called exit()") from error

    # Our server begins a request outside of any task, which a timeout, say, would miss.
    await asyncio.sleep(0)
    with sandbox.clock.activity():
        return await (while_connected(context, whole()) if context.method in READING else whole())


def _is_cancelled(error: BaseException) -> bool:
    """Return whether a request is cancelled, and not merely some task that its handler has waited for."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


class UserHandler:
    """The function of a user's own that answers one operation."""

    def __init__(
        self,
        function: HandlerFunction,
        signature: Signature,
        modules: HandlerModules,
        operations: Mapping[str, Operation],
        *,
        validates: bool,
        place: Callable[[str], object],
    ) -> None:
        """Look at the function's parameters; raises WrongParameters.

        If it `validates`, an answer that violates the contract is a 500; else it is only reported. `place`
        returns the place of a pointer of the contract, as people read it.
        """
        self.signature = signature
        self._function, self._modules, self._operations = function, modules, operations
        self._parameters = Parameters(function, signature)
        self._values: ParameterValues | None = None
        self._compiled: CompiledOperation | None = None
        self._webhooks: ContractWebhooks | None = None
        self._validates, self._place = validates, place
        self._wants = frozenset(self._parameters.tools)
        self._name = f"{signature.module}.{signature.function}"

    def bind(self, compiled: CompiledContract, webhooks: ContractWebhooks) -> None:
        """Take the compiled operation, by which the values of parameters are read, and the webhooks."""
        self._webhooks = webhooks
        self._values = self._parameters.compiled(compiled)
        self._compiled = compiled.operation(self.signature.operation.pointer)

    async def __call__(self, context: RequestContext, samples: Samples) -> Response:
        """Call the function; raises its ApiError, and for any other exception that of a 500, and logs it."""
        sandbox = context.sandbox
        assert sandbox is not None  # every operation of a contract is in one
        assert self._values is not None  # bound before the first request
        assert self._compiled is not None
        adds = context.method in ADDING
        if "store" in self._wants and adds:
            sandbox.state.require_room()
        try:
            arguments = self._values.of(context) | self._tools(sandbox, context, samples)
            result = self._function(sandbox, **arguments)
            if inspect.isawaitable(result):
                result = await _awaited(result, sandbox, context)
            response = response_of(result, self.signature.operation)
            response = completed(response, self._compiled, samples)
        except (ApiError, ClientDisconnected, ClockClosed, KeyboardInterrupt, GeneratorExit):
            raise
        except BaseException as error:
            if _is_cancelled(error):
                raise
            raise self._failed(error) from None
        finally:
            if "store" in self._wants:
                sandbox.state.note_use(len(context.body) if adds else 0)
        return await self._checked(response, context, self._compiled)

    async def _checked(
        self, response: Response, context: RequestContext, operation: CompiledOperation
    ) -> Response:
        """Return an answer, its violations reported; raises ApiError (500) where it has to be valid."""
        found = [
            placed(each.message, self._place(each.source)) for each in await violations(response, operation)
        ]
        for each in found:
            logger.warning(
                "%s %s: the answer %d of the handler %s violates the contract: %s",
                context.method, self.signature.operation.path, response.status, self._name, each,
            )  # fmt: skip
        reported = (*context.violations, *(violation_text(AtFault.HANDLER, each) for each in found))
        context.violations = reported[:MAX_VIOLATIONS]
        if found and self._validates:
            detail = "The answer of this operation's handler violates the contract; the log says how."
            raise api_error(Code.INTERNAL_ERROR, detail)
        return response

    def _tools(self, sandbox: Sandbox, context: RequestContext, samples: Samples) -> dict[str, Any]:
        return {name: self._tool(name, sandbox, context, samples) for name in self._wants}

    def _tool(self, name: str, sandbox: Sandbox, context: RequestContext, samples: Samples) -> Any:
        match name:
            case "clock":
                return Clock(sandbox)
            case "events":
                return Events(sandbox)
            case "example":
                return samples.example
            case "generated":
                return samples.generated
            case "links":
                return Links(context.links.base, self._operations)
            case "random":
                return self._random(sandbox, context)
            case "request":
                return Request(context)
            case "webhooks":
                assert self._webhooks is not None
                return Webhooks(sandbox, self._webhooks)
        return sandbox.state.store

    def _random(self, sandbox: Sandbox, context: RequestContext) -> random.Random:
        """Return random numbers that follow from seed, sandbox, request, and its count if it came before."""
        state: ContractState = sandbox.state
        parts = (
            str(sandbox.rules.seed).encode(),
            self.signature.operation.id.encode("utf-8", "surrogatepass"),
            context.path.encode("utf-8", "surrogatepass"),
            context.scope["query_string"],
            context.body,
        )
        digest = hashlib.blake2b(digest_size=16)
        for part in parts:
            digest.update(b"%d:" % len(part) + part)
        request = digest.digest()
        return random.Random(request + b"%d" % state.draw(request))  # noqa: S311 - no secret

    def _failed(self, error: BaseException) -> ApiError:
        """Log an exception with the frames of the handlers, and return the error of a 500."""
        operation = self.signature.operation
        logger.error(
            "%s %s: the handler %s failed", operation.method, operation.path, self._name,
            exc_info=(type(error), error, self._own_frames(error.__traceback__)),
        )  # fmt: skip
        detail = "The handler of this operation failed; the log of the server says how."
        return api_error(Code.INTERNAL_ERROR, detail)

    def _own_frames(self, traceback: TracebackType | None) -> TracebackType | None:
        """Return a traceback from its first frame in the folder on; all of it where there is none."""
        each = traceback
        while each is not None:
            if self._modules.holds(each.tb_frame.f_code.co_filename):
                return each
            each = each.tb_next
        return traceback
