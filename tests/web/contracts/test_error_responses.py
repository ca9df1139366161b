"""Errors of a whole server in the shapes of its contract: statuses, media types, headers, the journal."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from eqkit.web.contracts.application import contract_application
from eqkit.web.contracts.settings import ContractSettings
from tests.clients import KEY, Client

ERROR: Any = {
    "type": "object",
    "required": ["message", "errors"],
    "properties": {
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {"detail": {"type": "string"}, "field": {"type": "string"}},
                "xml": {"name": "error"},
            },
        },
    },
    "xml": {"name": "problem"},
}
BODY = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}}
JSON = {"application/json": {"schema": ERROR}}
EVERY = {**JSON, "application/xml": {"schema": ERROR}, "text/plain": {"schema": {"type": "string"}}}


class JsonClient(Client):
    """Sends JSON."""

    media_type = "application/json"


def client(folder: Path, responses: dict[str, Any], **members: Any) -> JsonClient:
    """Return a client of a server with one operation that answers errors so, and further members of it."""
    operation = {
        "operationId": "addPet",
        "parameters": [LIMIT],
        "requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}},
        "responses": {"200": {"description": "Good."}, **responses},
        **members,
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pets": {"post": operation}},
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
    }
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    return JsonClient(contract_application(ContractSettings.read({"contract": str(file)}, environ={})), KEY)


def declared(content: Any, **members: Any) -> Any:
    """Return a response with content."""
    return {"description": "Wrong.", "content": content, **members}


TOO_LARGE = 'In the query, "limit" must be at most 100, not 101.'


@pytest.mark.parametrize(
    ("names", "status"),
    [(["400"], 400), (["422"], 422), (["400", "422"], 400), (["4XX"], 400), (["default"], 400)],
)
def test_a_broken_request_is_answered_in_the_declared_shape(
    names: list[str], status: int, tmp_path: Path
) -> None:
    """All faults are in it, under the status that is declared for one."""
    mock = client(tmp_path, {each: declared(JSON) for each in names})
    found = mock.post("/pets?limit=101", json={"name": 3})
    assert (found.status_code, found.headers["content-type"]) == (status, "application/json")
    errors = found.json()["errors"]
    assert [each.get("field") for each in errors] == ["limit", "id", "name"]
    assert errors[0]["detail"] == TOO_LARGE
    assert found.json()["message"] == f"{TOO_LARGE.removesuffix('.')} (and 2 more errors)."


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/xml", "application/xml"),
        ("text/*", "text/plain"),
        ("text/plain;q=0.5, application/json;q=0.1", "application/json"),
    ],
)
def test_an_error_is_written_as_the_client_takes_it(
    accept: str | None, media_type: str, tmp_path: Path
) -> None:
    """In JSON, XML, or as a text."""
    mock = client(tmp_path, {"200": declared(EVERY), "400": declared(EVERY)})
    found = mock.post("/pets?limit=101", json={"id": 1}, headers={"accept": accept})
    assert (found.status_code, found.headers["content-type"]) == (400, media_type)
    if media_type == "application/xml":
        root = ET.fromstring(found.text)
        assert (root.tag, root.findtext("message")) == ("problem", TOO_LARGE)
    elif media_type == "application/json":
        assert found.json()["errors"] == [{"detail": TOO_LARGE, "field": "limit"}]
    else:
        assert found.text == TOO_LARGE


def test_an_error_has_its_own_headers_and_the_required_ones(tmp_path: Path) -> None:
    """A challenge is the server's; a header that the contract requires is there, too."""
    headers = {
        "WWW-Authenticate": {"required": True, "schema": {"type": "string"}},
        "X-Trace": {"required": True, "schema": {"type": "string", "enum": ["abc"]}},
        "X-Other": {"schema": {"type": "string"}},
    }
    mock = client(tmp_path, {"401": declared(JSON, headers=headers)}, security=[{"key": []}])
    found = mock.post("/pets", json={"id": 1})
    assert found.status_code == 401
    assert found.headers["x-trace"] == "abc"
    assert found.headers.get_list("www-authenticate") == ['ApiKey realm="Pets"']
    assert "x-other" not in found.headers
    assert len(found.json()["errors"]) == 1


def test_a_request_to_no_operation_has_the_shape_of_most(tmp_path: Path) -> None:
    """A 404 is as the operations declare it; a 405 is a problem, and says `Allow`."""
    mock = client(tmp_path, {"404": declared(JSON)})
    missing = mock.get("/dogs")
    assert (missing.status_code, [*missing.json()]) == (404, ["message", "errors"])
    refused = mock.request("PATCH", "/pets", json={})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.json()["status"], refused.json()["title"]) == (405, "Method Not Allowed")


def test_the_journal_has_the_codes_of_errors(tmp_path: Path) -> None:
    """Though the shape has no room for any of them."""
    content = {"application/json": {"schema": {"type": "integer"}}}
    mock = client(tmp_path, {"422": declared(content)}, security=[{"key": []}])
    found = mock.post("/pets?limit=101", json={"name": 3}, headers={"x-key": KEY})
    assert (found.status_code, isinstance(found.json(), int)) == (422, True)
    assert mock.journal[-1].error_codes == ("invalid-parameter", "missing-member", "wrong-type")
