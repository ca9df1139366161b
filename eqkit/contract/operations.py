"""The operations of a document, with everything about them worked out once, when it is first asked for."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from eqkit.contract.document import LONGEST_CHAIN, Document, Json, pointer_of
from eqkit.errors import ContractError

METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace", "query")
"""The methods that a path item has a member for; `query` since OpenAPI 3.2."""

ADDITIONAL = "additionalOperations"
"""The member of a path item with the operations of all other methods, by their names (since OpenAPI 3.2)."""

_STATUS = re.compile(r"[1-5][0-9][0-9]|[1-5]XX|default")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared path, query, header or cookie parameter and its schema, and how it is written."""

    name: str
    place: str
    required: bool
    schema: dict[str, Json]
    style: str
    explode: bool


@dataclass(frozen=True, slots=True)
class DocumentedResponse:
    """One documented answer: its status, required headers, and per media type a schema and examples.

    The status is as the document writes it: one of three digits, a range such as ``4XX``, or ``default``.
    """

    status: str
    required_headers: frozenset[bytes]
    headers: dict[str, Json]
    content: dict[str, dict[str, Json]]

    def examples(self) -> dict[str, Json]:
        """Return the examples of the first media type, by name."""
        return _examples(self.content)


@dataclass(frozen=True)
class Operation:
    """One operation: how it is called and everything that it may answer."""

    id: str
    method: str
    path: str
    tag: str | None
    summary: str
    _document: Document = field(repr=False, compare=False)
    _node: dict[str, Any] = field(repr=False, compare=False)
    _shared: list[Json] = field(repr=False, compare=False)
    """The operation as it is written, and the parameters of its path."""

    @functools.cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters; one of the operation overrides that of its path."""
        listed = (
            followed(self._document, each) for each in (*self._shared, *self._node.get("parameters", ()))
        )
        return tuple({(each["name"], each["in"]): _parameter(each) for each in listed if each}.values())

    @functools.cached_property
    def bodies(self) -> dict[str, dict[str, Json]]:
        """The bodies of the request, a schema and examples per media type."""
        return _content(self._document, self._body)

    @property
    def body_required(self) -> bool:
        """Whether a request must have a body."""
        required: bool = self._body.get("required", False)
        return required

    @functools.cached_property
    def _body(self) -> dict[str, Json]:
        return followed(self._document, self._node.get("requestBody") or {})

    @functools.cached_property
    def responses(self) -> dict[int, DocumentedResponse]:
        """The answers of one status each."""
        return {int(status): each for status, each in self._answers.items() if status.isdecimal()}

    @functools.cached_property
    def fallbacks(self) -> dict[str, DocumentedResponse]:
        """The answers of a range of statuses, and ``default``."""
        return {status: each for status, each in self._answers.items() if not status.isdecimal()}

    @functools.cached_property
    def answers_in(self) -> tuple[str, ...]:
        """The media types of all answers."""
        return tuple(dict.fromkeys(name for each in self._answers.values() for name in each.content))

    @functools.cached_property
    def _answers(self) -> dict[str, DocumentedResponse]:
        nodes = followed(self._document, self._node.get("responses", {})).items()
        return {
            status: _response(self._document, status, followed(self._document, each or {}))
            for status, each in nodes
            if not status.startswith("x-")
        }

    @property
    def pointer(self) -> str:
        """The pointer to the operation, by the path that it is called at."""
        return pointer_of(["paths", self.path, *member_of(self.method)])

    def extension(self, name: str) -> Json:
        """Return the value of an ``x-`` member; None if there is none."""
        return self._node.get(name)

    @property
    def body_media_type(self) -> str:
        """The first media type of a request's body, or "" where the operation takes none."""
        return next(iter(self.bodies), "")

    @property
    def body_schema(self) -> dict[str, Json] | None:
        """The schema of the first media type, or None if the operation takes no body."""
        return next((media_type.get("schema", {}) for media_type in self.bodies.values()), None)

    def body_examples(self) -> dict[str, Json]:
        """Return the examples of the first media type of the request, by name."""
        return _examples(self.bodies)

    @property
    def answers(self) -> tuple[DocumentedResponse, ...]:
        """Every documented answer: those to one status first."""
        return (*self.responses.values(), *self.fallbacks.values())

    def answer(self, status: int) -> DocumentedResponse | None:
        """Return the documented answer for a status: by itself, by its range, or else by ``default``.

        In this order, as OpenAPI has it (3.0.3, "Responses Object").
        """
        for_range = self.fallbacks.get(f"{status // 100}XX")
        return self.responses.get(status) or for_range or self.fallbacks.get("default")

    def in_place(self, place: str) -> dict[str, Parameter]:
        """Return the parameters that stand in a place, such as `path` or `query`, by name."""
        return {parameter.name: parameter for parameter in self.parameters if parameter.place == place}


def member_of(method: str) -> tuple[str, ...]:
    """Return the way from a path item to the operation of a method, spelt as it is sent."""
    is_fixed = method.isupper() and method.lower() in METHODS
    return (method.lower(),) if is_fixed else (ADDITIONAL, method)


def sent_method(name: str) -> str:
    """Return a method as it is sent, by any spelling of one that HTTP writes in capitals."""
    return name.upper() if name.lower() in METHODS else name


def operations_in(item: Json) -> Iterator[tuple[str, Json]]:
    """Yield the operations of a path item, each with its method as it is sent."""
    if not isinstance(item, dict):
        return
    for method in METHODS:
        if method in item:
            yield method.upper(), item[method]
    others = item.get(ADDITIONAL)
    yield from others.items() if isinstance(others, dict) else ()


class Contract:
    """A document together with its operations by operationId; one without is called ``GET /path``."""

    def __init__(self, document: Document) -> None:
        """Find the operations; raises ContractError for an answer whose status is none.

        The rest of an operation is worked out when it is first asked for, and a document that is no valid
        OpenAPI may raise anything then: `complete` does so at once, and `load_any` makes it valid.
        """
        self.document = document
        self.operations: dict[str, Operation] = {}
        for operation in self._operations():
            self.operations[operation.id] = operation

    def complete(self) -> "Contract":
        """Work out every part of every operation, and return the contract."""
        for each in self.operations.values():
            _ = each.parameters, each.bodies, each.body_required, each.answers
        return self

    def get_beside(self, operation: Operation) -> Operation:
        """Return the GET at the path of an operation; the operation itself if there is none."""
        beside = (each for each in self.operations.values() if each.path == operation.path)
        return next((each for each in beside if each.method == "GET"), operation)

    def _operations(self) -> Iterator[Operation]:
        for path, written in self.document.data.get("paths", {}).items():
            if path.startswith("x-"):
                continue
            item = self._item(written)
            if item is None:
                continue
            shared = item.get("parameters", [])
            for method, node in operations_in(item):
                yield self._operation(path, method, node, shared)

    def _item(self, written: Json) -> Json:
        """Return a path item as it is written where it stands; None if its reference leads nowhere."""
        for _ in range(20):
            if "$ref" not in written:
                return written
            try:
                written = self.document.at(written["$ref"])
            except (KeyError, TypeError):
                return None
        return None

    def _operation(self, path: str, method: str, written: dict[str, Any], shared: list[Json]) -> Operation:
        name = f"{method} {path}"
        node = followed(self.document, written)
        operation_id = written.get("operationId", name)
        for status in followed(self.document, node.get("responses", {})):
            if not (_STATUS.fullmatch(status) or status.startswith("x-")):
                raise ContractError(
                    f"{name}: an answer to {status!r} is none: OpenAPI has statuses such as 404, "
                    f"ranges such as 4XX, in capitals, and default"
                )
        return Operation(
            # Two of one name would be one; that they share it is for lint to tell.
            name if operation_id in self.operations else operation_id,
            method,
            path,
            next(iter(node.get("tags", ())), None),
            str(node.get("summary") or ""),
            self.document,
            node,
            shared,
        )


def _examples(content: dict[str, dict[str, Json]]) -> dict[str, Json]:
    for media_type in content.values():
        examples: dict[str, dict[str, Json]] = media_type.get("examples") or {}
        return {name: example["value"] for name, example in examples.items() if "value" in example}
    return {}


def _named(document: Document, node: dict[str, Json], name: str) -> dict[str, dict[str, Json]]:
    """Return the objects by name in a member; one that YAML leaves empty is an object without members."""
    objects = followed(document, node.get(name) or {})
    return {each: dict(followed(document, found or {})) for each, found in objects.items()}


def _content(document: Document, node: dict[str, Json]) -> dict[str, dict[str, Json]]:
    """Return the media types of a body, with the references of their examples followed."""
    return {
        name: {**each, "examples": _named(document, each, "examples")} if each.get("examples") else each
        for name, each in _named(document, node, "content").items()
    }


def _parameter(node: dict[str, Json]) -> Parameter:
    style = node.get("style", "form" if node["in"] in ("query", "cookie") else "simple")
    return Parameter(
        name=node["name"],
        place=node["in"],
        required=node.get("required", False),
        # One that is described by a media type is a text of it, of which no schema of ours speaks.
        schema=schema_object(node.get("schema", {})),
        style=style,
        explode=node.get("explode", style == "form"),
    )


def schema_object(schema: Json) -> dict[str, Json]:
    """Return a schema as an object: since OpenAPI 3.1 it may be true, which admits anything, or false."""
    match schema:
        case dict():
            return dict(schema)
        case False:
            return {"not": {}}
    return {}  # also of an empty value of YAML, and of one that is no schema


def followed(document: Document, node: dict[str, Json]) -> dict[str, Json]:
    """Return the object that the references of an object lead to; {} for one that leads nowhere."""
    for _ in range(LONGEST_CHAIN):
        if not isinstance(node.get("$ref"), str):
            return node
        target = document.target(node)
        node = {} if target is None else document.at(target)
    return {}


def _response(document: Document, status: str, node: dict[str, Json]) -> DocumentedResponse:
    headers = _named(document, node, "headers")
    return DocumentedResponse(
        status=status,
        required_headers=frozenset(
            name.lower().encode() for name, header in headers.items() if header.get("required")
        ),
        headers=headers,
        content=_content(document, node),
    )
