"""Readers of an answer are tolerant, and the service keeps every promise that they need not insist on."""

import copy
from typing import Any

import pytest

from eqkit.contract.document import Json
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.validators import SchemaValidator
from tests.contract.documents import (
    CONTRACT,
    DOCUMENTS,
    Oracle,
    media_types,
    responses,
    schemas,
    validator,
)

LINK = "https://www.elasticqueue.com/v1/api/queues/my-queue/messages/72301093732"
DOCUMENTED = {"data": {"type": "message", "id": "72301093732", "links": {"self": LINK}}}
"""The answer that the docs print, byte for byte."""

MEMBER = {"title": "Later", "detail": "Not known yet.", "status": "451"}
LATER: dict[str, Json] = {
    "a code of tomorrow": {"errors": [{**MEMBER, "code": "unavailable-for-legal-reasons"}]},
    "a place of tomorrow": {
        "errors": [{**MEMBER, "code": "x", "source": {"pointer": "/x", "parameter": "y"}}]
    },
    "a version of tomorrow": {"jsonapi": {"version": "2.0"}, "errors": [{**MEMBER, "code": "x"}]},
}


def schema_of(operation_id: str, status: int) -> Json:
    """The schema of one answer, without references."""
    (found,) = (each for name, code, each in responses(CONTRACT) if (name, code) == (operation_id, status))
    return found["content"]["application/vnd.api+json"]["schema"]


def promised(schema: Json) -> SchemaValidator:
    """Compile the schema of an answer as it binds the service."""
    return validator(schema, Direction.RESPONSE)


def message() -> Json:
    """A message as it is read, from the contract's own example."""
    return copy.deepcopy(CONTRACT.at("/components/examples/documented-message/value"))


def test_a_reader_accepts_the_answer_of_the_docs() -> None:
    """It has no `jsonapi`, and its link leads to `/v1/api/`; it came after the message was stored."""
    schema = schema_of("enqueueMessage", 202)
    assert Oracle(schema).errors(DOCUMENTED) == []
    assert not promised(schema).is_valid(DOCUMENTED)


@pytest.mark.parametrize("document", LATER.values(), ids=LATER)
def test_a_reader_accepts_the_errors_of_tomorrow(document: Json) -> None:
    """A client that was generated today must show a new code to its user, and not a fault of its own."""
    schema = schema_of("enqueueMessage", 400)
    assert Oracle(schema).errors(document) == []
    assert not promised(schema).is_valid(document)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("meta", "state"), "cancelled"),
        (("meta", "due-at"), "2016-03-27T23:36:38.238123456+00:00"),
        (("meta", "expires-at"), "2016-03-28T00:00:00Z"),
        (("attributes", "priority"), 3),
        (("id",), "018f6b1c-9c1e-7cc0-b6f5-9f0b7a1d6e11"),
        (("links", "related"), "/"),
    ],
)
def test_a_reader_accepts_the_message_of_tomorrow(place: tuple[str, ...], value: Json) -> None:
    """New states, members and forms of an id are no reason to lose a message that was read."""
    document = message()
    node = document["data"]
    for part in place[:-1]:
        node = node[part]
    node[place[-1]] = value
    assert Oracle(schema_of("getMessage", 200)).errors(document) == []


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_example_of_an_answer_keeps_the_promises(document: Any) -> None:
    """People copy examples into their tests, so each is a response that the service may really send."""
    examples = [(place, each) for place, each in media_types(document) if not place.endswith("request")]
    broken = [
        (place, name, fault)
        for place, media_type in examples
        for name, example in media_type["examples"].items()
        for fault in promised(media_type["schema"]).violations(example["value"])
    ]
    assert examples != []
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_promise_only_narrows_the_schema_of_readers(document: Any) -> None:
    """A promise replaces the keywords that it repeats, and admits no value that they rule out."""
    wrong = []
    for place, schema in schemas(document):
        promised = schema.get("x-promised", {})
        both = promised.keys() & schema.keys()
        wrong += [place for each in both & {"required"} if not set(schema[each]) <= set(promised[each])]
        wrong += [place for each in both if each.startswith("max") and promised[each] > schema[each]]
        wrong += [place for each in both if each.startswith("min") and promised[each] < schema[each]]
        wrong += [place for each in both if not each.startswith(("max", "min", "required"))]
    assert wrong == []


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_list_of_todays_values_is_the_promised_one(document: Any) -> None:
    """`x-extensible-enum` is for people and documentation, and equals the list that is validated."""
    extensible = [each for _, each in schemas(document) if "x-extensible-enum" in each]
    assert extensible != []
    assert [each for each in extensible if each["x-extensible-enum"] != each["x-promised"]["enum"]] == []


def test_a_promise_within_other_schemas_is_found() -> None:
    """A promise in a schema within schemas binds the service, too."""
    promise = {"type": "string", "x-promised": {"enum": ["a"]}}
    for schema, value in (
        ({"properties": {"one": promise}}, {"one": "b"}),
        ({"items": promise}, ["b"]),
        ({"additionalProperties": promise}, {"one": "b"}),
        ({"allOf": [promise]}, "b"),
        ({"anyOf": [promise]}, "b"),
        ({"oneOf": [{"items": promise}]}, ["b"]),
    ):
        assert validator(schema, Direction.REQUEST).is_valid(value)
        assert not promised(schema).is_valid(value)
