"""Hostile schemas end in a value or in one sentence, within bounds of time and size."""

import json
import sys
import time
from typing import Any

import pytest

from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import Json
from tests.answers.generating.documents import POINTER, contract_of

MAX_SECONDS = 10
"""Ten times what the slowest needs on a busy machine."""

MAX_SIZE = 2_000_000

IT = {"$ref": f"#{POINTER}"}


def ref(name: str) -> Json:
    """Return a reference to another schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def bomb(levels: int) -> dict[str, Json]:
    """Return schemas that each require ten of the next."""
    schemas = {
        f"L{level}": {
            "type": "object",
            "required": [f"m{index}" for index in range(10)],
            "properties": {f"m{index}": ref(f"L{level + 1}") for index in range(10)},
        }
        for level in range(levels)
    }
    return {**schemas, f"L{levels}": {"type": "string"}}


def nested(levels: int, keyword: str) -> Json:
    """Return a schema within a schema within a schema, and so on."""
    schema: Json = {"type": "integer"}
    for _ in range(levels):
        schema = {keyword: [schema]} if keyword in ("allOf", "anyOf", "oneOf") else {keyword: schema}
    return schema


CHOICES = {
    "allOf": [{"anyOf": [{"type": "object", "required": [f"m{a}{b}"]} for b in range(8)]} for a in range(8)]
}
CLASHES = {
    "allOf": [
        {"oneOf": [{"properties": {"a": {"const": a * 100 + b}}, "required": ["a"]} for b in range(8)]}
        for a in range(8)
    ],
    "type": "object",
}
HOSTILE: dict[str, tuple[Json, dict[str, Json]]] = {
    "a string of 10 MB": ({"type": "string", "minLength": 10_000_000}, {}),
    "an endless string": ({"type": "string", "minLength": 10**30}, {}),
    "a pattern of 10 MB": ({"type": "string", "pattern": "^(a{900}){900}$"}, {}),
    "a pattern that backtracks": ({"type": "string", "pattern": "^(a+)+$", "minLength": 5000}, {}),
    "10 million items": ({"type": "array", "minItems": 10_000_000}, {}),
    "items of items": ({"type": "array", "minItems": 900, "items": {"type": "array", "minItems": 900}}, {}),
    "10 million members": ({"type": "object", "minProperties": 10_000_000}, {}),
    "minContains": ({"type": "array", "contains": {"type": "string"}, "minContains": 10_000_000}, {}),
    "itself, required": ({"type": "object", "required": ["a"], "properties": {"a": IT}}, {}),
    "itself, as an item": ({"type": "array", "minItems": 1, "items": IT}, {}),
    "itself, twice": ({"type": "object", "properties": {"a": IT, "b": IT, "c": {"items": IT}}}, {}),
    "itself alone": (IT, {}),
    "itself in allOf": ({"allOf": [IT]}, {}),
    "itself in anyOf": ({"anyOf": [IT, {"type": "string"}]}, {}),
    "itself, denied": ({"not": IT}, {}),
    "a circle": (ref("A"), {"A": ref("B"), "B": ref("A")}),
    "a circle of members": (
        {"type": "object", "required": ["a"], "properties": {"a": ref("A")}},
        {"A": {"type": "object", "required": ["b"], "properties": {"b": IT}}},
    ),
    "a bomb of required members": (ref("L0"), bomb(12)),
    "a bomb of optional members": (
        ref("L0"),
        {name: {**each, "required": []} for name, each in bomb(12).items()},
    ),
    "100 levels of allOf": (nested(100, "allOf"), {}),
    "100 levels of oneOf": (nested(100, "oneOf"), {}),
    "100 levels of not": (nested(100, "not"), {}),
    "100 levels of items": ({**nested(100, "items"), "type": "array"}, {}),
    "8 choices of 8": (CHOICES, {}),
    "8 choices of 8 that clash": (CLASHES, {}),
    "300 alternatives": ({"oneOf": [{"const": number} for number in range(300)]}, {}),
    "300 alternatives that are alike": ({"oneOf": [{"minimum": -number} for number in range(300)]}, {}),
    "10,000 members": ({"type": "object", "properties": {f"m{index}": {} for index in range(10_000)}}, {}),
    "10,000 constants": ({"enum": [f"m{index}" for index in range(10_000)]}, {}),
    "10,000 items that differ": (
        {"type": "array", "minItems": 9000, "uniqueItems": True, "items": {"type": "integer"}},
        {},
    ),
    "a step of nothing": ({"type": "number", "multipleOf": 1e-300, "minimum": 1e300}, {}),
    "numbers beyond doubles": ({"type": "number", "minimum": 10**400}, {}),
    "steps without a common multiple": (
        {"type": "integer", "multipleOf": 10**300 + 1, "maximum": 10**300},
        {},
    ),
    "names that are numbers": (
        {"type": "object", "required": ["0"], "properties": {"0": {"minimum": 1}}},
        {},
    ),
    "an escaped name": ({"type": "object", "required": ["a/b~c"], "properties": {"a/b~c": False}}, {}),
}


@pytest.mark.parametrize(("schema", "others"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_schema_ends_soon(schema: Json, others: dict[str, Json]) -> None:
    """With a valid value of a bounded size, or with one sentence."""
    contract = contract_of(schema, **others)
    generator = Generator(contract.responses)
    before = time.process_time()
    for seed in range(2):
        try:
            value: Any = generator.value(POINTER, seed)
        except CannotGenerate as error:
            assert "\n" not in str(error)  # noqa: PT017 - either end will do
        else:
            assert contract.responses.accepts(POINTER, value)
            assert len(json.dumps(value)) < MAX_SIZE
    assert time.process_time() - before < MAX_SECONDS


def test_a_pointer_to_nothing_is_named() -> None:
    """A schema that is not there is no traceback."""
    with pytest.raises(CannotGenerate, match="There is no schema at /components/schemas/Other"):
        Generator(contract_of({}).responses).value("/components/schemas/Other", 1)


@pytest.mark.parametrize(
    "schema", [[], "text", 1, None, {"type": "unheard-of"}, {"minimum": "x"}, {"$ref": "#/no"}]
)
def test_a_schema_that_is_none_is_no_traceback(schema: Json) -> None:
    """The engine leaves out what nothing can be validated by, and so does the generator."""
    contract = contract_of(schema)
    assert contract.responses.accepts(POINTER, Generator(contract.responses).value(POINTER, 1))


def test_a_tree_ends_after_one_of_its_kind() -> None:
    """A schema that holds others of its kind is shown with one level of them."""
    tree = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": IT}},
    }
    value = Generator(contract_of(tree).responses).value(POINTER, 1)
    assert value["children"]
    assert all("children" not in each for each in value["children"])


def test_the_schemas_that_others_lead_to_are_not_kept_once_more_for_each() -> None:
    """What each is compiled with is let go of, by a contract that is asked for one after the other."""
    others = {f"S{index}": {"type": "array", "items": IT} for index in range(30)}
    contract = contract_of({"type": "array", "items": {"type": "integer"}}, "3.0.3", **others)
    generator, translation = Generator(contract.responses), contract.responses.translation
    registries = []
    for name in others:
        pointer = f"/components/schemas/{name}"
        assert contract.responses.accepts(pointer, generator.value(pointer, 1, echo=[[1]]))
        registries.append(translation.registry_for(translation.location(pointer)))
    alone = sys.getrefcount(object())
    kept = [sys.getrefcount(registries.pop()) > alone for _ in others]
    assert sum(kept) < len(others) / 2
