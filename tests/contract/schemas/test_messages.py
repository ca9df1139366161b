"""A violation gives in one sentence the value sent, the values allowed, and the value probably meant."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.contract.document import Document, Json
from eqkit.contract.pointers import pointer_of
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.contract.schemas.violations import (
    MAX_POINTER,
    MAX_VALUE,
    format_value,
    nearest,
    nearest_pointer,
    type_of,
    unknown_member,
)


def messages(schema: Json, value: Json) -> list[str]:
    """Return the messages about a member "a" of a document."""
    root = {"properties": {"a": schema}}
    document = Document({"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"Root": root}}})
    validator = Schemas(document).validator("/components/schemas/Root", Direction.RESPONSE)
    return [each.message for each in validator.violations({"a": value})]


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"minItems": 1}, [], '"a" must have at least 1 item, and has 0.'),
        ({"minItems": 2}, [1], '"a" must have at least 2 items, and has 1.'),
        ({"maxItems": 1}, [1, 2], '"a" may have at most 1 item, and has 2.'),
        ({"maxItems": 0}, [1], '"a" may have at most 0 items, and has 1.'),
        ({"minLength": 1}, "", '"a" must have at least 1 character, and has 0.'),
        ({"maxLength": 2}, "\U0001f600bc", '"a" may have at most 2 characters, and has 3.'),
        ({"minProperties": 1}, {}, '"a" must have at least 1 member, and has 0.'),
        ({"maxProperties": 0}, {"b": 1}, '"a" may have at most 0 members, and has 1.'),
        ({"minimum": 3}, 2, '"a" must be at least 3, not 2.'),
        ({"maximum": 3}, 3.5, '"a" must be at most 3, not 3.5.'),
        ({"exclusiveMinimum": 3}, 3, '"a" must be more than 3, not 3.'),
        ({"exclusiveMaximum": 3}, 3, '"a" must be less than 3, not 3.'),
        ({"multipleOf": 3}, 4, '"a" must be a multiple of 3, not 4.'),
        ({"type": "string"}, 7, '"a" must be a string, not a whole number, 7.'),
        ({"type": "integer"}, 0.5, '"a" must be an integer, not a number, 0.5.'),
        ({"type": "object"}, [], '"a" must be an object, not an array.'),
        ({"type": "array"}, {}, '"a" must be an array, not an object.'),
        ({"type": ["null", "boolean"]}, "x", '"a" must be a null or boolean, not a string.'),
        ({"type": ["integer", "null"]}, True, '"a" must be an integer or null, not a boolean.'),
        ({"type": "number"}, None, '"a" must be a number, not null.'),
        ({"enum": ["on", "off"]}, "of", '"a" must be "on" or "off", not "of"; did you mean "off"?'),
        ({"enum": ["on"]}, "onn", '"a" must be "on", not "onn".'),
        ({"enum": [1, "off"]}, "of", '"a" must be 1 or "off", not "of".'),
        ({"enum": [1, None, True]}, 2, '"a" must be 1 or null or true, not 2.'),
        ({"const": {"b": 1}}, {}, '"a" must be {"b": 1}, not {}.'),
        ({"x-max-bytes": 1}, "\u00e9", '"a" may have at most 1 bytes of UTF-8, and has 2.'),
        ({"format": "uuid"}, "x", '"a" must be of the format uuid, and "x" is not.'),
        ({"pattern": "^b"}, "x", '"a" must match ^b, and "x" does not.'),
        ({"pattern": "^one$"}, "x", '"a" must be "one", not "x".'),
        ({"not": {"enum": [1, "b"]}}, 1, '"a" must not be 1 or "b".'),
        ({"not": {"type": "string"}}, "x", '"a" is not allowed here.'),
        ({"uniqueItems": True}, [1, 1], '"a" must not have the same item twice.'),
        ({"contains": {"const": 1}}, [], '"a" must have at least 1 of the items that `contains` describes.'),
        ({"contains": {"const": 1}, "minContains": 2, "maxContains": 3}, [1],
         '"a" must have at least 2 and at most 3 of the items that `contains` describes.'),
        ({"oneOf": [{"type": "null"}, {"type": "array"}]}, 1,
         '"a" must fit exactly one of 2 alternatives (oneOf), and 1 does not.'),
        ({"anyOf": [{"type": "null"}, {"type": "array"}]}, 1,
         '"a" must fit one of 2 alternatives (anyOf), and 1 does not.'),
        ({"required": ["b"]}, {}, 'The member "b" is missing.'),
        ({"properties": {"b": False}}, {"b": 1}, '"b" is not allowed here.'),
        (False, 1, '"a" is not allowed here.'),
        ({"prefixItems": [{}], "items": False}, [1, 2], '"a" is not allowed here.'),
        ({"unevaluatedItems": False}, [1], '"a" must not be there.'),
        ({"unevaluatedProperties": False}, {"b": 1}, 'There is no member "b".'),
        ({"propertyNames": {"maxLength": 0}}, {"b": 1},
         'The name "b" may have at most 0 characters, and has 1.'),
        ({"dependentRequired": {"b": ["c"]}}, {"b": 1}, 'The member "c" is missing.'),
        ({"properties": {"bold": {}}, "additionalProperties": False}, {"bolt": 1},
         'There is no member "bolt"; did you mean "bold"?'),
        ({"properties": {"x": {}, "y": {}}, "additionalProperties": False}, {"other": 1},
         'There is no member "other"; there are x, y.'),
    ],
)  # fmt: skip
def test_each_rule_has_a_sentence_of_its_own(schema: Json, value: Json, message: str) -> None:
    """With the value and the bound, in the singular where there is one."""
    assert messages(schema, value) == [message]


@pytest.mark.parametrize(
    ("value", "name"),
    [({}, "an object"), ([], "an array"), ("", "a string"), (True, "a boolean"), (None, "null"),
     (1, "a whole number"), (1.0, "a number")],
)  # fmt: skip
def test_each_type_has_its_name(value: Json, name: str) -> None:
    """A boolean is no number, as in JSON."""
    assert type_of(value) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * (MAX_VALUE - 2), f'"{"x" * (MAX_VALUE - 2)}"'),
        ("x" * (MAX_VALUE - 1), f'"{"x" * (MAX_VALUE - 1)}…'),
        ("x" * 1000, f'"{"x" * (MAX_VALUE - 1)}…'),
        ([1] * 26, json.dumps([1] * 26)),
        ([1] * 27, json.dumps([1] * 27)[:MAX_VALUE] + "…"),
        (["x" * 1000], f'["{"x" * (MAX_VALUE - 2)}…'),
        ({"\u00e9": [1, None]}, '{"\u00e9": [1, null]}'),
        (10 ** (MAX_VALUE - 1), "1" + "0" * (MAX_VALUE - 1)),
        (10**MAX_VALUE, "1" + "0" * (MAX_VALUE - 1) + "…"),
        (1.5, "1.5"), (True, "true"), (None, "null"),
    ],
)  # fmt: skip
def test_a_value_is_repeated_in_so_many_characters(value: Json, text: str) -> None:
    """And a mark where there are more, so that a body of a megabyte is not echoed."""
    assert format_value(value) == text


NAMES = st.text("ab~/\u00e9", min_size=1, max_size=300)


@given(st.lists(NAMES | st.integers(0, 99), max_size=12))
def test_a_pointer_is_as_long_as_it_may_be(path: list[str | int]) -> None:
    """Ruling B4: the place itself, or the nearest one above it whose pointer is not too long."""
    pointers = [pointer_of([str(part) for part in path[:end]]) for end in range(len(path) + 1)]
    assert nearest_pointer(path) == max(each for each in pointers if len(each) <= MAX_POINTER)


def test_a_pointer_may_be_just_as_long_as_the_bound() -> None:
    """And not a character longer."""
    assert nearest_pointer(["a" * (MAX_POINTER - 1)]) == "/" + "a" * (MAX_POINTER - 1)
    assert nearest_pointer(["a" * MAX_POINTER]) == ""
    assert nearest_pointer(["b", "a" * MAX_POINTER, "c"]) == "/b"


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("Queue", ("queue", "other"), "queue"),
        ("que", ("other", "queue-name"), "queue-name"),
        ("qeue", ("other", "queue"), "queue"),
        ("", ("queue",), None),
        ("xyz", ("queue",), None),
        ("x", (), None),
        ("queue" + "x" * 500, ("queue",), None),
    ],
)
def test_the_name_that_was_probably_meant(name: str, known: tuple[str, ...], meant: str | None) -> None:
    """One that begins so, or is spelt nearly so, in any case."""
    assert nearest(name, known) == meant


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"delay": {"x-aliases": ["wait"]}, "waits": {}}, 'There is no member "wait"; did you mean "delay"?'),
        ({"waits": True}, 'There is no member "wait"; did you mean "waits"?'),
        ({"x": {}, "y": {}}, 'There is no member "wait"; there are x, y.'),
        ({}, 'There is no member "wait".'),
    ],
)
def test_an_unknown_member_gets_the_right_one_as_a_suggestion(known: dict[str, Any], message: str) -> None:
    """Its alias first, then the nearest, then all that there are."""
    assert unknown_member("wait", known) == message
    assert unknown_member("wait", known, "header") == message.replace("member", "header", 1)
