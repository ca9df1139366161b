"""Errors in real contracts: valid for every operation and status, with the detail if there is room."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from eqkit.answers.error_documents import ErrorDocuments
from eqkit.answers.error_shapes.problems import PROBLEM
from eqkit.answers.error_shapes.views import view_of
from eqkit.contract.document import Document, Json, escaped, pointer_of
from eqkit.contract.loading.source_map import installed
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.compiled import CompiledContract, response_name
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.contract.operations import member_of, operations_in
from eqkit.errors import Code, ErrorObject

PUBLISHED = Path(os.environ.get("EQKIT_TEST_DOCUMENTS", os.devnull))
"""A folder of documents, such as companies publish: more and larger ones than a project can keep."""

DOCUMENTS = [
    installed("elasticqueue.yaml"),
    installed("mock.yaml"),
    *sorted((Path(__file__).parents[1] / "checks" / "contracts").glob("*.yaml")),
    *sorted(file for file in PUBLISHED.glob("*.*") if file.suffix in (".json", ".yaml", ".yml")),
]
NAME = ErrorObject(Code.WRONG_TYPE, '"name" must be a string, not a number.', pointer="/name")
LIMIT = ErrorObject(Code.INVALID_PARAMETER, '"limit" must be at most 100.', parameter="limit")


def errors_of(status: int) -> list[tuple[str, ErrorObject]]:
    """Return errors as they come with a status: two of a broken request, one of any other."""
    if status in (400, 422):
        return [("error-1", NAME), ("error-2", LIMIT)]
    code = next((each for each in Code if each.status == status), Code.INTERNAL_ERROR)
    return [("error-1", ErrorObject(code, f"Nothing of {status} is possible here."))]


def declared(schemas: DirectedSchemas) -> Iterator[tuple[str, int]]:
    """Yield each operation with a status for each of its responses that are errors."""
    for path in schemas.node("/paths") or ():
        item = schemas.followed(f"/paths/{escaped(path)}")
        for method, _ in operations_in(schemas.node(item)):
            operation = item + pointer_of(member_of(method))
            for name in schemas.member(operation, "responses"):
                if name == "default":
                    yield operation, 500
                elif name[0] in "45":
                    yield operation, int(name.upper().replace("XX", "22"))


def media_types_of(compiled: CompiledContract, operation: str, status: int) -> dict[str, MediaType]:
    """Return the media types of the response for a status."""
    found = compiled.operation(operation).response(status)
    return {} if found is None else found.content.media_types


def has_room(schemas: DirectedSchemas, pointers: tuple[str, ...], depth: int = 0) -> bool:
    """Return whether a schema has a required or optional text, of any content, for a sentence."""
    view = view_of(schemas, pointers, frozenset())
    if view.choices or depth > 3:
        return False
    if view.kinds <= {"string", "null"}:
        return view.is_stated and not view.is_bound and view.values is None
    members = [
        each for name, each in view.properties.items() if name in ("message", "detail", "error", "errors")
    ]
    return any(
        has_room(schemas, each, depth + 1) for each in [*members, *([view.items] if view.items else [])]
    )


def texts_in(value: Json) -> Iterator[str]:
    """Yield each text of a document, without the stop that ends it."""
    if isinstance(value, str):
        yield value.removesuffix(".")
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts_in(each)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_declared_error_is_valid_and_says_the_detail(path: Path) -> None:
    """By the engine that validates answers; the details of all errors are in it."""
    document = Document.load(path)
    compiled = CompiledContract(document)
    documents = ErrorDocuments(compiled, document)
    schemas, wrong = compiled.responses, []
    for operation, status in declared(schemas):
        errors = errors_of(status)
        media_types = media_types_of(compiled, operation, status)
        name, found = documents.make(operation, status, errors)
        if not any(is_json(each) or each.startswith(("text/", "*/*")) for each in media_types):
            if name != PROBLEM:
                wrong.append(f"{operation} {status}: {name} is not declared")
            continue
        schema = next(each.schema for each in media_types.values() if each.name in (name, "*/*"))
        standing = schemas.followed(schema or "")
        if schema is not None and not schemas.accepts(standing, found):
            wrong.append(f"{operation} {status}: {found}")
        texts = list(texts_in(found))
        has_detail = all(any(each.detail.removesuffix(".") in text for text in texts) for _, each in errors)
        if not has_detail and (schema is None or has_room(schemas, (standing,))):
            wrong.append(f"{operation} {status}: no detail in {found}")
    assert wrong == []


def test_elasticqueue_answers_as_it_does_by_hand() -> None:
    """The shape that ElasticQueue's contract declares is filled as its own error documents are."""
    document = Document.load(installed("elasticqueue.yaml"))
    compiled = CompiledContract(document)
    operation = next(each for each, status in declared(compiled.responses) if status == 400)
    assert response_name(compiled.responses.member(operation, "responses"), 400) == "400"
    media_type, found = ErrorDocuments(compiled, document).make(operation, 400, [("error-1", NAME)])
    assert media_type == "application/vnd.api+json"
    assert found["errors"] == [
        {
            "id": "error-1",
            "status": "400",
            "code": "wrong-type",
            "title": "Wrong JSON type",
            "detail": NAME.detail,
            "source": {"pointer": "/name"},
        }
    ]
