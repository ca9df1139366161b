"""The exchanges that a contract describes: requests by the names of examples, each with its answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.exports.exchanges import with_credentials
from tests.exports.shops import COOKIE, export_of, facts, one, only, shop


def test_requests_and_answers_of_one_name_belong_together() -> None:
    """The first request has the first success; other answers come only to a request that asks for them."""
    export = export_of(shop())
    assert export.left_out == []
    assert [facts(each) for each in export.exchanges] == [
        ("listThings", 200, "", False),
        ("listThings", 401, "", False),
        ("listThings", 500, "", True),
        ("addThing", 201, "lamp", False),
        ("addThing", 400, "nameless", False),
        ("addThing", 201, "chair", False),
        ("showThing", 200, "", False),
        ("showThing", 400, "", True),
        ("showThing", 500, "", True),
        ("removeThing", 204, "", False),
    ]
    sent = [json.loads(each.exchange.request_body or b"null") for each in export.exchanges[3:6]]
    assert sent == [{"name": "Lamp", "price": 9.5}, {"price": 1}, {"name": "Chair", "price": 40}]


def test_exchanges_are_whole() -> None:
    """Address, headers and bodies are as they would be sent."""
    listed, _, _, added, *_ = export_of(shop()).exchanges
    assert listed.exchange.url == "https://shop.example/v1/things?limit=2"
    assert listed.exchange.request_headers == (("Accept", "application/json"),)
    assert with_credentials(listed).request_header("authorization") == "Bearer test_export"
    assert added.exchange.response_headers == (
        ("Content-Type", "application/json"),
        ("Location", "/things/7"),
    )
    assert added.prefer == "code=201, example=lamp"


def test_a_request_accepts_a_success_and_its_answer() -> None:
    """A client does not know which it gets; one that accepted an error alone would get a 406."""
    found = {facts(each)[:2]: each.exchange.request_header("accept") for each in export_of(shop()).exchanges}
    assert found[("showThing", 200)] == "application/json"
    assert found[("showThing", 400)] == "application/json, text/plain"
    assert found[("showThing", 500)] == "application/json"
    assert found[("removeThing", 204)] is None


def test_credentials_go_where_the_operation_wants_them() -> None:
    """A request that is refused with 401 has none, nor has one to an operation that asks for none."""
    found = {facts(each)[:2]: with_credentials(each) for each in export_of(shop()).exchanges}
    has_key = {key: each.request_header("authorization") is not None for key, each in found.items()}
    assert has_key[("listThings", 200)]
    assert not has_key[("listThings", 401)]
    assert not has_key[("removeThing", 204)]
    places = {
        "query": {"type": "apiKey", "in": "query", "name": "a b"},
        "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    }
    parameters = [COOKIE, {"name": "x-key", "in": "header", "example": "own"}]
    for place, scheme in places.items():
        components = {"securitySchemes": {"K": scheme}}
        sent = with_credentials(one({"parameters": parameters}, security=[{"K": []}], components=components))
        assert sent.query == ("a%20b=test_export" if place == "query" else "")
        assert sent.request_header("x-key") == ("test_export" if place == "header" else "own")
        assert sent.request_header("cookie") == ("c=1; sid=test_export" if place == "cookie" else "c=1")


@pytest.mark.parametrize(
    ("parameter", "query"),
    [
        ({"schema": {"type": "string"}, "example": "a b&c=d/é"}, "p=a%20b%26c%3Dd%2F%C3%A9"),
        ({"schema": {"type": "string"}, "examples": {"n": {"value": "x"}, "m": {"value": "y"}}}, "p=x"),
        ({"schema": {"type": "integer", "example": 3}}, "p=3"),
        ({"schema": {"type": "integer", "examples": [4]}}, "p=4"),
        ({"required": True, "schema": {"type": "integer", "default": 5}}, "p=5"),
        ({"required": True, "schema": {"enum": ["six", "seven"]}}, "p=six"),
        ({"required": True, "schema": {"const": True}}, "p=true"),
        ({"required": True, "schema": {"type": "integer", "example": "no", "default": 8}}, "p=8"),
        ({"schema": {"type": "integer", "default": 5}}, ""),
        ({"schema": {"type": "string"}}, ""),
        ({"schema": {"type": "array"}, "example": ["a", "b"]}, "p=a&p=b"),
        ({"schema": {"type": "array"}, "explode": False, "example": ["a", "b"]}, "p=a,b"),
        (
            {"schema": {"type": "array"}, "style": "pipeDelimited", "explode": False, "example": [1, 2]},
            "p=1%7C2",
        ),
        ({"schema": {"type": "object"}, "style": "deepObject", "example": {"a": 1}}, "p%5Ba%5D=1"),
        ({"schema": {"type": "object"}, "example": {"a": 1, "b": "x"}}, "a=1&b=x"),
        ({"content": {"application/json": {"example": {"a": 1}}}}, "p=%7B%22a%22%3A1%7D"),
        ({"schema": {"$ref": "#/components/schemas/S"}}, "p=s"),
        ({"schema": {"type": "string"}, "examples": {"e": {"externalValue": "http://x.invalid/"}}}, ""),
    ],
)
def test_parameters_have_their_examples_in_their_style(parameter: dict[str, Any], query: str) -> None:
    """OpenAPI 3.1.1, "Parameter Object": its own example, else that of its schema."""
    components = {"schemas": {"S": {"type": "string", "example": "s"}}}
    export = only({"parameters": [{"name": "p", "in": "query"} | parameter]}, components=components)
    assert [each.exchange.query for each in export.exchanges][:1] == [query]


@pytest.mark.parametrize(
    ("path", "parameter", "sent"),
    [
        ("/a/{p}", {"example": "x/y z"}, "/a/x%2Fy%20z"),
        ("/a/{p}:close", {"example": 1}, "/a/1:close"),
        ("/a/{p}", {"style": "label", "example": "x"}, "/a/.x"),
        ("/a/{p}", {"style": "matrix", "example": "x"}, "/a/;p=x"),
        ("/ä b/{p}", {"example": "`${1}`"}, "/%C3%A4%20b/%60%24%7B1%7D%60"),
    ],
)
def test_paths_are_filled(path: str, parameter: dict[str, Any], sent: str) -> None:
    """A value is percent-encoded where a path has no place for it."""
    found = one({"parameters": [{"name": "p", "in": "path", "required": True} | parameter]}, path)
    assert found.exchange.url == f"http://127.0.0.1:8080{sent}"


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ({"in": "path", "schema": {"not": {}}}, 'the path parameter "p": The schema at /paths/'),
        ({"in": "path", "example": ""}, 'the path parameter "p": its example is an empty text'),
        ({"in": "path", "example": {"a": {"b": 1}}}, 'the path parameter "p": an array or object within'),
        ({"in": "header", "required": True, "example": "a\nb"}, 'the header parameter "p": its example has'),
        (
            {"in": "query", "required": True},
            'the query parameter "p": it has neither an example nor a schema',
        ),
        (
            {"in": "query", "required": True, "style": "odd", "explode": False, "example": [1]},
            'the query parameter "p": there is no style "odd"',
        ),
        (
            {"in": "cookie", "required": True, "style": "odd", "example": "a"},
            'the cookie parameter "p": there is no style "odd"',
        ),
    ],
)
def test_an_operation_whose_request_cannot_be_made_is_left_out(
    parameter: dict[str, Any], reason: str
) -> None:
    """Its name and the reason are told; an optional parameter alone is left out of the request."""
    declared = {"name": "p"} | parameter
    export = only({"parameters": [declared]}, "/x/{p}")
    assert export.exchanges == []
    (left_out,) = export.left_out
    assert str(left_out).startswith(f"GET /x/{{p}}: {reason}")
    if declared["in"] != "path":
        assert len(only({"parameters": [declared | {"required": False}]}).exchanges) == 1


@pytest.mark.parametrize(
    ("content", "media_type", "body"),
    [
        ({"application/json": {"example": {"a": "ü"}}}, "application/json", '{"a":"ü"}'),
        ({"application/xml": {"example": "<a/>"}, "application/json": {"example": 1}},
         "application/json", "1"),
        ({"application/xml": {"example": "<a/>"}}, "application/xml", "<a/>"),
        ({"text/plain": {"example": 5}}, "text/plain", "5"),
        ({"text/*": {"example": "x"}}, "text/plain", "x"),
        ({"*/*": {"example": [1]}}, "application/json", "[1]"),
        ({"application/x-www-form-urlencoded": {"example": {"a": "b c", "d": [1, 2]}}},
         "application/x-www-form-urlencoded", "a=b%20c&d=1&d=2"),
        ({"application/x-www-form-urlencoded": {"example": {"a": 1, "b": [[2]]}}},
         "application/x-www-form-urlencoded", "a=1"),
        ({"application/jsonl": {"example": [{"a": 1}, 2]}}, "application/jsonl", '{"a":1}\n2\n'),
        ({"text/event-stream": {"example": [{"event": "e", "data": "x\ny"}]}},
         "text/event-stream", "event: e\ndata: x\ndata: y\n\n"),
        ({"application/json": {"example": '{"a": 1}', "schema": {"type": "object"}}},
         "application/json", '{"a": 1}'),
        ({"application/json": {"example": '{"a": 1}', "schema": {"type": "string"}}},
         "application/json", '"{\\"a\\": 1}"'),
        ({"application/json": {"schema": {"$ref": "#/components/schemas/S"}}}, "application/json", '"s"'),
        ({"application/json": {"examples": {"n": {"serializedValue": '{"a":1}'}}}},
         "application/json", '{"a":1}'),
        ({"application/json": {"examples": {"n": {"dataValue": {"a": 1}}}}}, "application/json", '{"a":1}'),
    ],
)  # fmt: skip
def test_bodies_are_written_in_their_media_types(content: Any, media_type: str, body: str) -> None:
    """JSON goes before other media types, and a range is sent as a type of it."""
    components = {"schemas": {"S": {"type": "string", "example": "s"}}}
    asked = one({"requestBody": {"content": content}}, method="post", components=components).exchange
    assert (asked.request_header("content-type"), (asked.request_body or b"").decode()) == (media_type, body)
    responses = {"200": {"description": "Done.", "content": content}}
    answered = [each.exchange for each in only({"responses": responses}, components=components).exchanges]
    assert (media_type, body) in [
        (each.response_header("content-type"), (each.response_body or b"").decode()) for each in answered
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"application/json": {"schema": {"not": {}}}}, "admits no value"),
        ({"application/json": {}}, "it has neither an example nor a schema"),
        ({"application/pdf": {"example": {"a": 1}}}, "An object has no form in application/pdf."),
        ({"text/plain; charset=odd": {"example": "x"}}, "The charset odd is not known."),
        ({"text/plain\n": {"example": "x"}}, "is not a media type that can be sent"),
    ],
)
def test_an_answer_that_cannot_be_made_is_left_out(content: Any, reason: str) -> None:
    """The others of its operation are exported all the same."""
    responses = {"200": {"description": "", "content": content}, "404": {"description": ""}}
    export = only({"responses": responses})
    assert [facts(each)[1] for each in export.exchanges] == [404]
    (left_out,) = export.left_out
    assert str(left_out).startswith("GET /x 200: ")
    assert reason in str(left_out)


@pytest.mark.parametrize(
    ("servers", "address"),
    [
        (None, "http://127.0.0.1:8080"),
        ([], "http://127.0.0.1:8080"),
        ([{"url": "/v2/"}], "http://127.0.0.1:8080/v2"),
        ([{"url": "https://user:secret@h.example/v2"}], "https://h.example/v2"),
        ([{"url": "https://{r}.h.example", "variables": {"r": {"default": "eu"}}}], "https://eu.h.example"),
        ([{"url": "//h.example"}], "http://h.example"),
    ],
)
def test_requests_go_to_the_first_server(servers: Any, address: str) -> None:
    """One without a host is the mock's address; the user in an address is nobody's business."""
    members = {} if servers is None else {"servers": servers}
    assert one({}, **members).exchange.url == f"{address}/x"
    assert one({"servers": [{"url": "http://own.example"}]}, **members).exchange.url == "http://own.example/x"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
        {"type": "array", "minItems": 2, "items": {"type": "string", "format": "date"}},
        {"$ref": "#/components/schemas/Tree"},
    ],
)
def test_a_schema_without_an_example_gets_a_generated_value(schema: Any) -> None:
    """In parameters, bodies and answers; the same one each time, and a valid one."""
    tree = {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/Tree"}}}
    content = {"application/json": {"schema": schema}}
    operation = {
        "parameters": [{"name": "p", "in": "query", "required": True, "schema": {"type": "integer"}}],
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "", "content": content}},
    }
    components = {"schemas": {"Tree": tree}}
    made = one(operation, method="post", components=components)
    assert made == one(operation, method="post", components=components)
    assert made.exchange.query.startswith("p=")
    for body in (made.exchange.request_body, made.exchange.response_body):
        assert body
        assert isinstance(json.loads(body), dict | list)


def test_a_generated_answer_echoes_the_request() -> None:
    """Members of one name are taken over, as the mock does it."""
    schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    made = one(
        {
            "requestBody": {"content": {"application/json": {"schema": schema, "example": {"name": "Lamp"}}}},
            "responses": {"201": {"description": "", "content": {"application/json": {"schema": schema}}}},
        },
        method="post",
    )
    assert json.loads(made.exchange.response_body or b"") == {"name": "Lamp"}


def test_examples_beyond_number_are_bounded() -> None:
    """A contract may name any number of examples; a hundred of one operation are exported."""
    examples = {f"n{number}": {"value": number} for number in range(5000)}
    content = {"application/json": {"examples": examples}}
    export = only({"requestBody": {"content": content}}, method="post")
    assert len(export.exchanges) == 100
    export = only({"responses": {"200": {"description": "", "content": content}}})
    assert len(export.exchanges) == 100


def test_the_contract_of_elasticqueue_is_exported_whole(tmp_path: Path) -> None:
    """Every operation, and every example of an answer."""
    document = Document.load(Path(__file__).parents[2] / "openapi/elasticqueue.yaml")
    contract = Contract(document)
    export = export_of(document.data)
    assert export.left_out == []
    assert {each.operation.id for each in export.exchanges} == contract.operations.keys()
