"""Values look real where a name or a format tells, in every way of writing a name."""

import re
from typing import Any

import pytest

from eqkit.answers.generating import Generator
from eqkit.answers.generating.texts.words import FIRST_NAMES
from eqkit.contract.document import Json
from tests.answers.generating.documents import POINTER, contract_of, generator_of

TEXTS = {
    "email": r"[a-z]+\.[a-z]+@example\.com",
    "contactEmail": r"[a-z]+\.[a-z]+@example\.com",
    "phone_number": r"\+1202555\d{4}",
    "created_at": r"2023-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "createdAt": r"2023-.*Z",
    "updated-at": r"2025-.*Z",
    "expiresAt": r"2026-.*Z",
    "birthday": r"(19[5-9]\d|200[0-5])-\d\d-\d\d",
    "dateOfBirth": r"(19[5-9]\d|200[0-5])-\d\d-\d\d",
    "jobTitle": r"[A-Z][a-z]+",
    "gender": r"[a-z]+",
    "bic": r"[A-Z]{6}[A-Z][0]",
    "last4": r"\d{4}",
    "licensePlate": r"[A-Z]{3}-\d{4}",
    "mac_address": r"00:00:5e:00:53:[0-9a-f]{2}",
    "md5": r"[0-9a-f]{32}",
    "checksum_sha256": r"[0-9a-f]{64}",
    "idToken": r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+",
    "currency": r"[A-Z]{3}",
    "countryCode": r"[A-Z]{2}",
    "country": r"[A-Z][a-z]+( [A-Z][a-z]+)?",
    "city": r"[A-Z][a-z]+",
    "street": r"\d+ [A-Z][a-z]+ [A-Z][a-z]+",
    "postalCode": r"\d{5}",
    "first-name": r"[A-Z][a-z]+",
    "LastName": r"[A-Z][a-z]+",
    "full_name": r"[A-Z][a-z]+ [A-Z][a-z]+",
    "title": r"[A-Z]\w+ [A-Z]\w+ \d+",
    "description": r"[A-Z][a-z ]+\.",
    "id": r"[0-9a-z]{12}",
    "userId": r"[0-9a-z]{12}",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "avatarUrl": r"https://example\.com/.+",
    "imageURL": r"https://example\.com/.+",
    "ip": r"192\.0\.2\.\d+",
    "price": r"\d+\.\d\d",
    "emails": r"[a-z]+\.[a-z]+@example\.com",
    "categories": r"[a-z]+",
    "": r"[a-z]+ [a-z]+",
    "größe": r"[a-z]+ [a-z]+",
}


@pytest.mark.parametrize(("name", "pattern"), TEXTS.items())
def test_a_text_looks_like_its_name(name: str, pattern: str) -> None:
    """A member of an object, and a value by itself, such as a header."""
    generator = generator_of({"type": "object", "properties": {name: {"type": "string"}}})
    text = generator_of({"type": "string"})
    for seed in range(10):
        assert re.fullmatch(pattern, generator.value(POINTER, seed)[name])
        assert re.fullmatch(pattern, text.value(POINTER, seed, name=name))


NUMBERS: dict[str, tuple[str, float, float]] = {
    "price": ("number", 1, 500),
    "latitude": ("number", -60, 70),
    "longitude": ("number", -180, 180),
    "count": ("integer", 1, 100),
    "total_count": ("integer", 1, 100),
    "page": ("integer", 1, 10),
    "id": ("integer", 1, 100_000),
    "age": ("integer", 18, 90),
    "createdAt": ("integer", 1_704_067_200, 1_735_689_599),
    "year": ("integer", 2015, 2025),
    "statusCode": ("integer", 200, 204),
}


@pytest.mark.parametrize(("name", "bounds"), NUMBERS.items())
def test_a_number_is_of_the_size_of_its_name(name: str, bounds: tuple[str, float, float]) -> None:
    """And a bound of the schema goes before it."""
    kind, low, high = bounds
    generator = generator_of({"type": "object", "properties": {name: {"type": kind}}})
    beyond = generator_of({"type": "object", "properties": {name: {"type": kind, "minimum": high + 5}}})
    for seed in range(10):
        value = generator.value(POINTER, seed)[name]
        assert low <= value <= high
        assert round(value, 5) == value
        assert beyond.value(POINTER, seed)[name] >= high + 5


@pytest.mark.parametrize("name", ["age", "year", "quantity", "page", "createdAt"])
def test_what_is_counted_is_whole(name: str) -> None:
    """A contract may call it a number all the same."""
    generator = generator_of({"type": "object", "properties": {name: {"type": "number"}}})
    assert all(isinstance(generator.value(POINTER, seed)[name], int) for seed in range(5))


def test_a_format_goes_before_a_name() -> None:
    """A date named `email` is a date, and an image's address is one of an image."""
    schema = {"type": "object", "properties": {"email": {"type": "string", "format": "date"}}}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", generator_of(schema).value(POINTER, 1)["email"])
    schema = {"type": "object", "properties": {"avatar": {"type": "string", "format": "uri"}}}
    assert generator_of(schema).value(POINTER, 1)["avatar"].endswith(".png")


@pytest.mark.parametrize("bound", [{"maxLength": 5}, {"minLength": 40}, {"pattern": "^[a-z]{3}$"}])
def test_a_bound_goes_before_a_name(bound: dict[str, Json]) -> None:
    """An email of five characters is none."""
    schema = {"type": "object", "properties": {"email": {"type": "string", **bound}}}
    contract = contract_of(schema)
    assert contract.responses.accepts(POINTER, Generator(contract.responses).value(POINTER, 1))


def test_the_name_of_a_person_is_one() -> None:
    """Told by the schema's name, or by that of the member that holds it."""
    named = {"type": "object", "properties": {"name": {"type": "string"}}}
    schema = {
        "type": "object",
        "properties": {"owner": named, "it": {"$ref": "#/components/schemas/Customer"}},
    }
    value = generator_of(schema, Customer=named).value(POINTER, 3)
    assert value["owner"]["name"].split()[0] in FIRST_NAMES
    assert value["it"]["name"].split()[0] in FIRST_NAMES


@pytest.mark.parametrize(("name", "is_person"), [("customerName", True), ("scheme_name", False)])
def test_what_a_name_is_of_is_told_by_its_own_words_first(name: str, is_person: bool) -> None:
    """The name of a scheme is that of no person, though an account's is."""
    account = {"type": "object", "properties": {name: {"type": "string"}}}
    value = generator_of({"type": "object", "properties": {"account": account}}).value(POINTER, 3)
    assert (value["account"][name].split()[0] in FIRST_NAMES) == is_person


EXAMPLES: list[tuple[dict[str, Any], list[Json]]] = [
    ({"type": "string", "example": "Rex"}, ["Rex"]),
    ({"type": "string", "examples": ["Rex", "Bello"]}, ["Rex", "Bello"]),
    ({"type": "string", "default": "none"}, ["none"]),
    ({"type": "string", "default": "none", "example": "Rex"}, ["Rex"]),
    ({"type": "string", "maxLength": 3, "examples": ["Bello", "Rex"]}, ["Rex"]),
    ({"$ref": "#/components/schemas/Name"}, ["Rex"]),
    ({"allOf": [{"$ref": "#/components/schemas/Name"}], "example": "Bello"}, ["Rex", "Bello"]),
    ({"type": ["string", "null"], "example": None}, [None]),
]


@pytest.mark.parametrize(("schema", "wanted"), EXAMPLES)
def test_examples_go_first(schema: dict[str, Any], wanted: list[Json]) -> None:
    """Where they are valid; the seed chooses among several."""
    generator = generator_of(schema, Name={"type": "string", "example": "Rex"})
    found = {generator.value(POINTER, seed) for seed in range(20)}
    assert found == set(wanted)


def test_an_invalid_example_is_not_taken() -> None:
    """Validity goes first."""
    generator = generator_of({"type": "integer", "example": "five", "default": 1.5})
    assert all(isinstance(generator.value(POINTER, seed), int) for seed in range(5))


def test_items_have_identities_of_their_own() -> None:
    """An example of an id is that of one item."""
    item = {
        "type": "object",
        "properties": {"id": {"type": "integer", "example": 7}, "name": {"example": "Rex"}, "key": KEY},
    }
    value = generator_of({"type": "array", "items": item, "minItems": 4}).value(POINTER, 1)
    assert value[0]["id"] == 7
    assert [each["name"] for each in value[:4]] == ["Rex"] * 4
    assert len({each["id"] for each in value}) > 1
    assert all(re.fullmatch(r"key_\d[a-z]-[A-Z]\d", each["key"]) for each in value)
    assert len({each["key"] for each in value}) > 1


KEY = {"type": "string", "example": "key_0a-Z9"}


DISCRIMINATED: dict[str, Json] = {
    "Cat": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "a": {"const": 1}},
    },
    "Dog": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "b": {"const": 1}},
    },
}


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("mapping", [None, {"cat!": "#/components/schemas/Cat", "dog!": "Dog"}])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_a_discriminator_names_the_alternative(keyword: str, mapping: Json, version: str) -> None:
    """By the name of its schema, or by the mapping (OpenAPI 3.1.1, 4.8.25)."""
    cats = {each: {**DISCRIMINATED[each], "additionalProperties": False} for each in DISCRIMINATED}
    discriminator = {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}
    schema = {
        keyword: [{"$ref": f"#/components/schemas/{each}"} for each in cats],
        "discriminator": discriminator,
    }
    generator = generator_of(schema, version, **cats)
    end = "!" if mapping else ""
    names = ("cat!", "dog!") if mapping else ("Cat", "Dog")
    values = [generator.value(POINTER, seed) for seed in range(12)]
    if keyword == "anyOf":
        assert all(each["kind"] == names["b" in each] for each in values)
        assert {each["kind"] for each in values} == set(names)
    assert all(each["kind"].endswith(end) for each in values)


def test_a_discriminator_of_a_base_names_what_is_made_of_it() -> None:
    """A schema that others are made of by `allOf` stands for them, and each has its own name."""
    pet = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}},
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
    }
    part = {"type": "object", "properties": {"claws": {"const": 5}}}
    cat = {"allOf": [{"$ref": f"#{POINTER}"}, part]}
    generator = generator_of(pet, Cat=cat)
    assert generator.value(POINTER, 1) == {"kind": "cat", "claws": 5}
    assert generator.value("/components/schemas/Cat", 1) == {"kind": "cat", "claws": 5}


@pytest.mark.parametrize(("mark", "direction"), [("readOnly", "requests"), ("writeOnly", "responses")])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_members_that_only_the_other_side_sends_are_left_out(mark: str, direction: str, version: str) -> None:
    """By the property itself and by its reference, though they are required (OpenAPI 3.0.4)."""
    marked = {"type": "string", mark: True}
    properties = {"a": marked, "b": {"type": "string"}, "c": {"$ref": "#/components/schemas/Marked"}}
    schema = {"type": "object", "required": ["a", "b"], "properties": properties}
    contract = contract_of(schema, version, Marked=marked)
    assert [*Generator(getattr(contract, direction)).value(POINTER, 1)] == ["b"]
    other = {"requests": "responses", "responses": "requests"}[direction]
    assert [*Generator(getattr(contract, other)).value(POINTER, 1)] == ["a", "b", "c"]


def test_a_dynamic_reference_leads_to_the_outermost_anchor() -> None:
    """A generic page is one of the items of its user (JSON Schema 2020-12, core 8.2.3.2)."""
    page = {
        "$id": "page",
        "type": "object",
        "required": ["items"],
        "properties": {"items": {"type": "array", "minItems": 1, "items": {"$dynamicRef": "#item"}}},
        "$defs": {"item": {"$dynamicAnchor": "item"}},
    }
    schema = {
        "$id": "numbers",
        "$ref": "page",
        "$defs": {"item": {"$dynamicAnchor": "item", "type": "integer"}},
    }
    value = generator_of(schema, Page=page).value(POINTER, 1)
    assert all(isinstance(each, int) for each in value["items"])
