"""The callbacks of an operation: sent after its answer by the clock of the sandbox, signed, and retried."""

import hashlib
from collections.abc import Iterator

from eqkit.answers.encoding import CannotEncode
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import escaped
from eqkit.contract.messages.compiled import CompiledContract, CompiledOperation
from eqkit.contract.operations import Operation, member_of, operations_in
from eqkit.contract.pointers import pointer_of
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.expressions import address_of
from eqkit.web.contracts.outgoing.requests import ContractPost, OutgoingRequests
from eqkit.web.messages.context import RequestContext, Response


class OperationCallbacks:
    """The callbacks that one operation promises."""

    def __init__(self, operation: Operation, compiled: CompiledContract, generator: Generator) -> None:
        """Find the callbacks; `generator` makes values of responses, as those that a service sends are."""
        self._operation = operation
        self._schemas = compiled.responses
        self._requests = OutgoingRequests(compiled, generator)
        self._callbacks = list(self._found(compiled))

    def __bool__(self) -> bool:
        """Return whether there is any."""
        return bool(self._callbacks)

    def send(self, context: RequestContext, response: Response) -> None:
        """Send the callbacks of a request that has succeeded, to the addresses that it names."""
        sandbox = context.sandbox
        if sandbox is None or response.status >= 400:
            return
        exchange = _exchange(context, response)

        def record(kind: str, name: str, **why: str) -> None:
            detail = {"callback": name, "operation": self._operation.id, **why}
            sandbox.events.record(sandbox.clock.now(), kind, detail)

        for number, (name, expression, callback) in enumerate(self._callbacks, 1):
            url = address_of(expression, exchange, context.raw_parameters, context.document)
            if url is None:
                record("callback.without-address", name, expression=expression[:200])
                continue
            try:
                media_type = next(iter(callback.body[2].media_types.values()), None)
                kind, body = self._requests.made(media_type, _seed(context, number), context.document)
            except (CannotGenerate, CannotEncode) as error:
                record("callback.without-body", name, error=str(error)[:200])
                continue
            headers = self._requests.headers(callback)
            post = ContractPost(sandbox.events.last + 1, name, callback.method, kind, body, headers)
            if not sandbox.webhooks.send_once(post, url):
                record("callback.dropped", name)

    def _found(self, compiled: CompiledContract) -> Iterator[tuple[str, str, CompiledOperation]]:
        """Yield the name and the address of each request of each callback, with its operation."""
        schemas = self._schemas
        for name, at in schemas.members(self._operation.pointer, "callbacks").items():
            holder = schemas.node(at)
            for expression in holder if isinstance(holder, dict) else ():
                item = f"{at}/{escaped(expression)}"
                for method, _ in operations_in(schemas.node(schemas.followed(item))):
                    yield name, expression, compiled.operation(f"{item}{pointer_of(member_of(method))}")


def _seed(context: RequestContext, number: int) -> bytes:
    return hashlib.blake2b(context.body, digest_size=16, person=b"callback %d" % number).digest()


def _exchange(context: RequestContext, response: Response) -> RecordedExchange:
    """Return a request and its answer as the expressions of addresses ask for them."""
    query = context.scope["query_string"].decode("latin-1")
    decoded = {name.decode("latin-1"): value.decode("latin-1") for name, value in context.headers.items()}
    return RecordedExchange(
        context.path,
        context.method,
        f"{context.links.base}{context.sent_path}{query and '?' + query}",
        request_headers=tuple(decoded.items()),
        request_body=context.body,
        status=response.status,
        response_headers=tuple((name.decode(), value.decode("latin-1")) for name, value in response.headers),
        response_body=response.encoded(),
    )
