"""The operations of a document, with everything about them worked out once."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from eqkit.contract.document import Document, Json
from eqkit.errors import ContractError

METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "trace")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared path, query or header parameter and its schema."""

    name: str
    place: str
    required: bool
    schema: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Response:
    """One documented answer: its status, required headers, and per media type a schema and examples."""

    status: int
    required_headers: frozenset[bytes]
    headers: dict[str, Json]
    content: dict[str, dict[str, Json]]

    def examples(self) -> dict[str, Json]:
        """Return the examples of the first media type, by name."""
        for media_type in self.content.values():
            return {name: example["value"] for name, example in media_type.get("examples", {}).items()}
        return {}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: how it is called and everything that it may answer."""

    id: str
    method: str
    path: str
    tag: str
    parameters: tuple[Parameter, ...]
    body_schema: dict[str, Json] | None
    body_required: bool
    body_media_type: str
    answers_in: tuple[str, ...]
    responses: dict[int, Response]

    def in_place(self, place: str) -> dict[str, Parameter]:
        """Return the parameters that stand in `path`, `query` or `header`, by name."""
        return {parameter.name: parameter for parameter in self.parameters if parameter.place == place}


class Contract:
    """A document together with its operations by operationId."""

    def __init__(self, document: Document) -> None:
        """Work out the operations; raises ContractError for one without operationId or tag."""
        self.document = document
        self.operations = {operation.id: operation for operation in self._operations()}

    def _operations(self) -> Iterator[Operation]:
        for path, item in self.document.data.get("paths", {}).items():
            shared = item.get("parameters", [])
            for method in METHODS:
                if method in item:
                    yield self._operation(path, method, item[method], shared)

    def _operation(self, path: str, method: str, node: dict[str, Any], shared: list[Json]) -> Operation:
        try:
            operation_id, tag = node["operationId"], node["tags"][0]
        except (KeyError, IndexError):
            raise ContractError(f"{method.upper()} {path} needs an operationId and a tag") from None
        node = self.document.inlined(node)
        parameters = self.document.inlined(shared) + node.get("parameters", [])
        body = node.get("requestBody", {}).get("content", {})
        responses = {int(status): _response(int(status), r) for status, r in node["responses"].items()}
        media_types = dict.fromkeys(name for each in responses.values() for name in each.content)
        return Operation(
            id=operation_id,
            method=method.upper(),
            path=path,
            tag=tag,
            parameters=tuple(
                Parameter(p["name"], p["in"], p.get("required", False), p["schema"]) for p in parameters
            ),
            body_schema=next((media_type["schema"] for media_type in body.values()), None),
            body_required=node.get("requestBody", {}).get("required", False),
            body_media_type=next(iter(body), ""),
            answers_in=tuple(media_types),
            responses=responses,
        )

    @functools.cached_property
    def error_schema(self) -> dict[str, Json]:
        """The schema of error documents, for answers that belong to no operation."""
        schema: dict[str, Json] = self.document.inlined(
            self.document.at("#/components/schemas/ErrorDocument")
        )
        return schema


def _response(status: int, node: dict[str, Json]) -> Response:
    headers = node.get("headers", {})
    return Response(
        status=status,
        required_headers=frozenset(
            name.lower().encode() for name, header in headers.items() if header.get("required")
        ),
        headers=headers,
        content=node.get("content", {}),
    )
