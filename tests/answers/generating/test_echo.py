"""Values of the request are taken over where names agree, and never at the price of validity."""

from typing import Any

import pytest

from eqkit.answers.generating import Generator
from eqkit.contract.document import Json
from tests.answers.generating.documents import POINTER, contract_of, generator_of

TEXT, NUMBER = {"type": "string"}, {"type": "integer", "maximum": 9}


def item(**properties: Json) -> Json:
    """Return the schema of an object with optional members."""
    return {"type": "object", "properties": properties}


CASES: list[tuple[str, Json, Json, Json]] = [
    ("a scalar", item(a=TEXT), {"a": "sent"}, {"a": "sent"}),
    ("an invalid scalar", item(a={"const": "x"}), {"a": "sent"}, {"a": "x"}),
    ("beyond a bound", item(a={"type": "integer", "minimum": 3, "maximum": 3}), {"a": 99}, {"a": 3}),
    ("true is no 1", item(a={"const": 1}), {"a": True}, {"a": 1}),
    ("null, where it is allowed", item(a={"type": ["string", "null"]}), {"a": None}, {"a": None}),
    ("an array", item(a={"type": "array", "items": NUMBER}), {"a": [1, 2]}, {"a": [1, 2]}),
    ("an object", item(a=item(b=TEXT)), {"a": {"b": "sent"}}, {"a": {"b": "sent"}}),
    (
        "a member of an object",
        item(a=item(b=TEXT, c={"const": 1})),
        {"a": {"b": "x", "c": 5}},
        {"a": {"b": "x", "c": 1}},
    ),
    ("an unknown name", item(a={"const": 1}), {"z": "sent"}, {"a": 1}),
    ("an envelope", item(data=item(a=TEXT)), {"a": "sent"}, {"data": {"a": "sent"}}),
    ("a reference", item(a={"$ref": "#/components/schemas/Text"}), {"a": "sent"}, {"a": "sent"}),
    ("allOf", {"allOf": [item(a=TEXT), item(b={"const": 1})]}, {"a": "sent", "b": 2}, {"a": "sent", "b": 1}),
    (
        "a member of write-only",
        item(a={**TEXT, "writeOnly": True}, b=TEXT),
        {"a": "secret", "b": "x"},
        {"b": "x"},
    ),
    ("an alternative", item(a={"anyOf": [NUMBER, {"type": "null"}]}), {"a": 4}, {"a": 4}),
    ("an object for a text", item(a={"const": "x"}), {"a": {"b": 1}}, {"a": "x"}),
    ("a text for an object", item(a=item(b={"const": 1})), {"a": "sent"}, {"a": {"b": 1}}),
    ("over an example", item(a={**TEXT, "example": "example"}), {"a": "sent"}, {"a": "sent"}),
    ("a scalar as the whole", TEXT, "sent", "sent"),
    ("an array as the whole", {"type": "array", "items": NUMBER}, [1, 2], [1, 2]),
]


@pytest.mark.parametrize(
    ("schema", "echo", "wanted"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_the_request_is_echoed(schema: Json, echo: Json, wanted: Json) -> None:
    """With each seed."""
    contract = contract_of(schema, Text=TEXT)
    generator = Generator(contract.responses)
    for seed in range(5):
        value = generator.value(POINTER, seed, echo=echo)
        assert value == wanted
        assert contract.responses.accepts(POINTER, value)


def test_an_echo_that_spoils_the_whole_is_left_out() -> None:
    """Each member is valid by itself, and all of them are not."""
    schema = {**item(a=TEXT, b=TEXT), "not": {"required": ["b"], "properties": {"a": {"const": "sent"}}}}
    contract = contract_of(schema)
    value = Generator(contract.responses).value(POINTER, 1, echo={"a": "sent", "b": "sent"})
    assert contract.responses.accepts(POINTER, value)


def test_an_echo_is_a_copy() -> None:
    """Later changes of the answer leave the request alone."""
    echo: dict[str, Any] = {"a": [{"b": 1}]}
    value = generator_of(item(a={"type": "array", "items": {"type": "object"}})).value(POINTER, 1, echo=echo)
    value["a"][0]["b"] = 2
    assert echo == {"a": [{"b": 1}]}


def test_an_example_is_a_copy() -> None:
    """Later changes of the answer leave the document alone."""
    generator = generator_of({"type": "array", "example": [[1]], "items": {"type": "array"}})
    generator.value(POINTER, 1)[0].append(2)
    assert generator.value(POINTER, 1) == [[1]]
