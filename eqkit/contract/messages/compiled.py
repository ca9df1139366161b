"""One operation of a contract, compiled: the violations of requests to it and of its responses."""

import functools
from collections.abc import Callable, Container, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from eqkit.contract.decoding.forms import URLENCODED
from eqkit.contract.decoding.styles import raw_pairs
from eqkit.contract.document import Document, Json, escaped, pointer_of, pointer_parts
from eqkit.contract.loading.json_texts import document_of
from eqkit.contract.media_types import JSON_API, essence
from eqkit.contract.messages.contents import CompiledContent
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.contract.messages.messages import RequestMessage, ResponseMessage
from eqkit.contract.messages.parameters import RULE, CompiledHeader, CompiledParameter, compiled_parameters
from eqkit.contract.messages.security import describe_requirements, is_let_in
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.contract.operations import ADDITIONAL, METHODS, member_of, operations_in, sent_method
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas

FIRST_FINAL = 200
"""The lowest status of an answer that ends an exchange; those below it are interim (RFC 9110 15.2)."""

WITHOUT_CONTENT = (204, 205, 304)
"""Statuses that cannot have content (RFC 9110 6.4.1, 15.3.5, 15.3.6 and 15.4.5)."""


REFUSALS_OF_METHODS = (401, 403, 404, 405, 501)
"""The answers of HTTP to an unknown method, whether or not a contract speaks of it."""


NOTHING: Mapping[str, str] = MappingProxyType({})


class CompiledContract:
    """The operations of one document, each compiled when it is first asked for."""

    def __init__(self, document: Document) -> None:
        """Take the document."""
        self._schemas = schemas = Schemas(document)
        self._broken: dict[str, str] = {}
        self.requests = DirectedSchemas(document, schemas, Direction.REQUEST, self._broken)
        self.responses = DirectedSchemas(document, schemas, Direction.RESPONSE, self._broken)
        self._operations: dict[str, CompiledOperation] = {}

    @property
    def broken(self) -> dict[str, str]:
        """Why keywords of schemas are left out, by their pointers: nothing can be validated by them."""
        left_out = self._schemas.broken(Direction.REQUEST)
        return {each.pointer: each.message for each in left_out} | self._broken

    def operation(self, pointer: str) -> "CompiledOperation":
        """Return the operation at a pointer, be it of a path, of a webhook or of a callback."""
        if pointer not in self._operations:
            self._operations[pointer] = CompiledOperation(self, pointer)
        return self._operations[pointer]


class CompiledOperation:
    """One operation; its parameters, bodies and responses are worked out when a message first needs them."""

    def __init__(self, contract: CompiledContract, pointer: str) -> None:
        """Take the operation at a pointer."""
        above, _, method = pointer.rpartition("/")
        if method not in METHODS and above.endswith(f"/{ADDITIONAL}"):
            above = above.removesuffix(f"/{ADDITIONAL}")
        self._requests, self._responses = contract.requests, contract.responses
        self._is_call = pointer.startswith("/webhooks/") or "/callbacks/" in pointer
        if self._is_call:
            # There it is the service that asks, and its users that answer.
            self._requests, self._responses = contract.responses, contract.requests
        self.method = sent_method(pointer_parts(pointer)[-1])
        self.path_item = self._requests.followed(above)
        self.pointer = f"{self.path_item}{pointer.removeprefix(above)}"
        node = self._requests.node(self.pointer)
        self._node: dict[str, Any] = node if isinstance(node, dict) else {}
        self.name = str(self._node.get("operationId") or f"{self.method} {pointer_parts(above)[-1]}")
        self.is_documented = bool(self._node.get("responses"))
        self._known: dict[str, CompiledResponse] = {}
        self._by_status: dict[int, CompiledResponse | None] = {}

    @functools.cached_property
    def parameters(self) -> list[CompiledParameter]:
        """The parameters, those of the path included."""
        return compiled_parameters(self._requests, self.path_item, self.pointer, keys=self._keys_in_query)

    @functools.cached_property
    def body(self) -> tuple[str, bool, CompiledContent]:
        """The pointer to the body of a request, whether it is required, and its media types."""
        pointer = self._requests.followed(f"{self.pointer}/requestBody")
        is_required = self._requests.member(self.pointer, "requestBody") and self._requests.node(pointer)
        content = CompiledContent(self._requests, pointer, "request-body")
        return pointer, bool(is_required and is_required.get("required") is True), content

    @functools.cached_property
    def _is_json_api(self) -> bool:
        """Whether any operation of the path answers in JSON:API, which forbids to ignore a parameter."""
        return any(
            JSON_API in self._responses.member(self._responses.followed(f"{holder}/{status}"), "content")
            for method, _ in operations_in(self._requests.node(self.path_item))
            for holder in [f"{self.path_item}{pointer_of(member_of(method))}/responses"]
            for status in (self._responses.node(holder) or {})
        )

    @functools.cached_property
    def _keys_in_query(self) -> set[str]:
        """The query parameters that security schemes have their keys in."""
        schemes = self._requests.members("/components", "securitySchemes").values()
        nodes = [node for at in schemes if isinstance(node := self._requests.node(at), dict)]
        return {str(node.get("name")) for node in nodes if node.get("in") == "query"}

    def request_violations(
        self,
        request: RequestMessage,
        path: Mapping[str, str] = NOTHING,
        *,
        with_security: bool = True,
        keep: Callable[[Json], object] | None = None,
    ) -> Iterator[MessageViolation]:
        """Yield the violations of a request; a body that was not kept is not validated.

        `path` has the texts that stand in the path for its parameters, as they were sent. A server that has
        looked at the credentials itself asks without security; `keep` is given the value of the body.
        """
        for parameter in self.parameters:
            yield from parameter.violations(request, path)
        if self._is_json_api:
            yield from self._unknown_parameters(request)
        if with_security and request.has_all_headers:
            yield from self._security_violations(request)
        if request.request_body is not None:
            yield from self._body_violations(request, request.request_body, keep)

    def _unknown_parameters(self, request: RequestMessage) -> Iterator[MessageViolation]:
        pairs = raw_pairs(request.query)
        known = {name for each in self.parameters if each.place == "query" for name, _ in each.own(pairs)}
        known |= self._keys_in_query
        for name in dict.fromkeys(name for name, _ in pairs if name not in known):
            message = f'there is no query parameter "{name[:80]}", and JSON:API forbids ignoring it'
            yield MessageViolation(RULE, message, self.path_item, name=name)

    def _security_violations(self, request: RequestMessage) -> Iterator[MessageViolation]:
        has_own = "security" in self._node
        # The requirements of a document are for the operations of its service, not for its webhooks.
        of_all = None if self._is_call else self._requests.node("/security")
        requirements = self._node["security"] if has_own else of_all
        if not isinstance(requirements, list):
            return
        at = "/components/securitySchemes"
        schemes = {
            name: self._requests.node(self._requests.followed(f"{at}/{escaped(name)}"))
            for each in requirements
            if isinstance(each, dict)
            for name in each
        }
        if not is_let_in(requirements, schemes, request):
            message = f"the credentials are missing: {describe_requirements(requirements)}"
            yield MessageViolation(
                "request-security", message, f"{self.pointer}/security" if has_own else "/security"
            )

    def _body_violations(
        self, request: RequestMessage, body: bytes, keep: Callable[[Json], object] | None
    ) -> Iterator[MessageViolation]:
        pointer, is_required, content = self.body
        if not content.media_types and body:
            return
        sent_as = request.request_header("content-type")
        # A form without members has no bytes, where no other body has none.
        is_form = essence(sent_as) == URLENCODED and content.find(sent_as) is not None
        if not body and not is_form:
            if is_required:
                yield MessageViolation("request-body", "the body is missing", pointer)
            return
        if not request.request_headers:
            sent_as = next(iter(content.media_types))  # of a recording that has kept no headers
        media_type = content.find(sent_as)
        if media_type is None:
            yield _wrong_media_type("request-media-type", "the body", sent_as, content, pointer)
        else:
            yield from content.violations(media_type, sent_as, body, keep)

    def response(self, status: int) -> "CompiledResponse | None":
        """Return the documented response for a status: by itself, by its range, or else by ``default``."""
        if status not in self._by_status:
            self._by_status[status] = self._response(response_name(self._documented, status))
        return self._by_status[status]

    def _response(self, name: str | None) -> "CompiledResponse | None":
        if name is not None and name not in self._known:
            self._known[name] = CompiledResponse(self._responses, f"{self.pointer}/responses/{name}")
        return None if name is None else self._known[name]

    @functools.cached_property
    def _documented(self) -> Mapping[str, Json]:
        """The documented responses, by status."""
        return self._requests.member(self.pointer, "responses")

    def source_of(self, response: ResponseMessage) -> str:
        """Return the pointer to the documented response for a status, or to its place where there is none."""
        found = self.response(response.status)
        return f"{self.pointer}/responses/{response.status}" if found is None else found.pointer

    def response_violations(self, response: ResponseMessage) -> Iterator[MessageViolation]:
        """Yield the violations of a response; a body that was not kept is not validated.

        It may be that to another method, which the path has not: then, a refusal need not be documented.
        """
        if not self.is_documented:  # which OpenAPI 3.1 allows
            return
        is_refusal = response.method != self.method and response.status in REFUSALS_OF_METHODS
        if is_refusal and str(response.status) not in self._documented:
            return
        found = self.response(response.status)
        if found is None:
            names = (each for each in self._node["responses"] if not str(each).startswith("x-"))
            message = f"answered {response.status}, and {self.name} has only {', '.join(map(str, names))}"
            yield MessageViolation(
                "response-status", message, f"{self.pointer}/responses", sent=response.status
            )
        else:
            yield from found.violations(response)


def response_name(names: Container[str], status: int) -> str | None:
    """Return the name of the response for a status: its own, its range, or else ``default`` (OpenAPI 3.0.4).

    None if an operation has none of them. A range in small letters is taken, too.
    """
    of_status = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
    return next((name for name in of_status if name in names), None)


class CompiledResponse:
    """The documented response for one status of an operation."""

    def __init__(self, schemas: DirectedSchemas, pointer: str) -> None:
        """Take the response at a pointer."""
        self.pointer = schemas.followed(pointer)
        self._schemas = schemas
        self.content = CompiledContent(schemas, self.pointer, "response-body")
        self.headers = [
            CompiledHeader(schemas, name, at)
            for name, at in schemas.members(self.pointer, "headers").items()
            if name.lower() != "content-type"  # of which `content` tells (OpenAPI 3.0.4, "Response Object")
        ]

    def violations(self, response: ResponseMessage) -> Iterator[MessageViolation]:
        """Yield the violations in the headers and the body of a response."""
        for header in self.headers:
            yield from header.violations(response.response_header(header.name))
        body = response.response_body
        if response.method == "HEAD" or response.status in WITHOUT_CONTENT:
            if body:
                message = f"the {response.status} has a body of {len(body)} bytes, and must not have any"
                yield MessageViolation("response-body", message, self.pointer)
            return
        if not self.content.media_types:
            if body:
                message = f"the {response.status} has a body of {len(body)} bytes, and none is documented"
                yield MessageViolation("response-undocumented", message, self.pointer, Level.SHOULD)
            return
        yield from self._body_violations(response, body)

    def _body_violations(self, response: ResponseMessage, body: bytes | None) -> Iterator[MessageViolation]:
        sent_as = response.response_header("content-type")
        media_type = self.content.find(sent_as)
        if media_type is None:
            yield _wrong_media_type("response-media-type", "the answer", sent_as, self.content, self.pointer)
            return
        if body is None:
            return
        yield from self.content.violations(media_type, sent_as, body)
        if essence(sent_as) == JSON_API:
            for message in _error_status(document_of(body), response.status):
                yield MessageViolation("response-error-status", message, self.pointer)


def _wrong_media_type(
    rule: str, what: str, sent_as: str | None, content: CompiledContent, holder: str
) -> MessageViolation:
    found = "of no media type" if sent_as is None else sent_as[:80]
    message = f"{what} is {found}, and not {' or '.join(content.media_types)}"
    only = [escaped(each) for each in content.media_types] if len(content.media_types) == 1 else []
    at = "/".join([f"{holder}/content", *(only if rule == "request-media-type" else ())])
    return MessageViolation(rule, message, at, sent=sent_as, allowed=list(content.media_types))


def _error_status(document: Json, status: int) -> Iterator[str]:
    """Yield where the errors of a JSON:API document say another status than the answer has (ruling B13)."""
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return
    messages = {str(error.get("status")) for error in errors if isinstance(error, dict)}
    if messages and str(status) not in (messages if len(messages) == 1 else {"400"}):
        yield f"answered {status}, and the errors say {', '.join(sorted(messages))}"
