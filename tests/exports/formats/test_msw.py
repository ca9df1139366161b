"""The module for msw: a handler for each operation, and no text of a contract but in literals."""

import json
import re
import subprocess
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.exports.formats.literals import literal
from eqkit.exports.formats.msw import msw
from eqkit.exports.formats.msw_module import BEGINNING
from eqkit.exports.sources import of_recordings
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes
from tests.exports.hostile import TEXTS, body_of, hostile_export
from tests.exports.shops import export_of, only, shop
from tests.tools import needed

TOKEN = re.compile(
    r"\s+|-?\d[\d.eE+-]*|=>|===|[\[\](){},:?.;]|\w+"
    r'|"(?:[^"\\\x00-\x1f\u2028\u2029]|\\["\\/bfnrt]|\\u[0-9a-f]{4})*"'
)
WORDS = {"http", "get", "head", "post", "put", "patch", "delete", "options", "all", "request", "respond",
         "new", "RegExp", "method", "undefined", "true", "false", "null"}  # fmt: skip

STUBS = """
const made = [];
const asked = { request: { method: "QUERY" } };
const http = new Proxy({}, {
  get: (_, method) => (path, resolver) =>
    made.push([method, path instanceof RegExp ? path.source : path, resolver(asked) ?? null]),
});
const respond = (request, answers) => answers;
"""


def tail_of(module: str) -> str:
    """Return the part of a module that its contract has made; the beginning is always the same."""
    assert module.startswith(BEGINNING)
    return module.removeprefix(BEGINNING)


def evaluated(*modules: str) -> Any:
    """Return each handler of some modules as JavaScript has it: method, pattern and answers."""
    lists = "".join(f"[\n{tail_of(each)}" for each in modules)
    script = f"{STUBS}{lists}process.stdout.write(JSON.stringify(made));"
    done = subprocess.run(
        [needed("node"), "--input-type=module"], input=script.encode(), capture_output=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_of_a_contract_stands_in_literals_alone(text: str) -> None:
    """Every token of the handlers is a literal, punctuation or one of our own words."""
    tail = tail_of(msw(hostile_export(text)))
    position, words = 0, set()
    while position < len(tail):
        found = TOKEN.match(tail, position)
        assert found is not None, tail[position : position + 80]
        if re.match(r"[a-zA-Z_]", found[0]):
            words.add(found[0])
        position = found.end()
    assert words <= WORDS
    assert "</" not in tail
    assert "<!" not in tail
    assert tail.isprintable() or "\n" in tail


def test_literals_have_the_values_that_they_stand_for() -> None:
    """JavaScript reads each hostile body as it was, a member `__proto__` too."""
    found = evaluated(*(msw(hostile_export(text)) for text in TEXTS))
    for text, (method, pattern, answers) in zip(TEXTS, found, strict=True):
        assert (method, pattern) == ("post", "*/x")
        assert answers[0]["json"] == body_of(text)
        assert answers[0]["example"] == (text or "none")


def test_handlers_are_those_of_the_operations() -> None:
    """Longer paths go first, the first answer is a success, and every documented answer is there."""
    found = evaluated(msw(export_of(shop())))
    assert [
        (method, pattern, [each["status"] for each in answers]) for method, pattern, answers in found
    ] == [
        ("get", "*/things/:id", [200, 400, 500]),
        ("delete", "*/things/:id", [204]),
        ("get", "*/things", [200, 401, 500]),
        ("post", "*/things", [201, 400, 201]),
    ]
    assert found[0][2][1] == {
        "status": 400, "example": "", "headers": [["Content-Type", "text/plain"]], "text": "No."
    }  # fmt: skip
    assert found[3][2][0]["json"] == {"id": 7, "name": "Lamp", "price": 9.5}


@pytest.mark.parametrize(
    ("path", "url"),
    [
        ("/{id}", "http://h/1"),
        ("/", "http://h/"),
        ("/a/{pet-id}", "http://h/v1/a/1"),
        ("/a/{x}:close", "http://h/a/1:close"),
        ("/a/{x}.{y}", "http://h/a/1.json"),
        ("/a('{x}')", "http://h/a('1')"),
        ("/a+b/c*d", "http://h/a+b/c*d"),
        ("/ä b", "http://h/%C3%A4%20b"),
        ("/a/{x}/{x}", "http://h/a/1/2"),
        ("/a|b[c]{x}", "http://h/a%7Cb%5Bc%5D1"),
    ],
)
def test_odd_paths_are_regular_expressions(path: str, url: str) -> None:
    """The pattern matches a request to the path below any address, and not one to a longer path."""
    names = dict.fromkeys(re.findall(r"\{([^}]*)\}", path))
    parameters = [{"name": name, "in": "path", "required": True, "example": "1"} for name in names]
    ((_, pattern, _),) = evaluated(msw(only({"parameters": parameters}, path)))
    assert re.search(pattern, url)
    assert not re.search(pattern, f"{url}/more") or path == "/{id}"


def test_paths_that_would_match_each_other_s_requests_are_in_order() -> None:
    """The first handler that matches is taken: long paths go first, and literal parts before parameters."""
    paths = ["/{id}", "/a/{x}", "/a/b", "/a/{x}.json", "/a/b/{x}", "/b/{x}/c"]
    item: dict[str, Any] = {"get": {"responses": {"204": {}}}}
    made = msw(export_of({"openapi": "3.1.0", "paths": dict.fromkeys(paths, item)}))
    assert [pattern for _, pattern, _ in evaluated(made)] == [
        "*/a/b/:x", "*/b/:x/c", "*/a/b", "^[^/]+\\/\\/[^/]+(?:\\/.*)?\\/a\\/[^/]+\\.json$", "*/a/:x",
        "^[^/]+\\/\\/[^/]+(?:\\/.*)?\\/[^/]+$",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["TRACE", "QUERY", "COPY"])
def test_methods_without_a_function_ask_for_the_method(method: str) -> None:
    """Msw has no function for them; OpenAPI 3.2 has any method."""
    operation: dict[str, Any] = {"responses": {"204": {}}}
    fixed, others = {method.lower(): operation}, {"additionalOperations": {method: operation}}
    item = others if method == "COPY" else fixed
    ((function, _, answers),) = evaluated(msw(export_of({"openapi": "3.2.0", "paths": {"/x": item}})))
    assert function == "all"
    assert (answers is not None) == (method == "QUERY")


@pytest.mark.parametrize(
    ("media_type", "body", "member", "value"),
    [
        ("application/json", b'{"n": 9007199254740993}', "text", '{"n": 9007199254740993}'),
        ("application/json", b'{"n": 1e400}', "text", '{"n": 1e400}'),
        ("application/json", b"{", "text", "{"),
        ("application/json", b'{"n": 9007199254740991}', "json", {"n": 9007199254740991}),
        ("application/json", b"0", "json", 0),
        ("application/json", b"null", "text", "null"),
        ("image/png", b"\x89PNG", "base64", "iVBORw=="),
        ("text/plain", "ü".encode(), "text", "ü"),
        ("text/plain", b"", None, None),
    ],
)
def test_bodies_are_exact(media_type: str, body: bytes, member: str | None, value: Any) -> None:
    """A body that JavaScript would change as a value is a text, or base64."""
    headers = (("Content-Type", media_type), ("Content-Length", "9"))
    recorded = RecordedExchange(
        "r", "GET", "http://h/things/7", status=200, response_headers=headers, response_body=body
    )
    export = of_recordings(Routes(Contract(Document(shop()))), [recorded, recorded])
    ((_, _, (answer,)),) = evaluated(msw(export))
    expected = {} if member is None else {member: value}
    assert answer == {
        "status": 200,
        "example": "recorded-1",
        "headers": [["Content-Type", media_type]],
        **expected,
    }


def test_an_answer_without_its_body_is_left_out() -> None:
    """A recording may have kept none, which is not an empty one."""
    recorded = RecordedExchange("r", "GET", "http://h/things/7", status=200, response_body=None)
    export = of_recordings(Routes(Contract(Document(shop()))), [recorded])
    assert tail_of(msw(export)) == "];\n"
    assert [str(each) for each in export.left_out] == [
        "GET /things/{id} 200 recorded-1: the body of its answer was not recorded"
    ]


def test_long_literals_are_written_in_lines() -> None:
    """A person can read them, and each line ends in a comma."""
    assert literal({"a": [1, "b", None, True], "b c": {}}) == '{ "a": [1, "b", null, true], "b c": {} }'
    assert literal({"a": "x" * 60, "b": ["y" * 60]}, "  ") == (
        '{\n    "a": "' + "x" * 60 + '",\n    "b": ["' + "y" * 60 + '"],\n  }'
    )
