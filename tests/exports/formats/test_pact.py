"""The pact: its interactions, and the rules by which values are matched."""

import json
import re
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.exports.formats.pact import pact
from eqkit.exports.formats.pact_rules import MAX_RULES
from eqkit.exports.sources import Export, of_recordings
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes
from tests.exports.hostile import TEXTS, hostile_export
from tests.exports.shops import COOKIE, export_of, only, shop

TYPE = {"combine": "AND", "matchers": [{"match": "type"}]}
INTEGER = {"combine": "AND", "matchers": [{"match": "integer"}]}
NUMBER = {"combine": "AND", "matchers": [{"match": "number"}]}
VALUES = {"combine": "AND", "matchers": [{"match": "values"}]}
NULL = {"combine": "AND", "matchers": [{"match": "null"}]}
LIST = {"combine": "AND", "matchers": [{"match": "type", "min": 1}]}


def either(*matchers: str) -> dict[str, Any]:
    """Return a rule that one of some matchers has to accept a value."""
    return {"combine": "OR", "matchers": [{"match": each} for each in matchers]}


def interactions(export: Export) -> list[Any]:
    """Return the interactions of an export."""
    found: list[Any] = pact(export, "us", "them")["interactions"]
    return found


def answer_of(schema: Any, example: Any) -> Any:
    """Return the response of an interaction whose body has a schema and an example."""
    content = {"application/json": {"schema": schema, "example": example}}
    (made,) = interactions(only({"responses": {"200": {"description": "", "content": content}}}))
    return made["response"]


def test_a_pact_has_an_interaction_for_each_exchange_that_a_provider_can_be_in_the_state_of() -> None:
    """An error that only a wrong request brings about is left out, unless the contract has that request."""
    export = export_of(shop())
    made = pact(export, "us", "them")
    assert (made["consumer"], made["provider"]) == ({"name": "us"}, {"name": "them"})
    assert made["metadata"]["pactSpecification"] == {"version": "3.0.0"}
    assert [
        (each["description"], each["providerStates"][0]["name"], each["response"]["status"])
        for each in made["interactions"]
    ] == [
        ("List the things: 200", "listThings answers 200", 200),
        ("List the things: 401", "listThings answers 401", 401),
        ("addThing: 201 lamp", "addThing answers 201 lamp", 201),
        ("addThing: 400 nameless", "addThing answers 400 nameless", 400),
        ("addThing: 201 chair", "addThing answers 201 chair", 201),
        ("showThing: 200", "showThing answers 200", 200),
        ("removeThing: 204", "removeThing answers 204", 204),
    ]
    assert [str(each) for each in export.left_out] == [
        "3 answers: no state of a provider answers a good request with 400, 500"
    ]


def test_a_request_is_matched_by_its_types() -> None:
    """The path by a pattern, query and headers by any text, the body by the types of its schema."""
    listed, refused, added, *_ = interactions(export_of(shop()))
    assert listed["request"]["query"] == {"limit": ["2"]}
    assert listed["request"]["headers"] == {
        "Accept": "application/json", "Authorization": "Bearer test_export",
    }  # fmt: skip
    assert "Authorization" not in refused["request"]["headers"]
    assert listed["request"]["matchingRules"]["query"] == {"limit": TYPE}
    assert added["request"]["body"] == {"name": "Lamp", "price": 9.5}
    assert added["request"]["matchingRules"]["body"] == {"$": TYPE, "$.price": either("number", "null")}
    assert added["response"]["headers"] == {"Content-Type": "application/json", "Location": "/things/7"}
    (rule,) = added["response"]["matchingRules"]["header"]["Content-Type"]["matchers"]
    assert rule["match"] == "regex"
    assert re.search(rule["regex"], "application/json; charset=utf-8")
    assert not re.search(rule["regex"], "application/jsonl")


def test_a_path_is_matched_with_any_text_for_its_parameters() -> None:
    """The path of the server and literal parts stay as they are."""
    shown = interactions(export_of(shop()))[5]["request"]
    assert shown["path"] == "/v1/things/7"
    (rule,) = shown["matchingRules"]["path"]["matchers"]
    for path, is_matched in (("/v1/things/x%2Fy", True), ("/v1/things/1/2", False), ("/v2/things/1", False)):
        assert bool(re.search(rule["regex"], path)) == is_matched
    assert "path" not in interactions(export_of(shop()))[0]["request"]["matchingRules"]


@pytest.mark.parametrize(
    ("schema", "example", "body", "rules"),
    [
        ({"type": "string"}, "a", '"a"', {"$": TYPE}),
        ({"type": "integer"}, 1, 1, {"$": INTEGER}),
        ({"type": "number"}, 1, 1, {"$": NUMBER}),
        ({"type": "number"}, 1.5, 1.5, {"$": NUMBER}),
        ({}, 1, 1, {"$": NUMBER}),
        (True, 1, 1, {"$": NUMBER}),
        ({"type": "boolean"}, True, True, {"$": TYPE}),
        ({"type": ["integer", "null"]}, 1, 1, {"$": either("integer", "null")}),
        ({"type": ["string", "null"]}, None, "null", {"$": NULL}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "a", '"a"', {"$": either("type", "integer")}),
        ({"type": "array", "items": {"type": "integer"}}, [1, 2], [1], {"$": LIST, "$[*]": INTEGER}),
        ({"type": "array", "items": {"type": "string"}}, ["a"], ["a"], {"$": LIST, "$[*]": TYPE}),
        ({"type": "array"}, [], [], {"$": TYPE}),
        ({"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}, {"a": "x", "b": 1},
         {"a": "x", "b": 1}, {"$": TYPE, "$.b": INTEGER}),
        ({"properties": {"a": {"type": ["string", "null"]}}}, {"a": None}, {}, {"$": TYPE}),
        ({"additionalProperties": {"type": "integer"}}, {"x": 1, "y": 2}, {"x": 1, "y": 2},
         {"$": VALUES, "$.*": INTEGER}),
        ({"properties": {"a b": {"type": "integer"}, "it's": {"type": "integer"}}}, {"a b": 1, "it's": 2},
         {"a b": 1, "it's": 2}, {"$": TYPE, "$['a b']": INTEGER}),
        ({"$ref": "#/components/schemas/Lost"}, {"a": 1}, {"a": 1}, {"$": TYPE, "$.a": NUMBER}),
        ({"properties": {"a": {"items": {"properties": {"b": {"type": "integer"}}}}}},
         {"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}]},
         {"$": TYPE, "$.a": LIST, "$.a[*]": TYPE, "$.a[*].b": INTEGER}),
        ({"type": "string"}, "5", '"5"', {"$": TYPE}),
        ({"type": "array"}, [{"a": "x", "b": 1}, {"a": "y"}], [{"a": "x"}], {"$": LIST, "$[*]": TYPE}),
        ({"type": "array"}, [{"a": "x"}, "y"], [{"a": "x"}], {"$": LIST, "$[*]": TYPE}),
    ],
)  # fmt: skip
def test_a_body_is_matched_by_the_types_of_its_schema(
    schema: Any, example: Any, body: Any, rules: Any
) -> None:
    """Specification 3: rules by path, which reach the values below that have no nearer one."""
    made = answer_of(schema, example)
    assert made["body"] == body
    assert made["matchingRules"]["body"] == rules


def test_rules_beyond_number_are_bounded() -> None:
    """The values beyond have the rule of the body."""
    assert (
        len(answer_of({}, {f"n{number}": number for number in range(5000)})["matchingRules"]["body"])
        == MAX_RULES
    )


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_any_text_can_stand_in_a_pact(text: str) -> None:
    """Names that no path can have get no rule of their own."""
    (made,) = interactions(hostile_export(text))
    assert made["request"]["body"][text] == text
    for path in made["response"]["matchingRules"]["body"]:
        assert re.fullmatch(r"\$(?:\.[A-Za-z_]\w*|\['[^'\\\x00-\x1f]+'\]|\[\*\])*", path), path
    assert json.loads(json.dumps(made)) == made


def test_interactions_differ_in_description_or_state() -> None:
    """The specification has no two alike; operations may share a summary."""
    item = {"get": {"summary": "Get", "responses": {"204": {"description": ""}}}}
    made = interactions(export_of({"openapi": "3.1.0", "paths": {"/a": item, "/b": item}}))
    assert [each["description"] for each in made] == ["Get: 204", "Get: 204 (2)"]


def test_a_recording_becomes_a_pact() -> None:
    """It has the headers that a client sends on purpose, the documented ones of answers, and no secret."""
    asked = {"User-Agent": "u", "Sec-Fetch-Mode": "cors", "Accept": "*/*", "Authorization": "Bearer s3cret",
             "X-A": "1", "Host": "h", "Cookie": "sid=s3cret"}  # fmt: skip
    answered = {"Content-Type": "application/json", "Date": "now", "Server": "s", "Set-Cookie": "s3cret"}
    recorded = RecordedExchange(
        "r", "GET", "https://h/v1/things/7?a=b%20c&token=s3cret", tuple(asked.items()), b"", 200,
        tuple(answered.items()), b'{"id": 7, "name": "Lamp"}',
    )  # fmt: skip
    routes = Routes(Contract(Document(shop())))
    (made,) = interactions(of_recordings(routes, [recorded, recorded]))
    assert made["request"]["headers"] == {"Accept": "*/*", "X-A": "1", "Authorization": "Bearer test_export"}
    assert made["request"]["query"] == {"a": ["b c"]}
    assert made["response"]["headers"] == {"Content-Type": "application/json"}
    assert made["response"]["matchingRules"]["body"] == {"$": TYPE, "$.id": INTEGER}
    assert "s3cret" not in json.dumps(made)


def test_a_cookie_of_the_contract_stays_beside_the_key() -> None:
    """Without it, the request would not be valid."""
    (made,) = interactions(only({"parameters": [COOKIE]}))
    assert made["request"]["headers"] == {"Cookie": "c=1"}
    components = {"securitySchemes": {"K": {"type": "apiKey", "in": "cookie", "name": "sid"}}}
    (made,) = interactions(only({"parameters": [COOKIE]}, security=[{"K": []}], components=components))
    assert made["request"]["headers"] == {"Cookie": "c=1; sid=test_export"}


@pytest.mark.parametrize(
    ("media_type", "body", "reason"),
    [
        ("image/png", b"\x89PNG", "a body that is no text has no place in version 3 of Pact"),
        ("application/json", b"{", "its body is not JSON"),
        ("application/json", None, "the body of its answer was not recorded"),
    ],
)
def test_a_body_that_a_pact_cannot_have_is_left_out(media_type: str, body: bytes | None, reason: str) -> None:
    """It is named."""
    headers = (("Content-Type", media_type),)
    recorded = RecordedExchange("r", "GET", "https://h/v1/things/7", (), b"", 200, headers, body)
    export = of_recordings(Routes(Contract(Document(shop()))), [recorded])
    assert interactions(export) == []
    assert [reason in str(each) for each in export.left_out] == [True]


def test_only_the_promises_of_a_contract_are_expected() -> None:
    """Of a generated answer and of headers, those that are required; an example is taken whole."""
    error = {
        "allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"hint": {"type": "string"}}}],
        "required": ["inner"],
    }
    base = {
        "type": "object",
        "required": ["code", "list"],
        "properties": {
            "code": {"type": "integer"},
            "list": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "object", "required": ["a"], "properties": {"a": {}, "b": {}}},
            },
            "inner": {"type": "object", "properties": {"c": {"type": "string"}}},
            "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
    }
    headers = {
        "X-Needed": {"required": True, "schema": {"type": "string"}, "example": "n"},
        "X-Other": {"schema": {"type": "string"}, "example": "o"},
    }
    content: dict[str, Any] = {"application/json": {"schema": error}}
    example = {"code": 1, "list": [{"a": 1, "b": 2}], "inner": {"c": "x"}, "hint": "h"}
    components = {"schemas": {"Base": base}}

    def answer(more: dict[str, Any]) -> Any:
        media = {"application/json": content["application/json"] | more}
        responses = {"200": {"description": "", "headers": headers, "content": media}}
        (made,) = interactions(only({"responses": responses}, components=components))
        return made["response"]

    generated = answer({})
    assert generated["body"].keys() == {"code", "list", "inner"}
    assert [each.keys() for each in generated["body"]["list"]] == [{"a"}]
    assert generated["body"]["inner"] == {}
    assert generated["headers"] == {"Content-Type": "application/json", "X-Needed": "n"}
    assert answer({"example": example})["body"] == example
