"""Members that are for requests alone are left out of answers, and those for answers of requests."""

from typing import Any

import pytest

from eqkit.answers.directed_values import of_direction
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract

SECRET: Json = {"type": "string", "writeOnly": True}
NUMBER: Json = {"type": "integer", "readOnly": True}
USER: Json = {"type": "object", "properties": {"name": {"type": "string"}, "secret": SECRET, "id": NUMBER}}
BOTH = {"name": "a", "secret": "b", "id": 1}


def compiled(schema: Json) -> CompiledContract:
    """Compile a contract with one schema."""
    schemas = {"User": USER, "It": schema}
    return CompiledContract(Document({"openapi": "3.1.0", "paths": {}, "components": {"schemas": schemas}}))


@pytest.mark.parametrize(
    ("schema", "value", "answered"),
    [
        (USER, BOTH, {"name": "a", "id": 1}),
        ({"$ref": "#/components/schemas/User"}, BOTH, {"name": "a", "id": 1}),
        ({"allOf": [USER, {"required": ["name"]}]}, BOTH, {"name": "a", "id": 1}),
        ({"type": "array", "items": USER}, [BOTH, {}], [{"name": "a", "id": 1}, {}]),
        ({"type": "object", "properties": {"a~/b": USER}}, {"a~/b": BOTH}, {"a~/b": {"name": "a", "id": 1}}),
        ({**USER, "required": ["secret"]}, BOTH, {"name": "a", "id": 1}),
        ({**USER, "minProperties": 3}, BOTH, BOTH),
        (USER, {"name": "a"}, {"name": "a"}),
        (USER, "no object", "no object"),
        (True, BOTH, BOTH),
    ],
)
def test_an_answer_has_no_member_that_is_for_requests(schema: Json, value: Any, answered: Any) -> None:
    """OpenAPI 3.0.4, "Schema Object": it should not be sent, unless the value is valid with it alone."""
    assert of_direction(compiled(schema).responses, "/components/schemas/It", value) == answered


def test_a_request_has_no_member_that_is_for_answers() -> None:
    """The same the other way, and the value itself is not changed."""
    value = {"user": {**BOTH}}
    schema = {"type": "object", "properties": {"user": USER}}
    changed = of_direction(compiled(schema).requests, "/components/schemas/It", value)
    assert (changed, value) == ({"user": {"name": "a", "secret": "b"}}, {"user": BOTH})
