"""A change is reported at the line that changed, wherever a reference leads from there."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from eqkit.checks.diff.comparison import diff
from tests.checks.things import BASE, contract

TEXT = {"type": "string", "maxLength": 5}
SHORT = {"type": "string", "maxLength": 3}
COMPONENTS = {
    "schemas": {
        "Text": TEXT,
        "Short": SHORT,
        "Holder": {"type": "object", "properties": {"text": {"$ref": "#/components/schemas/Text"}}},
        "Alias": {"$ref": "#/components/schemas/Text"},
    },
    "parameters": {
        "Long": {"name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/Text"}},
        "Brief": {
            "name": "q",
            "in": "query",
            "required": True,
            "schema": {"$ref": "#/components/schemas/Short"},
        },
    },
    "responses": {
        "Ok": {
            "description": "d",
            "content": {"a/json": {"schema": {"$ref": "#/components/schemas/Holder"}}},
        },
        "Bare": {"description": "d", "content": {}},
    },
}
BODY = "/paths/~1a/post/requestBody/content/a~1json/schema"


def document() -> dict[str, Any]:
    """Return a contract of references."""
    operation = {
        "operationId": "a",
        "parameters": [{"$ref": "#/components/parameters/Long"}],
        "requestBody": {"content": {"a/json": {"schema": {"$ref": "#/components/schemas/Holder"}}}},
        "responses": {"200": {"$ref": "#/components/responses/Ok"}},
    }
    info = copy.deepcopy(BASE["info"])
    return {
        "openapi": "3.0.3",
        "info": info,
        "paths": {"/a": {"post": operation}},
        "components": copy.deepcopy(COMPONENTS),
    }


def operation(data: dict[str, Any]) -> dict[str, Any]:
    """Return the operation of a contract."""
    found: dict[str, Any] = data["paths"]["/a"]["post"]
    return found


def schema(data: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a schema of a contract."""
    found: dict[str, Any] = data["components"]["schemas"][name]
    return found


def body(data: dict[str, Any]) -> dict[str, Any]:
    """Return the media type object of the body."""
    found: dict[str, Any] = operation(data)["requestBody"]["content"]["a/json"]
    return found


@pytest.mark.parametrize(
    ("change", "rule", "pointer"),
    [
        (
            lambda data: schema(data, "Text").update(maxLength=4),
            "diff-request-max-length-narrower",
            "/components/schemas/Text/maxLength",
        ),
        (
            lambda data: schema(data, "Holder")["properties"]["text"].update(
                {"$ref": "#/components/schemas/Short"}
            ),
            "diff-request-max-length-narrower",
            "/components/schemas/Holder/properties/text/$ref",
        ),
        (
            lambda data: body(data).update(schema={"$ref": "#/components/schemas/Text"}),
            "diff-request-type-narrower",
            f"{BODY}/$ref",
        ),
        (
            lambda data: operation(data)["parameters"][0].update({"$ref": "#/components/parameters/Brief"}),
            "diff-parameter-required",
            "/paths/~1a/post/parameters/0/$ref",
        ),
        (
            lambda data: schema(data, "Holder").update(required=["text"]),
            "diff-request-required-narrower",
            "/components/schemas/Holder/required",
        ),
        (
            lambda data: operation(data)["responses"].update(
                {"200": {"$ref": "#/components/responses/Bare"}}
            ),
            "diff-media-type-removed",
            "/paths/~1a/post/responses/200/$ref",
        ),
        (
            lambda data: schema(data, "Holder")["properties"].pop("text"),
            "diff-response-property-lost",
            "/components/schemas/Holder/properties/text",
        ),
    ],
)
def test_a_change_is_reported_at_the_line_that_changed(
    change: Callable[[dict[str, Any]], object], rule: str, pointer: str
) -> None:
    """A changed reference is placed at the reference, and a changed target at the target."""
    data = document()
    change(data)
    run = diff(contract(document(), "old.json"), contract(data, "new.json"))
    placed = {finding.rule: finding.place for finding in run.findings}
    place = placed[rule]
    assert place is not None
    assert place.pointer == pointer
    text = contract(document() if place.file.name == "old.json" else data, "x").source_map
    assert place.line == text.place(pointer).line
