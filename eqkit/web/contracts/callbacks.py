"""The callbacks of an operation: sent after its answer by the clock of the sandbox, signed, and retried."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from eqkit.answers.encoding import CannotEncode, content_type, encoded
from eqkit.answers.examples import examples_of
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import Json, escaped
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.operations import Operation, member_of, operations_in
from eqkit.contract.pointers import pointer_of
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.expressions import address_of
from eqkit.web.messages.context import RequestContext, Response


@dataclass(frozen=True, slots=True)
class CallbackPost:
    """One request of a callback (see `Post`); `queue` is the name of the callback."""

    id: int
    queue: str
    method: str
    media_type: str
    body: bytes

    def document(self, attempt: int) -> bytes:
        """Return the body, the same for each attempt."""
        return self.body


class OperationCallbacks:
    """The callbacks that one operation promises."""

    def __init__(self, operation: Operation, compiled: CompiledContract, generator: Generator) -> None:
        """Find the callbacks; `generator` makes values of responses, as those that a service sends are."""
        self._operation = operation
        self._schemas, self._generator = compiled.responses, generator
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

        for number, (name, expression, method, media_type) in enumerate(self._callbacks, 1):
            url = address_of(expression, exchange, context.parameters)
            if url is None:
                record("callback.without-address", name, expression=expression[:200])
                continue
            try:
                kind, body = self._body(media_type, context, number)
            except (CannotGenerate, CannotEncode) as error:
                record("callback.without-body", name, error=str(error)[:200])
                continue
            post = CallbackPost(sandbox.events.last + 1, name, method, kind, body)
            if not sandbox.webhooks.send_once(post, url):
                record("callback.dropped", name)

    def _found(self, compiled: CompiledContract) -> Iterator[tuple[str, str, str, MediaType | None]]:
        """Yield name, address, method and media type of each request of each callback."""
        schemas = self._schemas
        for name, at in schemas.members(self._operation.pointer, "callbacks").items():
            holder = schemas.node(at)
            for expression in holder if isinstance(holder, dict) else ():
                item = schemas.followed(f"{at}/{escaped(expression)}")
                for method, _ in operations_in(schemas.node(item)):
                    pointer = f"{item}{pointer_of(member_of(method))}"
                    _, _, content = compiled.operation(f"{pointer}").body
                    yield name, expression, method, next(iter(content.media_types.values()), None)

    def _body(self, media_type: MediaType | None, context: RequestContext, number: int) -> tuple[str, bytes]:
        if media_type is None:
            return "application/json", b""
        value = self._value(media_type, context, number)
        body = encoded(self._schemas, media_type, value)
        return content_type(media_type, value, body), body

    def _value(self, media_type: MediaType, context: RequestContext, number: int) -> Json:
        examples = examples_of(self._schemas, media_type.pointer)
        schema = media_type.schema
        valid = (each for each in examples if schema is None or self._schemas.accepts(schema, each.value))
        example = next(valid, None)
        if example is not None:
            return example.value
        if schema is None:
            return {}
        seed = hashlib.blake2b(context.body, digest_size=16, person=b"callback %d" % number).digest()
        return self._generator.value(schema, seed, echo=context.document)


def _exchange(context: RequestContext, response: Response) -> RecordedExchange:
    """Return a request and its answer as the expressions of addresses ask for them."""
    query = context.scope["query_string"].decode("latin-1")
    decoded = {name.decode("latin-1"): value.decode("latin-1") for name, value in context.headers.items()}
    return RecordedExchange(
        context.path,
        context.method,
        f"{context.links.base}{context.path}{query and '?' + query}",
        request_headers=tuple(decoded.items()),
        request_body=context.body,
        status=response.status,
        response_headers=tuple((name.decode(), value.decode("latin-1")) for name, value in response.headers),
        response_body=response.encoded(),
    )
