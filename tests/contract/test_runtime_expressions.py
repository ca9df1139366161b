"""Runtime expressions about a request (OpenAPI 3.0.4, "Runtime Expressions")."""

import pytest

from eqkit.contract.document import Json
from eqkit.contract.runtime_expressions import RequestValues, check_expressions, fill_expressions

REQUEST = RequestValues(
    "POST",
    "http://a.test/v1?b=1",
    {"id": "7"},
    "b=1&b=2&empty=&c=%C3%A9",
    {b"x-one": b"h\xe9"},
    {"data": {"id": 7, "tags": ["a"], "a/b~c": None}},
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{$method}", "POST"),
        ("{$url}", "http://a.test/v1?b=1"),
        ("{$request.path.id}", "7"),
        ("{$request.path.other}", ""),
        ("{$request.query.b}", "1"),
        ("{$request.query.c}", "\u00e9"),
        ("{$request.query.empty}", ""),
        ("{$request.query.other}", ""),
        ("{$request.header.X-One}", "h\u00e9"),
        ("{$request.header.other}", ""),
        ("{$request.body#/data/id}", 7),
        ("{$request.body#/data/tags/0}", "a"),
        ("{$request.body#/data/a~1b~0c}", None),
        ("{$request.body#/nowhere}", ""),
        ("{$request.body}", REQUEST.document),
        ("{$request.body#}", REQUEST.document),
        ("id {$request.body#/data/id} of {$method}", "id 7 of POST"),
        ("tags {$request.body#/data/tags}{$request.path.id}", 'tags ["a"]7'),
        ("{$method", "{$method"),
        ("{$response.body}", "{$response.body}"),
        (["{$method}", 1, {"{$url}": "{$request.path.id}"}], ["POST", 1, {"{$url}": "7"}]),
        (None, None),
    ],
)
def test_an_expression_is_its_value_in_the_request(text: Json, value: Json) -> None:
    """One that is all of a text is the value itself; within a text it is written as JSON."""
    check_expressions(text)
    assert fill_expressions(text, REQUEST) == value


@pytest.mark.parametrize(
    "expression",
    [
        "methods",
        "request",
        "request.body#data",
        "request.body#/a~2",
        "request.path.",
        "request.header.a b",
        "url.x",
    ],
)
def test_an_expression_that_is_none_is_told_with_those_that_there_are(expression: str) -> None:
    """Wherever it stands; of a long one, 80 characters."""
    for value in (f"{{${expression}}}", f"a {{${expression}}} b", [{"c": f"{{${expression}}}"}]):
        with pytest.raises(ValueError, match=r"is no runtime expression; there are \$method"):
            check_expressions(value)
    with pytest.raises(ValueError, match=f'"{{\\$request.{"x" * 72}}}" is no') as refused:
        check_expressions(f"{{$request.{'x' * 100}}}")
    assert "x" * 73 not in str(refused.value)
