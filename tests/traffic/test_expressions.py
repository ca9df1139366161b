"""Runtime expressions in the addresses of callbacks, against the tables of OpenAPI 3.1.1."""

import pytest

from eqkit.contract.document import Json
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.expressions import address_of

FORM = "application/x-www-form-urlencoded"
HOOK = "http://127.0.0.1:9/h?a=1&b=%2F"


def address(
    expression: str, body: bytes = b"", kind: str = "application/json", document: Json = None
) -> str | None:
    """Return the address for a request with a body, answered by a 201."""
    exchange = RecordedExchange(
        "the request",
        "POST",
        "http://api.test/v1/a%2Fb/c?q=x%26y&q=second&empty=&hook=http%3A%2F%2F127.0.0.1%3A9%2Fq",
        request_headers=(("Content-Type", kind), ("X-Hook", "http://127.0.0.1:9/h x")),
        request_body=body,
        status=201,
        response_headers=(("Content-Type", "application/json"), ("Location", "/v1/7")),
        response_body=b'{"id": 7, "a/b": {"m~n": [true, "\\u00e9 {x}"]}}',
    )
    return address_of(expression, exchange, {"id": "a%2Fb%20c"}, document)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("http://h.test/?u={$url}", "http://h.test/?u=http://api.test/v1/a%252Fb/c?q%3Dx%2526y%26q%3Dsecond"),
        ("http://h.test/{$method}/{$statusCode}", "http://h.test/POST/201"),
        ("$request.query.hook", "http://127.0.0.1:9/q"),
        ("http://h.test/{$request.query.q}", "http://h.test/x&y"),
        ("http://h.test/?a={$request.query.q}&b=1", "http://h.test/?a=x%26y&b=1"),
        ("http://h.test/?a={$request.query.empty}", "http://h.test/?a="),
        ("http://h.test/{$request.path.id}", "http://h.test/a/b%20c"),
        ("{$request.header.x-hook}", "http://127.0.0.1:9/h%20x"),
        ("http://h.test{$response.header.location}", "http://h.test/v1/7"),
        ("http://h.test/{$response.body#/id}", "http://h.test/7"),
        ("http://h.test/{$response.body#/a~1b/m~0n/0}", "http://h.test/true"),
        ("http://h.test/{$response.body#/a~1b/m~0n/1}", "http://h.test/%C3%A9%20%7Bx%7D"),
        ("http://h.test/{$response.body#/a~1b}", None),
        ("http://h.test/{$response.body#/none}", None),
        ("http://h.test/{$request.query.none}", None),
        ("http://h.test/{$request.path.none}", None),
        ("http://h.test/{$unknown}", None),
        ("http://h.test/plain", "http://h.test/plain"),
    ],
)
def test_each_kind_of_expression_names_an_address(expression: str, expected: str | None) -> None:
    """A value that no address can have is encoded, and in a query also what would end it (RFC 3986)."""
    found = address(expression)
    assert found == expected or (found is not None and expected is not None and found.startswith(expected))


@pytest.mark.parametrize(
    ("body", "kind", "document"),
    [
        (b'{"hook": "http://127.0.0.1:9/h?a=1&b=%2F"}', "application/json; charset=utf-8", None),
        (b"x=1&hook=http%3A%2F%2F127.0.0.1%3A9%2Fh%3Fa%3D1%26b%3D%252F", FORM, None),
        (b"--x", "multipart/form-data; boundary=x", {"hook": HOOK}),
        (b"<order/>", "application/xml", {"hook": HOOK}),
    ],
    ids=["json", "form", "multipart", "xml"],
)
def test_a_body_of_each_kind_names_an_address(body: bytes, kind: str, document: Json) -> None:
    """A pointer looks into fields of forms, too; other bodies are those that a schema has read."""
    assert address("{$request.body#/hook}", body, kind, document) == HOOK


def test_a_whole_text_is_an_address() -> None:
    """A body without a pointer is the entire body (OpenAPI 3.1.1, "Runtime Expressions")."""
    assert address("$request.body", HOOK.encode(), "text/plain") == HOOK
