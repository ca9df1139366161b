"""Answers in each media type, by a whole server: examples as they are written, and generated values."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
import yaml

from eqkit.web.contracts.application import contract_application
from eqkit.web.contracts.settings import ContractSettings
from tests.clients import Client

PET: Any = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "xml": {"attribute": True}},
        "name": {"type": "string", "const": "Rex"},
    },
    "required": ["id", "name"],
    "additionalProperties": False,
    "xml": {"name": "pet"},
}
REFERENCE = {"$ref": "#/components/schemas/Pet"}
EVENT = {
    "type": "object",
    "required": ["data"],
    "properties": {"data": {"const": "x"}},
    "additionalProperties": False,
}


def client(folder: Path, content: Any) -> Client:
    """Return a client of a server with one operation, which answers by some content."""
    responses = {"200": {"description": "Good.", "content": content}}
    document = {
        "openapi": "3.2.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pets": {"get": {"responses": responses}}},
        "components": {"schemas": {"Pet": PET}},
    }
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    return Client(contract_application(ContractSettings.read({"contract": str(file)}, environ={})), None)


EXAMPLES: list[tuple[str, Any, str, bytes]] = [
    ("application/xml", {"schema": REFERENCE, "example": {"id": 1, "name": "Rex"}}, "application/xml",
     b'<?xml version="1.0" encoding="UTF-8"?>\n<pet id="1"><name>Rex</name></pet>'),
    ("application/xml", {"schema": REFERENCE, "example": "<pet/>"}, "application/xml", b"<pet/>"),
    ("text/csv", {"example": "a,b\r\n"}, "text/csv", b"a,b\r\n"),
    ("application/yaml", {"schema": REFERENCE, "example": {"id": 1, "name": "Rex"}}, "application/yaml",
     b"id: 1\nname: Rex\n"),
    ("application/x-www-form-urlencoded", {"schema": REFERENCE, "example": {"id": 1, "name": "Rex"}},
     "application/x-www-form-urlencoded", b"id=1&name=Rex"),
    ("application/x-ndjson", {"itemSchema": REFERENCE, "example": [{"id": 1, "name": "Rex"}]},
     "application/x-ndjson", b'{"id":1,"name":"Rex"}\n'),
    ("text/event-stream", {"itemSchema": EVENT, "example": "data: x\n\n"}, "text/event-stream",
     b"data: x\n\n"),
    ("text/plain; charset=utf-16-le", {"example": "ä"}, "text/plain; charset=utf-16-le", b"\xe4\0"),
    ("image/*", {"schema": {"type": "string", "format": "binary"}, "example": "\x89"}, "image/png", b"\x89"),
    ("*/*", {"example": {"a": 1}}, "application/json", b'{"a":1}'),
    ("*/*", {"example": "a"}, "text/plain", b"a"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "node", "sent_as", "body"), EXAMPLES)
def test_an_example_is_sent_as_its_media_type(
    tmp_path: Path, name: str, node: Any, sent_as: str, body: bytes
) -> None:
    """With the Content-Type that the bytes are of."""
    response = client(tmp_path, {name: node}).get("/pets")
    assert (response.status_code, response.headers["content-type"]) == (200, sent_as)
    assert response.content == body


def test_generated_values_are_sent_as_their_media_types(tmp_path: Path) -> None:
    """The client says which it takes; all have the same schema."""
    names = ("application/json", "application/xml", "application/yaml", "multipart/form-data")
    pets = client(tmp_path, {name: {"schema": REFERENCE} for name in names})
    as_json, as_xml, as_yaml, as_form = (pets.get("/pets", headers={"accept": name}) for name in names)
    assert as_json.json()["name"] == "Rex"
    root = ET.fromstring(as_xml.text)
    assert (root.tag, root.findtext("name")) == ("pet", "Rex")
    assert yaml.safe_load(as_yaml.text)["name"] == "Rex"
    boundary = as_form.headers["content-type"].removeprefix("multipart/form-data; boundary=")
    assert as_form.text.startswith(f"--{boundary}\r\n")


@pytest.mark.parametrize(
    ("name", "written"), [("application/jsonl", '{"data":"x"}\n'), ("text/event-stream", "data: x\n\n")]
)
def test_sequences_have_some_generated_items(tmp_path: Path, name: str, written: str) -> None:
    """Each of them by `itemSchema`."""
    assert client(tmp_path, {name: {"itemSchema": EVENT}}).get("/pets").text == written * 3


def test_a_value_without_a_form_is_an_error_that_says_why(tmp_path: Path) -> None:
    """501, as for any answer that cannot be made."""
    response = client(tmp_path, {"image/png": {"schema": REFERENCE}}).get("/pets")
    assert response.status_code == 501
    assert "An object has no form in image/png." in response.text
