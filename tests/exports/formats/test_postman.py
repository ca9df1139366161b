"""The Postman collection: its structure, its variables, and no other variable than its own."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.exports.formats.postman import SCHEMA, postman
from eqkit.exports.sources import of_recordings
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes
from tests.exports.hostile import TEXTS, body_of, hostile_export
from tests.exports.shops import COOKIE, export_of, only, shop

MODES = {"raw", "urlencoded", "formdata"}


def items(collection: Any) -> list[Any]:
    """Return the items of a collection, those in folders first."""
    found = []
    for each in collection["item"]:
        found += items(each) if "item" in each else [each]
    return found


def texts(value: Any) -> Iterator[str]:
    """Yield each text of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        yield from value if isinstance(value, dict) else ()
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


def item_of(operation: dict[str, Any], path: str = "/x", method: str = "get", **members: Any) -> Any:
    """Return the one item of a contract with one operation."""
    (item,) = items(postman(only(operation, path, method, **members)))
    return item


def pairs(listed: Any) -> list[tuple[str, str]]:
    """Return the keys and values of a list, those that are not sent left out."""
    return [(each["key"], each["value"]) for each in listed if not each.get("disabled")]


def test_operations_stand_in_folders_with_their_answers() -> None:
    """Folders by tag, an item for each operation, and an example for each answer."""
    collection = postman(export_of(shop()))
    assert collection["info"] == {"name": "Shop", "description": "", "version": "1.0.0", "schema": SCHEMA}
    folder, last = collection["item"]
    assert (folder["name"], folder["description"]) == ("things", "All that is sold.")
    assert [each["name"] for each in folder["item"]] == ["List the things", "addThing", "showThing"]
    assert last["name"] == "removeThing"
    assert [each["name"] for each in folder["item"][1]["response"]] == [
        "201 lamp",
        "400 nameless",
        "201 chair",
    ]
    answer = folder["item"][0]["response"][0]
    assert (answer["name"], answer["status"], answer["code"]) == ("200 OK", "OK", 200)
    assert json.loads(answer["body"]) == [{"id": 7, "name": "Lamp", "price": 9.5}]
    forced = folder["item"][2]["response"][1]
    assert ("Prefer", "code=400") in pairs(forced["originalRequest"]["header"])


def test_a_request_is_taken_apart() -> None:
    """Address, path and query have their parts; an optional parameter is there, switched off."""
    listed, _, shown, _ = (each["request"] for each in items(postman(export_of(shop()))))
    assert listed["url"] == {
        "raw": "{{baseUrl}}/things?limit=2",
        "host": ["{{baseUrl}}"],
        "path": ["things"],
        "query": [{"key": "limit", "value": "2"}, {"key": "sort", "value": "", "disabled": True}],
        "variable": [],
    }
    assert shown["url"]["raw"] == "{{baseUrl}}/things/:id"
    assert shown["url"]["variable"] == [{"key": "id", "value": "7"}]


def test_every_part_is_of_the_format() -> None:
    """Postman Collection 2.1: the members that its schema requires, and the types of the others."""
    collection = postman(export_of(shop()))
    assert {"info", "item"} <= collection.keys()
    assert {"name", "schema"} <= collection["info"].keys()
    for item in items(collection):
        assert {"name", "request", "response"} <= item.keys()
        for request in (item["request"], *(each["originalRequest"] for each in item["response"])):
            assert re.fullmatch("[A-Z]+", request["method"])
            assert all(each.keys() == {"key", "value"} for each in request["header"])
            assert set(request.get("body", {"mode": "raw"})["mode"].split()) <= MODES
            assert all(isinstance(part, str) for part in request["url"]["path"])
        assert all(isinstance(each["code"], int) for each in item["response"])
    assert all(each.keys() == {"key", "value", "type"} for each in collection["variable"])


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_of_a_contract_names_no_variable(text: str) -> None:
    """Postman replaces ``{{name}}`` in a request by any variable of its user, and sends it to the server."""
    collection = postman(hostile_export(text))
    own = {"{{" + each["key"] + "}}" for each in collection["variable"]}
    (item,) = items(collection)
    for request in (item["request"], *(each["originalRequest"] for each in item["response"])):
        sent = {name: each for name, each in request.items() if name != "description"}
        for each in texts(sent):
            assert set(re.findall(r"\{\{[^}]*\}\}", each)) <= own, each
        assert json.loads(request["body"]["raw"]) == body_of(text)
    assert json.loads(item["response"][0]["body"]) == body_of(text)


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({"parameters": [{"name": "X-A", "in": "header", "example": "{{secret}}"}]}, "in the header X-A"),
        ({"requestBody": {"content": {"text/plain": {"example": "{{secret}}"}}}}, "in the body"),
        (
            {"requestBody": {"content": {"multipart/form-data": {"example": {"a": "{{secret}}"}}}}},
            "in the body",
        ),
    ],
)
def test_a_request_that_would_name_a_variable_is_left_out(operation: dict[str, Any], reason: str) -> None:
    """A header or text has no other way to write two braces."""
    export = only(operation, method="post")
    assert items(postman(export)) == []
    assert [reason in str(each) for each in export.left_out] == [True]


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({"application/json": {"example": {"a": "{{b}}"}}}, {"mode": "raw", "raw": '{"a":"{\\u007bb}}"}'}),
        ({"application/xml": {"example": "<a/>"}}, {"mode": "raw", "raw": "<a/>"}),
        ({"application/x-www-form-urlencoded": {"example": {"a": "b c&d"}}},
         {"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "b c&d"}]}),
        ({"application/x-www-form-urlencoded": {"example": {"a": "{{b}}"}}},
         {"mode": "raw", "raw": "a=%7B%7Bb%7D%7D"}),
        ({"multipart/form-data": {"example": {"a": "b", "f": "c"},
                                  "encoding": {"f": {"contentType": "image/png"}}}},
         {"mode": "formdata", "formdata": [
             {"key": "a", "type": "text", "value": "b"},
             {"key": "f", "type": "file", "src": [], "contentType": "image/png"}]}),
    ],
)  # fmt: skip
def test_bodies_have_the_mode_of_their_media_type(content: Any, body: Any) -> None:
    """A form is a table, everything else a text."""
    request = item_of({"requestBody": {"content": content}}, method="post")["request"]
    made = request["body"]
    made.pop("options", None)
    assert made == body
    has_type = "Content-Type" in dict(pairs(request["header"]))
    assert has_type == (body["mode"] != "formdata")


@pytest.mark.parametrize(
    ("path", "written", "variables"),
    [
        ("/a/{id}", ["a", ":id"], {"id": "1"}),
        ("/a/{id}:close", ["a", "1:close"], {}),
        ("/a/:b/{id}", ["a", "%3Ab", ":id"], {"id": "1"}),
        ("/a/{i d}", ["a", "1"], {}),
        ("/{id}/{id}", [":id", "1"], {"id": "1"}),
        ("/{{x}}/{id}", ["%7Bx%7D", ":id"], {"id": "1"}),
        ("/", [""], {}),
    ],
)
def test_paths_have_variables_where_postman_knows_them(
    path: str, written: list[str], variables: dict[str, str]
) -> None:
    """A variable is a whole part of the path; any other parameter has its value there."""
    names = [name for name in ("id", "i d") if f"{{{name}}}" in path]
    parameters = [{"name": name, "in": "path", "required": True, "example": "1"} for name in names]
    url = item_of({"parameters": parameters}, path)["request"]["url"]
    assert url["path"] == written
    assert dict(pairs(url["variable"])) == variables


@pytest.mark.parametrize(
    ("scheme", "auth", "variables"),
    [
        ({"type": "http", "scheme": "Bearer"}, ("bearer", {"token": "{{A_b}}"}), ["A_b"]),
        ({"type": "http", "scheme": "basic"},
         ("basic", {"username": "{{A_b_username}}", "password": "{{A_b_password}}"}),
         ["A_b_username", "A_b_password"]),
        ({"type": "http", "scheme": "digest"},
         ("digest", {"username": "{{A_b_username}}", "password": "{{A_b_password}}"}),
         ["A_b_username", "A_b_password"]),
        ({"type": "http", "scheme": "HOBA"},
         ("apikey", {"key": "Authorization", "value": "HOBA {{A_b}}", "in": "header"}), ["A_b"]),
        ({"type": "apiKey", "in": "query", "name": "key"},
         ("apikey", {"key": "key", "value": "{{A_b}}", "in": "query"}), ["A_b"]),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, ("noauth", {}), ["A_b"]),
        ({"type": "apiKey", "in": "header", "name": "{{secret}}"}, ("noauth", {}), []),
        ({"type": "openIdConnect"}, ("bearer", {"token": "{{A_b}}"}), ["A_b"]),
        ({"type": "mutualTLS"}, ("noauth", {}), []),
        ({"type": "oauth2",
          "flows": {"clientCredentials": {"tokenUrl": "https://h/t", "scopes": {"r": "", "w": ""}}}},
         ("oauth2", {"grant_type": "client_credentials", "accessTokenUrl": "https://h/t", "scope": "r w",
                     "accessToken": "{{A_b}}", "addTokenTo": "header"}), ["A_b"]),
        ({"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "https://{{secret}}", "scopes": {}}}},
         ("oauth2", {"grant_type": "implicit", "accessToken": "{{A_b}}", "addTokenTo": "header"}), ["A_b"]),
        (None, ("noauth", {}), []),
    ],
)  # fmt: skip
def test_security_schemes_are_authorizations(
    scheme: Any, auth: tuple[str, dict[str, str]], variables: list[str]
) -> None:
    """Each key is a variable of the collection, named by its scheme, and empty."""
    components = {"securitySchemes": {"A b": scheme} if scheme else {}}
    collection = postman(only({}, security=[{"A b": []}], components=components))
    kind, members = auth
    assert collection["auth"]["type"] == kind
    assert dict(pairs(collection["auth"].get(kind, ()))) == members
    assert pairs(collection["variable"]) == [
        ("baseUrl", "http://127.0.0.1:8080"), *((name, "") for name in variables)
    ]  # fmt: skip


def test_keys_beside_the_first_are_headers_and_query_parameters() -> None:
    """Postman has one authorization for a request; OpenAPI has any number, and alternatives."""
    components = {
        "securitySchemes": {
            "T": {"type": "http", "scheme": "bearer"},
            "K": {"type": "apiKey", "in": "header", "name": "X-K"},
            "Q": {"type": "apiKey", "in": "query", "name": "q"},
            "C": {"type": "apiKey", "in": "cookie", "name": "sid"},
        }
    }
    needs: list[dict[str, list[str]]] = [{}, {"T": [], "K": [], "Q": [], "C": []}]
    own = {"parameters": [COOKIE]}
    item = item_of({"security": needs} | own, security=[], components=components)
    assert item["request"]["auth"]["type"] == "bearer"
    assert pairs(item["request"]["header"]) == [("X-K", "{{K}}"), ("Cookie", "c=1; sid={{C}}")]
    assert item["request"]["url"]["raw"] == "{{baseUrl}}/x?q={{Q}}"


def test_an_operation_has_its_own_authorization_where_it_differs() -> None:
    """All others take that of the collection."""
    collection = postman(export_of(shop()))
    assert collection["auth"]["type"] == "bearer"
    own = {each["name"]: each["request"].get("auth") for each in items(collection)}
    assert own == {
        "List the things": None, "addThing": None, "showThing": None, "removeThing": {"type": "noauth"},
    }  # fmt: skip


def test_each_server_is_a_variable() -> None:
    """Of a recording, one variable is enough: it may have met one service at several addresses."""
    data = shop()
    data["paths"]["/things"]["post"]["servers"] = [{"url": "https://write.example/v9"}]
    collection = postman(export_of(data))
    assert pairs(collection["variable"])[:2] == [
        ("baseUrl", "https://shop.example/v1"), ("baseUrl2", "https://write.example/v9"),
    ]  # fmt: skip
    assert items(collection)[1]["request"]["url"]["raw"] == "{{baseUrl2}}/things"
    headers = (("Authorization", "s3cret"), ("Host", "h"), ("X-A", "b"))
    recorded = [
        RecordedExchange("r", "GET", f"{base}/things/{number}?token=s3cret&b=%7B", headers, b"", 200, (), b"")
        for number, base in enumerate(("https://shop.example/v1", "http://127.0.0.1:8080"))
    ]
    collection = postman(of_recordings(Routes(Contract(Document(data))), recorded))
    assert "s3cret" not in json.dumps(collection)
    assert pairs(collection["variable"])[:2] == [("baseUrl", "https://shop.example/v1"), ("Token", "")]
    (item,) = items(collection)
    assert [each["originalRequest"]["url"]["raw"] for each in item["response"]] == [
        "{{baseUrl}}/things/:id?b=%7B"
    ] * 2
    assert pairs(item["request"]["header"]) == [("X-A", "b")]
