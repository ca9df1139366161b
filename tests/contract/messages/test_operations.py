"""Requests and responses of one operation: each rule of the contract is found, in every kind of body."""

import json
from typing import Any

import pytest
import yaml

from eqkit.contract.document import Document
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.messages.violations import Level
from tests.contract.messages.requests import request_of, response_to

CONTRACT = CompiledContract(
    Document(
        yaml.safe_load("""
openapi: 3.1.0
info: {title: T, version: '1'}
security: [{Key: []}, {Basic: [], Cookie: []}]
paths:
  /things/{id}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: integer}}
    - {name: limit, in: query, schema: {type: integer, maximum: 10}}
    put:
      parameters:
      - {name: limit, in: query, required: true, schema: {$ref: '#/components/schemas/Limit'}}
      - {name: flag, in: query, allowEmptyValue: true, schema: {type: boolean}}
      - {name: where, in: query, content: {application/json: {schema: {type: object, required: [a]}}}}
      - {name: Accept, in: header, required: true, schema: {type: integer}}
      - {name: X-Ids, in: header, schema: {type: array, items: {type: integer}}}
      - {name: odd, in: query, style: label, schema: {type: integer}}
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Thing'}}
          application/x-www-form-urlencoded:
            schema: {$ref: '#/components/schemas/Form'}
            encoding:
              tags: {style: pipeDelimited, explode: false}
              where: {style: deepObject, explode: true}
              json: {contentType: application/json}
          multipart/form-data:
            schema: {$ref: '#/components/schemas/Parts'}
            encoding:
              photo: {contentType: 'image/png, image/*', headers: {X-Size: {required: true}}}
          text/plain: {schema: {type: integer, minimum: 5}}
          application/x-ndjson: {itemSchema: {$ref: '#/components/schemas/Thing'}}
          image/*: {}
      responses:
        '200':
          description: fine
          headers:
            X-Count: {required: true, schema: {type: integer}}
            X-Tags: {schema: {type: array, items: {enum: [a, b]}}}
            Content-Type: {schema: {type: integer}}
          content:
            application/*+json: {schema: {$ref: '#/components/schemas/Thing'}}
            text/event-stream: {itemSchema: {required: [data], properties: {data: {minLength: 2}}}}
        4XX: {description: refused}
        '204': {description: nothing}
components:
  schemas:
    Limit: {type: integer, maximum: 10}
    Thing:
      type: object
      required: [name, id, secret]
      properties:
        id: {type: integer, readOnly: true}
        secret: {type: string, writeOnly: true}
        name: {type: string}
        parts: {type: array, items: {$ref: '#/components/schemas/Thing'}}
    Form:
      type: object
      required: [n]
      properties:
        n: {type: integer}
        tags: {type: array, items: {enum: [a, b]}}
        where: {type: object, properties: {x: {type: integer}}}
        json: {type: object, properties: {x: {type: integer}}}
        both: {anyOf: [{type: integer}, {enum: [all]}]}
    Parts:
      type: object
      required: [n]
      properties:
        n: {type: integer}
        photo: {}
        meta: {type: object, properties: {x: {type: integer}}}
        many: {type: array, items: {type: integer}, maxItems: 2}
  securitySchemes:
    Key: {type: apiKey, in: header, name: X-Key}
    Basic: {type: http, scheme: basic}
    Cookie: {type: apiKey, in: cookie, name: session}
""")
    )
)
PUT = CONTRACT.operation("/paths/~1things~1{id}/put")
THING = {"name": "a", "secret": "b"}
JSON, FORM, LINES = "application/json", "application/x-www-form-urlencoded", "application/x-ndjson"
PARTS = "multipart/form-data; boundary=XX"
E_ACUTE = json.dumps({**THING, "name": "é"}, ensure_ascii=False).encode("latin-1")


def findings(query: str = "limit=1", path: str = "1", **headers: str) -> list[str]:
    """Return the violations in the parameters of a request."""
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    request = request_of("PUT", query, given)
    return [each.message for each in PUT.request_violations(request, {"id": path})]


def told_of_body(content_type: str, body: Any, level: Level = Level.MUST) -> list[str]:
    """Return the violations in the body of a request."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = request_of("PUT", "limit=1", (("Content-Type", content_type),), raw)
    found = PUT.request_violations(request, {"id": "1"})
    return [each.message for each in found if each.level is level]


def answered(
    status: int,
    content_type: str,
    body: Any,
    headers: dict[str, str] | None = None,
    level: Level = Level.MUST,
) -> list[str]:
    """Return the violations in a response."""
    given = {"content-type": content_type, "x-count": "1"} | {
        name.replace("_", "-"): value for name, value in (headers or {}).items()
    }
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = response_to("PUT", status, tuple(given.items()), raw)
    return [each.message for each in PUT.response_violations(response) if each.level is level]


def multipart(*parts: tuple[str, str, bytes]) -> bytes:
    """Return a multipart body of parts with a name and further headers."""
    written = b"".join(
        b'--XX\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (name.encode(), headers.encode(), content)
        for name, headers, content in parts
    )
    return written + b"--XX--\r\n"


@pytest.mark.parametrize(
    ("query", "path", "headers"),
    [
        ("limit=1", "1", {}),
        ("limit=10&flag", "1", {}),
        ("limit=1&flag=true&where=%7B%22a%22:1%7D", "1", {}),
        ("limit=1", "1", {"x_ids": "1, 2"}),
        ("limit=1&unknown=1", "1", {}),
        ("limit=1&odd=x", "1", {}),
    ],
)
def test_a_good_request_is_let_through(query: str, path: str, headers: dict[str, str]) -> None:
    """Also an empty value where it is allowed, a style that its place has not, and Accept as it is."""
    assert findings(query, path, **headers) == []


@pytest.mark.parametrize(
    ("query", "path", "headers", "words"),
    [
        ("", "1", {}, ['"limit"', "is missing"]),
        ("limit=007", "1", {}, ['"limit"', "integer"]),
        ("limit=11", "1", {}, ['"limit"', "10"]),
        ("limit=1", "x", {}, ['"id"', "integer"]),
        ("limit=1&flag=1", "1", {}, ['"flag"', "boolean"]),
        ("limit=1&where=%7B%7D", "1", {}, ['"where"', '"a"']),
        ("limit=1&where=x", "1", {}, ['"where"', "JSON"]),
        ("limit=1", "1", {"x_ids": "1,b"}, ['"X-Ids"', "integer"]),
    ],
)
def test_a_bad_parameter_is_named(query: str, path: str, headers: dict[str, str], words: list[str]) -> None:
    """The message gives the allowed values; a parameter of the operation replaces that of its path."""
    (message,) = findings(query, path, **headers)
    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, THING),
        (f"{JSON}; charset=utf-16", json.dumps(THING).encode("utf-16")),
        (f"{JSON}; charset=ISO-8859-1", E_ACUTE),
        (FORM, b"n=1&tags=a%7Cb&where[x]=1&json=%7B%22x%22:1%7D&both=all"),
        (FORM, b"n=1&both=7&other=x"),
        (PARTS, multipart(("n", "", b"1"), ("many", "", b"1"), ("many", "", b"2"))),
        (PARTS, multipart(
            ("n", "", b"1"),
            ("photo", '; filename="a.png"\r\nContent-Type: image/png\r\nX-Size: 1', b"\x89PNG\xff"),
            ("meta", "\r\nContent-Type: application/json", b'{"x": 1}'),
        )),
        ("text/plain", b"5"),
        (LINES, json.dumps(THING).encode() + b"\n" + json.dumps(THING).encode() + b"\n"),
        ("image/gif", b"\xff"),
    ],
)  # fmt: skip
def test_a_good_body_is_let_through(content_type: str, body: Any) -> None:
    """Of every media type that can be read, in any charset."""
    assert told_of_body(content_type, body) == []


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        (JSON, {"name": 1, "secret": ""}, ["/name", "string"]),
        (JSON, {**THING, "parts": [{**THING, "parts": [{"secret": ""}]}]}, ["/parts/0/parts/0", '"name"']),
        (JSON, b"{", ["JSON"]),
        (f"{JSON}; charset=klingon", b"{}", ["charset", "klingon"]),
        (f"{JSON}; charset=ascii", b"\xff", ["JSON"]),
        (FORM, b"n=x", ["/n", "integer"]),
        (FORM, b"tags=a", ['"n"']),
        (FORM, b"n=1&tags=a%7Cc", ["/tags/1"]),
        (FORM, b"n=1&where[x]=y", ["/where/x", "integer"]),
        (FORM, b"n=1&json=%7B%22x%22:%22y%22%7D", ["/json/x", "integer"]),
        (FORM, b"n=1&json=y", ['"json"', "JSON"]),
        (PARTS, multipart(("n", "", b"x")), ["/n", "integer"]),
        (PARTS, multipart(("many", "", b"1")), ['"n"']),
        (PARTS, multipart(("n", "", b"1"), *[("many", "", b"1")] * 3), ["/many", "2"]),
        (PARTS, multipart(("n", "", b"1"), ("meta", "", b'{"x":""}')), ["/meta/x"]),
        (PARTS, multipart(
            ("n", "", b"1"), ("photo", "\r\nContent-Type: text/html\r\nX-Size: 1", b"")
        ), ['"photo"', "image/png", "text/html"]),
        (PARTS, multipart(
            ("n", "", b"1"), ("photo", "\r\nContent-Type: image/png", b"")
        ), ['"photo"', "X-Size"]),
        ("multipart/form-data", b"", ["missing"]),
        ("multipart/form-data", b"x", ["boundary"]),
        ("multipart/form-data; boundary=YY", multipart(("n", "", b"1")), ["multipart/form-data"]),
        (PARTS, multipart(("n", "", b"1"))[:-6], ["boundary"]),
        ("text/plain", b"4", ["5"]),
        (LINES, json.dumps(THING).encode() + b"\n{}\n", ["/1"]),
        ("application/xml", b"<a/>", ["application/xml", JSON]),
    ],
)  # fmt: skip
def test_a_bad_body_is_reported_with_its_place(content_type: str, body: Any, words: list[str]) -> None:
    """The message holds the pointer of the wrong value, or its member."""
    messages = told_of_body(content_type, body)
    assert messages
    assert all(word in messages[0] for word in words), messages


def test_a_member_of_the_other_side_is_a_warning() -> None:
    """It SHOULD NOT be sent (OpenAPI 3.0.4, "Schema Object"), however deep it stands."""
    parts = {**THING, "parts": [{**THING, "id": 1}]}
    assert told_of_body(JSON, parts) == []
    assert told_of_body(JSON, parts, Level.SHOULD) == [
        "at /parts/0/id: is readOnly, and so belongs in a response alone"
    ]
    sent = {"id": 1, "name": "a", "secret": "b"}
    assert answered(200, "application/vnd.x+json", sent) == []
    assert answered(200, "application/vnd.x+json", sent, level=Level.SHOULD) == [
        "at /secret: is writeOnly, and so belongs in a request alone"
    ]


@pytest.mark.parametrize(
    ("status", "content_type", "body", "headers"),
    [
        (200, "application/vnd.x+json", {"id": 1, "name": "a"}, {"x_tags": "a, b"}),
        (200, "text/event-stream", b"data: ab\n\ndata: c\ndata: d\n\ndata: x", {}),
        (204, "", b"", {}),
        (404, "text/html", b"", {}),
    ],
)
def test_a_good_response_is_let_through(
    status: int, content_type: str, body: Any, headers: dict[str, str]
) -> None:
    """By suffix, by range, and of a stream the events that have come whole."""
    assert answered(status, content_type, body, headers) == []


@pytest.mark.parametrize(
    ("status", "content_type", "body", "headers", "words"),
    [
        (200, "application/vnd.x+json", {"id": "1", "name": "a"}, {}, ["/id", "integer"]),
        (200, "application/json", {"id": 1, "name": "a"}, {}, ["application/json"]),
        (200, "application/vnd.x+json", {"id": 1, "name": "a"}, {"x_count": "a"}, ['"X-Count"', "integer"]),
        (200, "application/vnd.x+json", {"id": 1, "name": "a"}, {"x_tags": "a,c"}, ["header", "/1"]),
        (200, "text/event-stream", b"data: ab\n\ndata: c\n\n", {}, ["/1/data", "2"]),
        (204, "", b"x", {}, ["must not"]),
        (500, "", b"", {}, ["500", "200, 4XX, 204"]),
    ],
)
def test_a_bad_response_is_reported(
    status: int, content_type: str, body: Any, headers: dict[str, str], words: list[str]
) -> None:
    """With the header's name, or the pointer within the body."""
    messages = answered(status, content_type, body, headers)
    assert messages
    assert all(word in messages[0] for word in words), messages


@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ((), False),
        ((("X-Key", "k"),), True),
        ((("Authorization", "Basic eDp5"),), False),
        ((("Authorization", "basic eDp5"), ("Cookie", "a=b; session=1")), True),
        ((("Authorization", "Bearer x"), ("Cookie", "session=1")), False),
    ],
)
def test_a_request_needs_the_credentials_of_one_alternative(headers: Any, is_let_in: bool) -> None:
    """All schemes of the alternative are needed; a part that a recording left out proves nothing."""
    whole = request_of("PUT", "limit=1", headers, has_all_headers=True)
    found = [each.message for each in PUT.request_violations(whole, {"id": "1"})]
    assert found == ([] if is_let_in else ["the credentials are missing: Key or Basic and Cookie"])
    assert list(PUT.request_violations(request_of("PUT", "limit=1", headers), {"id": "1"})) == []
