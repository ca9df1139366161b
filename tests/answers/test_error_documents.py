"""Errors in the shapes that contracts declare for them: by status, range and default, valid by the schema."""

from typing import Any

import pytest

from eqkit.answers.error_documents import ErrorDocuments
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from tests.answers.shapes import COMPONENTS, ERRORS, ROWS, Row

OPERATION = "/paths/~1things/post"


def contract(responses: dict[str, Json], *, version: str = "3.0.3", **paths: Json) -> ErrorDocuments:
    """Return the error documents of a contract with one operation, and further paths."""
    parameters = [{"name": "limit", "in": "query", "schema": {"type": "integer"}}]
    operation = {"parameters": parameters, "responses": {"200": {"description": "Done."}, **responses}}
    data: dict[str, Any] = {
        "openapi": version,
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"post": operation}, **paths},
        "components": COMPONENTS,
    }
    document = Document(data)
    return ErrorDocuments(CompiledContract(document), document)


def answer(schema: Json, media_type: str = "application/json") -> dict[str, Json]:
    """Return a response of one media type."""
    return {"description": "Wrong.", "content": {media_type: {"schema": schema}}}


def problem(status: int) -> tuple[str, Json]:
    """Return the problem of both errors."""
    return contract({}).make(OPERATION, status, ERRORS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_shape_is_filled(row: Row) -> None:
    """Names say the place of each fact, and the media type is the declared one."""
    documents = contract({str(row.status): answer(row.schema, row.media_type)})
    media_type, document = documents.make(OPERATION, row.status, ERRORS)
    assert document == row.document
    assert media_type == ("application/json" if row.media_type == "*/*" else row.media_type)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_range_and_default_declare_the_same(row: Row) -> None:
    """The response for a status is its own, its range's, or else that of `default`."""
    wanted = (row.media_type.replace("*/*", "application/json"), row.document)
    for name in (f"{row.status // 100}XX", f"{row.status // 100}xx", "default"):
        documents = contract({name: answer(row.schema, row.media_type), "409": answer(False)})
        assert documents.make(OPERATION, row.status, ERRORS) == wanted
    documents = contract({"409": answer(row.schema, row.media_type)})
    assert documents.make(OPERATION, row.status, ERRORS) == problem(row.status)
