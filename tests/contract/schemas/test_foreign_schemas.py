"""Schemas that are not ours: keys that read as numbers, schemas of one word, rules for names."""

from typing import Any

import pytest

from eqkit.contract.document import Json
from eqkit.errors import Code
from tests.contract.documents import coded

NAMED = {"additionalProperties": {"properties": {"name": {"type": "string"}}}}
WRONG_NAME = '"name" must be a string, not a whole number, 1.'


def messages(schema: Any, value: Json) -> list[tuple[str | None, str]]:
    """Return the place and the words of each error, by the JSON Schema of OpenAPI 3.1."""
    compiled = coded(schema, otherwise=Code.INVALID_VALUE, version="3.1.0")
    assert not compiled.accepts(value)
    return [(error.pointer, error.detail) for error in compiled.errors(value)]


@pytest.mark.parametrize("key", ["42", "007", "+7", "0", "18446744073709551615", "99999999999999999999"])
def test_a_key_that_reads_as_a_number_is_a_key(key: str) -> None:
    """The key is reported as it was written: in an object by id, and in an array of such objects."""
    wrong = {key: {"name": 1}}
    assert messages(NAMED, wrong) == [(f"/{key}/name", WRONG_NAME)]
    assert messages({"items": NAMED}, [{}, wrong]) == [(f"/1/{key}/name", WRONG_NAME)]


@pytest.mark.parametrize(
    ("schema", "value", "pointer"),
    [
        ({"additionalProperties": False}, {"": [{"": 1}]}, "/"),
        ({"additionalProperties": False}, {"": {"": 1}}, "/"),
        ({"properties": {"": {"additionalProperties": False}}}, {"": {"a": {"": 1}}}, "//a"),
        ({"additionalProperties": {"additionalProperties": False}}, {"": {"": {"b": 1}}}, "//"),
    ],
)
def test_a_member_without_a_name_is_forbidden_where_it_stands(
    schema: Json, value: Json, pointer: str
) -> None:
    """Of a member that no schema admits, the engine has the value beside the path of the object."""
    assert messages({"type": "object", **schema}, value)[0][0] == pointer


def test_of_keys_that_read_as_one_number_the_wrong_one_is_reported() -> None:
    """The numbers 7 and 007 are one, and the names are two."""
    assert messages(NAMED, {"7": {"name": "x"}, "007": {"name": 1}}) == [("/007/name", WRONG_NAME)]
    assert messages(NAMED, {"7": 1, "007": {"name": 1}}) == [("/007/name", WRONG_NAME)]


def test_a_schema_of_a_name_that_reads_as_a_number_is_found() -> None:
    """The path to a schema is reported as the path to a value is."""
    schema = {"properties": {"7": {"maxLength": 1}, "007": {"minLength": 3}}}
    assert messages(schema, {"7": "two", "007": "1"}) == [
        ("/7", '"7" may have at most 1 character, and has 3.'),
        ("/007", '"007" must have at least 3 characters, and has 1.'),
    ]


@pytest.mark.parametrize(
    ("schema", "value", "error"),
    [
        ({"pattern": "^message$"}, "task", '"document" must be "message", not "task".'),
        ({"pattern": "^two words$"}, "two", '"document" must be "two words", not "two".'),
        ({"pattern": "^a|b$"}, "c", '"document" must match ^a|b$, and "c" does not.'),
        ({"not": {"enum": [False]}}, False, '"document" must not be false.'),
        ({"not": {"enum": ["a", 1]}}, 1, '"document" must not be "a" or 1.'),
    ],
)
def test_a_constant_that_is_no_enum_is_reported_as_one(schema: Any, value: Json, error: str) -> None:
    """Some generators spell a type as an enum of one value; a pattern of one text means the same."""
    assert messages(schema, value) == [("", error)]


@pytest.mark.parametrize(
    ("schema", "value", "error"),
    [
        (False, 1, ("", '"document" is not allowed here.')),
        ({"properties": {"a": False}}, {"a": 1}, ("/a", '"a" is not allowed here.')),
        ({"patternProperties": {"^7": False}}, {"7": 1}, ("/7", '"7" is not allowed here.')),
        ({"not": True}, 1, ("", '"document" is not allowed here.')),
        (
            {"anyOf": [False, {"maxLength": 1}]},
            "ab",
            ("", '"document" must fit one of 2 alternatives (anyOf), and "ab" does not.'),
        ),
        ({"additionalProperties": False}, {"b": 1}, ("/b", 'There is no attribute "b".')),
        (
            {"properties": {"a": True}, "additionalProperties": False},
            {"b": 1},
            ("/b", 'There is no attribute "b"; there are a.'),
        ),
        (
            {"properties": {"a": True, "b": {"maxItems": 1}}},
            {"a": [1, 2], "b": [1, 2]},
            ("/b", '"b" may have at most 1 item, and has 2.'),
        ),
    ],
)
def test_true_and_false_are_schemas(schema: Any, value: Json, error: tuple[str, str]) -> None:
    """False allows no value at any depth, and true allows every value."""
    assert messages(schema, value) == [error]


def test_a_name_that_breaks_a_rule_for_names_is_reported_as_one() -> None:
    """The name is too long, and not the object that it stands in; each such name is reported."""
    schema = {"properties": {"tags": {"propertyNames": {"maxLength": 3}}}}
    assert messages(schema, {"tags": {"long": {}, "ok": {}, "12345": {}}}) == [
        ("/tags/long", 'The name "long" may have at most 3 characters, and has 4.'),
        ("/tags/12345", 'The name "12345" may have at most 3 characters, and has 5.'),
    ]


def test_a_name_that_a_pattern_allows_is_not_unknown() -> None:
    """`additionalProperties` is about those names that neither `properties` nor a pattern speaks of."""
    schema = {"properties": {"a": {}}, "patternProperties": {"^x-": {}}, "additionalProperties": False}
    assert messages(schema, {"x-a": 1, "b": 1}) == [("/b", 'There is no attribute "b"; there are a.')]


def test_a_forbidden_member_is_reported_at_a_value_without_members() -> None:
    """Every text is without the member, which `not` forbids all the same."""
    assert messages({"not": {"required": ["id"]}}, "text") == [("", '"document" is not allowed here.')]


def test_a_name_is_repeated_in_part_only() -> None:
    """An object by id may have names of any length."""
    ((_, detail),) = messages({"additionalProperties": {"type": "string"}}, {"n" * 1_000_000: 1})
    assert len(detail) < 200
