"""Errors of requests to no operation: the shape that most operations declare, or else a problem."""

import copy
from datetime import date

import pytest

from eqkit.answers.error_documents import ErrorDocuments
from eqkit.answers.error_shapes.problems import PROBLEM
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.errors import Code, ErrorObject

ERRORS = [("error-1", ErrorObject(Code.PATH_NOT_FOUND, "The contract has no path /x."))]
BY_REFERENCE: Json = {"$ref": "#/components/schemas/Error"}
INLINE: Json = {"type": "object", "properties": {"error": {"type": "string"}}}
OTHER: Json = {"type": "object", "properties": {"message": {"type": "string"}}}
COMPONENTS: Json = {
    "schemas": {"Error": {"type": "object", "properties": {"detail": {"type": "string"}}}},
    "responses": {
        "Missing": {"description": "Missing.", "content": {"application/json": {"schema": INLINE}}}
    },
}
SHARED: Json = {"$ref": "#/components/responses/Missing"}
EMPTY: Json = {"description": "Missing."}


def of(schema: Json) -> Json:
    """Return a response with a schema."""
    return {"description": "Missing.", "content": {"application/json": {"schema": copy.deepcopy(schema)}}}


def documents_of(operations: list[dict[str, Json]]) -> ErrorDocuments:
    """Return the error documents of a contract with the responses of each operation."""
    paths = {f"/things/{number}": {"get": {"responses": each}} for number, each in enumerate(operations)}
    document = Document({"openapi": "3.0.3", "paths": paths, "components": COMPONENTS})
    return ErrorDocuments(CompiledContract(document), document)


@pytest.mark.parametrize(
    ("operations", "member"),
    [
        ([{"404": of(BY_REFERENCE)}], "detail"),
        ([{"404": of(BY_REFERENCE)}, {"404": of(BY_REFERENCE)}, {"404": of(OTHER)}], "detail"),
        ([{"404": of(INLINE)}, {"404": of(INLINE)}, {"404": of(OTHER)}], "error"),
        ([{"404": SHARED}, {"4XX": SHARED}, {"404": of(OTHER)}], "error"),
        ([{"4XX": of(OTHER)}, {"default": of(OTHER)}, {"404": of(INLINE)}], "message"),
        ([{"404": of(OTHER)}, {"200": EMPTY}, {"400": of(INLINE)}, {"5XX": of(INLINE)}], "message"),
        ([{"404": of(INLINE)}, {"404": of(OTHER)}], None),
        ([{"404": EMPTY}, {"404": EMPTY}, {"404": of(OTHER)}], None),
        ([{"200": EMPTY}], None),
        ([], None),
    ],
)
def test_a_missing_path_has_the_shape_of_most(operations: list[dict[str, Json]], member: str | None) -> None:
    """More than half of the operations that declare the status, its range or `default` declare one shape."""
    media_type, document = documents_of(operations).make(None, 404, ERRORS)
    if member is None:
        assert (media_type, document["status"]) == (PROBLEM, 404)
    else:
        assert (media_type, document) == ("application/json", {member: ERRORS[0][1].detail})


def nested(depth: int) -> Json:
    """Return a schema with schemas in it."""
    schema: Json = {}
    for _ in range(depth):
        schema = {"not": schema}
    return schema


@pytest.mark.parametrize(
    ("odd", "media_type"),
    [
        (10**30, "application/json"),
        ("\ud800", PROBLEM),
        (date(2026, 1, 1), PROBLEM),
        (nested(300), PROBLEM),
        (nested(100_000), PROBLEM),
    ],
    ids=["big", "lone", "date", "deep", "deepest"],
)
def test_a_schema_may_have_anything_in_it(odd: Json, media_type: str) -> None:
    """Values that not every writer of JSON has a form for; one that no validator reads has a problem."""
    schema = {**INLINE, "x-odd": odd}
    response = {"description": "Missing.", "content": {"application/json": {"schema": schema}}}
    found, body = documents_of([{"404": response}]).write(None, 404, ERRORS)
    assert found == media_type
    assert ERRORS[0][1].detail in body.decode()


@pytest.mark.parametrize(
    "paths",
    [
        None,
        [],
        {"/a": None},
        {"/a": {"$ref": "#/nowhere"}},
        {"/a": {"get": None}},
        {"/a": {"get": {"responses": None}}},
        {"x-a": 1},
        {"/a": {"get": {"responses": {"404": 1}}}},
    ],
)
def test_a_document_that_is_none_has_problems(paths: Json) -> None:
    """Members of wrong types declare nothing."""
    document = Document({"openapi": "3.1.0", "paths": paths})
    documents = ErrorDocuments(CompiledContract(document), document)
    assert documents.make(None, 404, ERRORS)[0] == PROBLEM
    assert documents.make("/paths/~1a/get", 404, ERRORS)[0] == PROBLEM
    assert documents.status("/paths/~1a/get", 400) == 400
