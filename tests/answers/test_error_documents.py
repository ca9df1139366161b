"""Errors in the shapes that contracts declare for them: by status, range and default, valid by the schema."""

import json
from typing import Any

import pytest

from eqkit.answers.error_documents import ErrorDocuments
from eqkit.answers.error_shapes.problems import PROBLEM
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.errors import Code, ErrorObject
from tests.answers.shapes import BOTH, COMPONENTS, ERRORS, ROWS, Row

OPERATION = "/paths/~1things/post"


def contract_data(responses: dict[str, Json], version: str = "3.0.3") -> dict[str, Any]:
    """Return a contract with one operation."""
    parameters = [{"name": "limit", "in": "query", "schema": {"type": "integer"}}]
    operation = {"parameters": parameters, "responses": {"200": {"description": "Done."}, **responses}}
    return {
        "openapi": version,
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"post": operation}},
        "components": COMPONENTS,
    }


def contract(responses: dict[str, Json], *, version: str = "3.0.3") -> ErrorDocuments:
    """Return the error documents of a contract with one operation."""
    document = Document(contract_data(responses, version))
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


@pytest.mark.parametrize(
    ("declared", "wanted", "status"),
    [
        (["400"], 400, 400),
        (["422"], 400, 422),
        (["400"], 422, 400),
        (["400", "422"], 400, 400),
        (["400", "422"], 422, 422),
        (["4XX"], 400, 400),
        (["4XX", "422"], 400, 422),
        (["default"], 422, 422),
        ([], 400, 400),
        (["422"], 404, 404),
        (["400"], 415, 415),
        (["403"], 401, 403),
        (["401", "403"], 401, 401),
        (["403", "4XX"], 401, 401),
        (["403", "default"], 401, 401),
        (["401"], 403, 403),
    ],
)
def test_a_broken_request_has_the_declared_status(declared: list[str], wanted: int, status: int) -> None:
    """It is 400 or 422, whichever is declared by itself, or 403 for 401; every other status stays."""
    documents = contract({each: {"description": "Wrong."} for each in declared})
    assert documents.status(OPERATION, wanted) == status
    assert documents.status(None, wanted) == wanted


TEXT: dict[str, Json] = {"type": "string"}
MESSAGE: dict[str, Json] = {"type": "object", "required": ["message"], "properties": {"message": TEXT}}


@pytest.mark.parametrize(
    ("declared", "accepted", "media_type"),
    [
        (["application/json"], [], "application/json"),
        (["application/json"], ["application/xml"], "application/json"),
        (["application/xml", "application/json"], [], "application/json"),
        (["text/plain", "application/json"], ["text/plain", "application/json"], "application/json"),
        (["text/plain", "application/json"], ["text/plain"], "text/plain"),
        (["text/html", "text/plain"], ["*/*"], "text/plain"),
        (["application/a+json", "application/b+json"], ["application/b+json"], "application/b+json"),
        (["application/a+json", "application/json"], ["application/json"], "application/a+json"),
        (
            ["application/a+json", "application/json"],
            ["application/json;q=1", "application/a+json"],
            "application/a+json",
        ),
        (["application/json; charset=utf-8"], ["application/*"], "application/json; charset=utf-8"),
        (["APPLICATION/JSON"], ["application/json"], "APPLICATION/JSON"),
        (["*/*"], [], "application/json"),
        (["application/*"], [], "application/json"),
        (["text/*"], [], "text/plain"),
        (["application/*+json"], [], "application/problem+json"),
        (["application/xml"], [], PROBLEM),
        (["image/png"], ["image/png"], PROBLEM),
        (["application/text"], [], PROBLEM),
        (["text/javascript"], [], "text/javascript"),
        (["text/csv"], [], PROBLEM),
        ([], [], PROBLEM),
    ],
)
def test_a_media_type_is_chosen(declared: list[str], accepted: list[str], media_type: str) -> None:
    """JSON goes before texts, among those that the client takes; an error is sent though it takes none."""
    schemas = {each: {"schema": TEXT if each.startswith("text") else MESSAGE} for each in declared}
    documents = contract({"400": {"description": "Wrong.", "content": schemas}})
    found, document = documents.make(OPERATION, 400, ERRORS, accepted)
    assert found == media_type
    assert BOTH in (document, *(document.values() if isinstance(document, dict) else ())) or found == PROBLEM


@pytest.mark.parametrize("media_type", ["application/text", "application/javascript", "application/x-own"])
def test_a_text_is_the_body_wherever_a_schema_says_so(media_type: str) -> None:
    """Searchly declares its errors so; of bytes such as an image's no sentence is one."""
    documents = contract({"400": answer(TEXT, media_type)})
    assert documents.make(OPERATION, 400, ERRORS) == (media_type, BOTH)
    documents = contract({"400": answer(TEXT, "application/pdf")})
    assert documents.make(OPERATION, 400, ERRORS)[0] == PROBLEM


def test_a_text_in_html_is_escaped() -> None:
    """A sentence that quotes the client's bytes is no markup."""
    errors = [("e", ErrorObject(Code.INVALID_VALUE, '"<b>" & more'))]
    documents = contract({"400": answer(TEXT, "text/html"), "401": answer({}, "text/plain")})
    assert documents.make(OPERATION, 400, errors) == ("text/html", "&quot;&lt;b&gt;&quot; &amp; more")
    assert documents.make(OPERATION, 401, errors) == ("text/plain", '"<b>" & more')


@pytest.mark.parametrize(
    ("media_type", "content_type", "body"),
    [
        ("application/json", "application/json", '{"message":"ü"}'),
        ("application/json; charset=utf-16", "application/json; charset=utf-16", '{"message":"ü"}'),
        ("application/vnd.a+json", "application/vnd.a+json", '{"message":"ü"}'),
        ("text/plain", "text/plain; charset=utf-8", "ü"),
        ("text/plain; charset=latin-1", "text/plain; charset=latin-1", "ü"),
        ("text/plain; charset=nonsense", PROBLEM, None),
        ("text/html", "text/html; charset=utf-8", "ü"),
        ("application/yaml", "application/yaml", "message: ü\n"),
        ("image/png", PROBLEM, None),
        ("*/*", "application/json", '{"message":"ü"}'),
    ],
)
def test_an_error_is_written(media_type: str, content_type: str, body: str | None) -> None:
    """In the media type and the charset that are declared; a problem if nothing can be written so."""
    schema = TEXT if media_type.startswith("text") else MESSAGE
    documents = contract({"400": answer(schema, media_type)})
    name, written = documents.write(OPERATION, 400, [("e", ErrorObject(Code.INVALID_VALUE, "ü"))])
    assert name == content_type
    if body is None:
        assert json.loads(written)["detail"] == "ü"
    else:
        charset = name.partition("charset=")[2] or "utf-8"
        assert written.decode(charset) == body


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        ({"required": ["retry"], "properties": {"retry": {"type": "integer", "const": 7}}}, {"retry": 7}),
        ({"required": ["b"], "properties": {"b": {"nullable": True, "type": "string"}}}, {"b": None}),
        ({"required": ["data"], "properties": {"data": {"type": "array", "items": TEXT}}}, {"data": []}),
        ({"required": ["meta"], "properties": {"meta": {"type": "object"}}}, {"meta": {}}),
        ({"required": ["why"]}, {"why": None}),
        ({"required": ["description"]}, {"description": BOTH}),
        ({"properties": {"secret": {"type": "string", "writeOnly": True}}, "required": ["secret"]}, {}),
        ({"properties": {"url": TEXT, "timestamp": TEXT, "count": {"type": "integer"}}}, {}),
        ({"properties": {"detail": {"type": "string", "maxLength": 9}}}, {"detail": '"name" m…'}),
        ({"additionalProperties": False}, {}),
    ],
)  # fmt: skip
def test_a_member_without_a_part_is_valid_or_left_out(schema: dict[str, Json], document: Json) -> None:
    """A required one is null or empty if possible, and else made of its schema."""
    both = {**schema, "type": "object", "properties": {"message": TEXT, **schema.get("properties", {})}}
    documents = contract({"400": answer(both)})
    assert documents.make(OPERATION, 400, ERRORS) == ("application/json", {"message": BOTH, **document})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": ["retry"], "properties": {"retry": {"type": "integer", "minimum": 3}}},
        {"type": "object", "minProperties": 4, "properties": {"message": TEXT}},
        {"type": "object", "properties": {"message": {"type": "string", "pattern": "^[0-9]{3}$"}}},
        {"required": ["message"], "properties": {"message": {"type": "string", "minLength": 5000}}},
        {"required": ["at"], "properties": {"at": {"type": "string", "format": "date-time"}}},
        {"type": "array", "minItems": 3, "items": MESSAGE},
        {"type": "array", "maxItems": 1, "items": MESSAGE},
        {"type": "integer"},
        {"enum": ["gone", "bad"]},
        {"anyOf": [{"required": ["a"]}, {"required": ["message"]}], "properties": {"message": TEXT}},
        {"oneOf": [MESSAGE, {**MESSAGE, "required": ["message", "id"]}]},
        {"not": {"required": ["message"]}, "type": "object", "properties": {"message": TEXT, "detail": TEXT}},
        {"if": {"required": ["code"]}, "then": {"required": ["more"]}, "type": "object",
         "properties": {"code": TEXT, "message": TEXT, "more": {"type": "boolean"}}},
        {"allOf": [MESSAGE, {"properties": {"message": {"enum": ["Bad", "Good"]}}}]},
        {"type": "object", "propertyNames": {"pattern": "^[a-z]$"}, "additionalProperties": TEXT},
        {"type": "object", "properties": {"message": {"not": {"type": "string"}}}, "required": ["message"]},
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1},
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_document_is_valid_by_every_schema(schema: Json, version: str) -> None:
    """Members that break a rule beside their type are left out, replaced, or made of the schema."""
    data = contract_data({"400": answer(schema)}, version)
    compiled = CompiledContract(Document(data))
    documents = ErrorDocuments(compiled, Document(data))
    media_type, document = documents.make(OPERATION, 400, ERRORS)
    assert media_type == "application/json"
    at = f"{OPERATION}/responses/400/content/application~1json/schema"
    assert compiled.responses.validator(at).check(document) == []


def test_an_example_stands_for_a_schema_that_no_value_is_made_of() -> None:
    """The first valid example has the errors put into it; a text of another media type is sent as it is."""
    unmet = {"type": "string", "pattern": r"^(?=.{40}$)(?=.*-qq-qz-)(?=.*-zq-)(?:[a-z]{2}-)+[0-9]+$"}
    schema = {"type": "object", "required": ["x"], "properties": {"x": unmet, "message": TEXT}}
    response = answer(schema)
    met = f"ab-qq-qz-zq-{'ab-' * 9}1"
    response["content"]["application/json"]["examples"] = {
        "no value": {"summary": "None."},
        "wrong": {"value": {"x": "aaaaa"}},
        "right": {"value": {"x": met, "message": "Wrong.", "id": 7}},
    }
    found = contract({"400": response}).make(OPERATION, 400, ERRORS)
    assert found == ("application/json", {"x": met, "message": BOTH, "id": 7})
    response["content"] = {"application/xml": {"example": "<wrong/>"}}
    assert contract({"400": response}).make(OPERATION, 400, ERRORS) == ("application/xml", "<wrong/>")


def test_nothing_valid_is_a_problem() -> None:
    """A schema that accepts no value has no answer of its own."""
    schemas: list[Json] = [False, {"not": {}}, {"type": "string", "enum": []}, {"allOf": [TEXT, False]}]
    for schema in schemas:
        documents = contract({"400": answer(schema)}, version="3.1.0")
        assert documents.make(OPERATION, 400, ERRORS) == problem(400)
