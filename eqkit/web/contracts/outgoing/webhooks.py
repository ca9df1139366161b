"""The webhooks of a contract (OpenAPI 3.1): sent to the subscribers of a sandbox, by its clock."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from eqkit.answers.encoding import CannotEncode
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import Document, Json, escaped
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.messages.contents import CompiledContent, MediaType
from eqkit.contract.messages.violations import Level
from eqkit.contract.operations import member_of, operations_in
from eqkit.contract.pointers import pointer_of
from eqkit.contract.schemas.violations import format_value, nearest
from eqkit.errors import MAX_ERRORS, ApiError, Code, ErrorObject, api_error
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.contracts.outgoing.requests import ContractPost, OutgoingRequests
from eqkit.web.contracts.validation import code_of, sentence_of

EXAMPLE: Json = object()
"""Stands for a body that is not given: it is an example of the contract, or a generated value."""

MAX_NAMES = 20
"""How many names an error lists."""


class Written(NamedTuple):
    """A webhook that is written: its method, the Content-Type, and the bytes of its body."""

    method: str
    media_type: str
    body: bytes


class ContractWebhooks:
    """The webhooks that a document describes, each by the methods of its path item."""

    def __init__(self, document: Document, compiled: CompiledContract, generator: Generator) -> None:
        """Find the webhooks; `generator` makes values of responses, as those that a service sends are."""
        self._compiled = compiled
        self._requests = OutgoingRequests(compiled, generator)
        self._found = dict(_found(document, compiled))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all webhooks, in the order of the document."""
        return tuple(self._found)

    def send(
        self,
        sandbox: Sandbox,
        name: str,
        *,
        body: Json = EXAMPLE,
        media_type: str | None = None,
        delay_ms: int = 0,
        method: str | None = None,
    ) -> int | None:
        """Send a webhook to its subscribers, after a delay on the sandbox's clock, and return their number.

        The media type is the first of the contract unless given, and the method is POST, else the first.
        None, and the event `webhook.dropped`, if the sandbox has no room for its posts. Raises ApiError (400)
        for an unknown name, method or media type, for a body that the contract refuses, and where none is
        given and no valid one can be made.
        """
        return self.post(sandbox, name, self.written(name, body, media_type, method), delay_ms)

    def post(self, sandbox: Sandbox, name: str, written: Written, delay_ms: int = 0) -> int | None:
        """Send a webhook that is written, as `send` does."""
        headers = self._requests.headers(self._compiled.operation(self._found[name][written.method]))
        post = ContractPost(sandbox.events.last + 1, name, *written, headers)
        now_ms = sandbox.clock.now()
        subscribers = sandbox.webhooks.send_at(post, now_ms + delay_ms)
        if subscribers is None:
            sandbox.events.record(now_ms, "webhook.dropped", {"queue": name})
        else:
            about = {"queue": name, "id": str(post.id), "subscribers": subscribers}
            sandbox.events.record(now_ms, "webhook.sent", about)
        return subscribers

    def written(
        self, name: str, body: Json = EXAMPLE, media_type: str | None = None, method: str | None = None
    ) -> Written:
        """Return the method, the Content-Type and the bytes of a webhook; raises ApiError as `send` does."""
        if name not in self._found:
            raise _unknown("webhook", name, self.names, "/webhook")
        by, pointer = _chosen_method(self._found[name], method)
        _, _, content = self._compiled.operation(pointer).body
        chosen = _chosen(content, media_type)
        try:
            if body is EXAMPLE:
                return Written(by, *self._requests.made(chosen, f"webhook {name}"))
            if chosen is None:
                detail = f"The webhook {format_value(name)} has no body in the contract."
                raise api_error(Code.INVALID_VALUE, detail, pointer="/body")
            kind, written = self._requests.written(chosen, body)
        except CannotGenerate as error:
            detail = f"No valid body can be made for {format_value(name)}, so give one: {error}"
            raise api_error(Code.INVALID_VALUE, detail, pointer="/webhook") from error
        except CannotEncode as error:
            raise api_error(Code.INVALID_VALUE, str(error), pointer="/body") from error
        errors = list(islice(_errors(content, chosen, kind, written), MAX_ERRORS))
        if errors:
            raise ApiError(errors)
        return Written(by, kind, written)


def _found(document: Document, compiled: CompiledContract) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each name with its methods, and the pointers of their operations."""
    if str(document.data["openapi"]).startswith("3.0"):
        return
    schemas = compiled.responses
    for name, item in schemas.members("", "webhooks").items():
        at = f"/webhooks/{escaped(name)}"
        methods = {
            method: f"{at}{pointer_of(member_of(method))}"
            for method, _ in operations_in(schemas.node(schemas.followed(item)))
        }
        if methods:
            yield name, methods


def _chosen_method(methods: Mapping[str, str], wanted: str | None) -> tuple[str, str]:
    """Return the wanted method with its pointer; without a wish POST, else the first."""
    if wanted is None:
        chosen = "POST" if "POST" in methods else next(iter(methods))
    else:
        chosen = wanted if wanted in methods else wanted.upper()
    if chosen not in methods:
        raise _unknown("method", chosen, tuple(methods), "/method")
    return chosen, methods[chosen]


def _chosen(content: CompiledContent, media_type: str | None) -> MediaType | None:
    if media_type is None:
        return next(iter(content.media_types.values()), None)
    if media_type not in content.media_types:
        raise _unknown("media type", media_type, tuple(content.media_types), "/media-type")
    return content.media_types[media_type]


def _unknown(noun: str, name: str, known: tuple[str, ...], pointer: str) -> ApiError:
    near = nearest(name, known)
    listed = f"there are {', '.join(known[:MAX_NAMES])}" if known else "the contract has none"
    more = f" and {len(known) - MAX_NAMES} others" if len(known) > MAX_NAMES else ""
    meant = f'did you mean "{near}"?' if near else f"{listed}{more}."
    return api_error(Code.INVALID_VALUE, f"There is no {noun} {format_value(name)}; {meant}", pointer=pointer)


def _errors(content: CompiledContent, media_type: MediaType, kind: str, body: bytes) -> Iterator[ErrorObject]:
    """Yield the errors of a given body, each at its place in the request to send it."""
    for each in content.violations(media_type, kind, body):
        if each.level is Level.MUST:
            yield ErrorObject(code_of(each), sentence_of(each), f"/body{each.pointer}", rule=each.source)
