"""The parts of an operation: its name, its parameters, its responses by status, and its answering side."""

import json
from typing import Any

import pytest

from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import REFUSALS_OF_METHODS, CompiledContract, CompiledOperation
from eqkit.contract.messages.security import describe_requirements, is_let_in
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.traffic.exchanges import RecordedExchange
from tests.contract.messages.requests import request_of, response_to

JSON_API = "application/vnd.api+json"
SOME: Json = {"type": "string", "minLength": 1}
A: Json = {"type": "object", "properties": {"a": {"type": "integer"}}}


def contract(paths: Json, **more: Json) -> CompiledContract:
    """Return the operations of a document."""
    return CompiledContract(Document({"openapi": "3.1.0", "paths": paths, **more}))


def get(operation: Json, **beside: Json) -> CompiledOperation:
    """Return the operation GET of a path, that has some other members."""
    return contract({"/a/{id}": {"get": operation, **beside}}).operation("/paths/~1a~1{id}/get")


def request(query: str = "", *headers: tuple[str, str], body: bytes | None = None) -> RecordedExchange:
    """Return a request of which all headers are known."""
    return request_of("GET", query, headers, body, has_all_headers=True)


def asked(operation: CompiledOperation, *parts: Any, **more: Any) -> list[str]:
    """Return the violations of a request."""
    return [each.message for each in operation.request_violations(request(*parts, **more), {"id": "1"})]


def answered(
    operation: CompiledOperation,
    status: int,
    body: bytes = b"",
    *headers: tuple[str, str],
    method: str = "GET",
) -> list[MessageViolation]:
    """Return the violations of a response."""
    return list(operation.response_violations(response_to(method, status, headers, body)))


@pytest.mark.parametrize(
    ("pointer", "name", "method"),
    [
        ("/paths/~1a/get", "listAll", "GET"),
        ("/paths/~1a/put", "PUT /a", "PUT"),
        ("/paths/~1a/additionalOperations/COPY", "COPY /a", "COPY"),
        ("/webhooks/made/post", "POST made", "POST"),
        ("/paths/~1a/put/callbacks/done/{$url}/post", "POST {$url}", "POST"),
    ],
)
def test_an_operation_is_named_by_its_id_or_by_its_method_and_path(
    pointer: str, name: str, method: str
) -> None:
    """Wherever it stands: in a path, beside its methods, in a webhook, in a callback."""
    done: Json = {"done": {"{$url}": {"post": {"responses": {"200": {}}}}}}
    paths = {
        "/a": {
            "get": {"operationId": "listAll"},
            "put": {"callbacks": done},
            "additionalOperations": {"COPY": {}},
        }
    }
    operation = contract(paths, webhooks={"made": {"post": {}}}).operation(pointer)
    assert (operation.name, operation.method) == (name, method)


@pytest.mark.parametrize(
    "pointer", ["/webhooks/made/post", "/paths/~1a/get/callbacks/made/{$url}/post", "/paths/~1a/get"]
)
def test_messages_of_a_webhook_are_validated_by_their_sender(pointer: str) -> None:
    """In a webhook and a callback it is the service that asks; `readOnly` members are its to send."""
    schema = {"required": ["id"], "properties": {"id": {"readOnly": True, "type": "integer"}}}
    content = {"content": {"application/json": {"schema": schema}}}
    made = {"post": {"requestBody": content, "responses": {"200": content}}}
    paths = {"/a": {"get": {"requestBody": content, "responses": {"200": content}}}}
    if "callbacks" in pointer:
        paths["/a"]["get"]["callbacks"] = {"made": {"{$url}": made}}
    operation = contract(paths, webhooks={"made": made}).operation(pointer)
    typed = ("content-type", "application/json")
    sent = asked(operation, "", typed, body=b"{}")
    found = [each.message for each in answered(operation, 200, b"{}", typed)]
    missing = 'the document: The member "id" is missing.'
    assert (sent, found) == (([], [missing]) if pointer == "/paths/~1a/get" else ([missing], []))


@pytest.mark.parametrize(
    ("status", "description"),
    [(200, "itself"), (201, "a range"), (299, "a range"), (404, "small letters"), (302, "the rest"),
     (500, "the rest")],
)  # fmt: skip
def test_a_response_is_found_by_its_status_then_by_its_range(status: int, description: str) -> None:
    """Then by `default` (OpenAPI 3.0.4, "Responses Object")."""
    responses = {
        "default": {"description": "the rest"},
        "2XX": {"description": "a range"},
        "200": {"description": "itself"},
        "4xx": {"description": "small letters"},
    }
    operation = get({"responses": responses})
    found = operation.response(status)
    assert found is not None
    names = {each["description"]: name for name, each in responses.items()}
    assert found.pointer == f"/paths/~1a~1{{id}}/get/responses/{names[description]}"
    assert operation.source_of(response_to("GET", status, (), b"")) == found.pointer
    assert operation.response(status) is found


def test_an_undocumented_status_is_reported_with_the_documented_ones() -> None:
    """Extensions are no statuses; an operation without any response says nothing of them."""
    operation = get({"responses": {"200": {}, "x-note": {}, "4XX": {}}, "operationId": "it"})
    (found,) = answered(operation, 500)
    assert (found.message, found.sent) == ("answered 500, and it has only 200, 4XX", 500)
    assert found.source == "/paths/~1a~1{id}/get/responses"
    assert operation.response(500) is None
    assert operation.source_of(response_to("GET", 500, (), b"")) == "/paths/~1a~1{id}/get/responses/500"
    assert answered(get({}), 500) == []
    assert answered(get({"responses": {}}), 500) == []


@pytest.mark.parametrize("status", [*REFUSALS_OF_METHODS, 400, 402, 406, 500])
def test_a_method_that_a_path_has_not_may_be_refused_as_http_has_it(status: int) -> None:
    """Whether or not the contract speaks of it; where it does, its word counts."""
    plain = get({"responses": {"200": {}}})
    strict = get({"responses": {str(status): {"content": {"text/plain": {}}}}})
    rules = [each.rule for each in answered(plain, status, method="DELETE")]
    assert rules == ([] if status in REFUSALS_OF_METHODS else ["response-status"])
    assert [each.rule for each in answered(plain, status)] == ["response-status"]
    assert [each.rule for each in answered(strict, status, b"x", method="DELETE")] == ["response-media-type"]


@pytest.mark.parametrize("is_json_api", [True, False])
def test_json_api_forbids_to_ignore_a_parameter(*, is_json_api: bool) -> None:
    """If any operation of the path answers in it, an unknown name is reported once; a key is none."""
    content: Json = {"content": {JSON_API if is_json_api else "application/json": {}}}
    operation = contract(
        {
            "/a": {
                "get": {"parameters": [{"name": "known", "in": "query"}]},
                "post": {"responses": {"404": {}, "200": {"$ref": "#/components/responses/It"}}},
                "delete": {"responses": None},
            }
        },
        components={
            "responses": {"It": content},
            "securitySchemes": {"key": {"type": "apiKey", "in": "query", "name": "key"}, "odd": None},
        },
    ).operation("/paths/~1a/get")
    long = "x" * 81
    found = asked(operation, f"known=1&{long}=1&b=2&b=3&key=k")
    expected = [
        f'there is no query parameter "{name}", and JSON:API forbids ignoring it' for name in ("x" * 80, "b")
    ]
    assert found == (expected if is_json_api else [])


@pytest.mark.parametrize(
    ("parameters", "above", "query", "messages"),
    [
        ([{"name": "q", "in": "query", "required": True}], [], "", ['the query parameter "q" is missing']),
        ([{"name": "q", "in": "query"}], [{"name": "q", "in": "query", "required": True}], "", []),
        ([{"in": "query", "required": True}, {"name": "q", "required": True}, "none"], [], "", []),
        (None, [{"name": "q", "in": "query", "required": True}], "", ['the query parameter "q" is missing']),
        ([{"name": "X-Q", "in": "header", "required": True}], [], "",
         ['the header parameter "X-Q" is missing']),
        ([{"name": "x-q", "in": "header"}], [{"name": "X-Q", "in": "header", "required": True}], "", []),
        ([{"name": "Q", "in": "query"}], [{"name": "q", "in": "query", "required": True}], "Q=1",
         ['the query parameter "q" is missing']),
        ([{"name": "Accept", "in": "header", "required": True}], [], "", []),
        ([{"name": "Content-Type", "in": "query", "required": True}], [], "",
         ['the query parameter "Content-Type" is missing']),
        ([{"name": "c", "in": "cookie", "required": True}], [], "", ['the cookie parameter "c" is missing']),
        ([{"name": "q", "in": "query", "allowEmptyValue": True, "schema": SOME}], [], "q=", []),
        ([{"name": "q", "in": "query", "schema": SOME}], [], "q=",
         ['in the query, "q" must have at least 1 character, and has 0.']),
        ([{"name": "q", "in": "query", "allowEmptyValue": True, "schema": {"const": 1}}], [], "q=&q=a",
         ['in the query, "q" must be sent once, and is sent 2 times (style form, explode: true)']),
    ],
)  # fmt: skip
def test_parameters_of_an_operation_go_before_those_of_its_path(
    parameters: Json, above: Json, query: str, messages: list[str]
) -> None:
    """By place and name, in which headers have no case; one that is none is left out."""
    assert asked(get({"parameters": parameters}, parameters=above), query) == messages


@pytest.mark.parametrize(
    ("header", "value", "messages"),
    [
        ({"required": True}, None, ["the answer has no header X-N"]),
        ({"required": False}, None, []),
        ({"required": True, "schema": {"type": "integer"}}, "7", []),
        ({"schema": {"type": "integer"}}, "x", ['in the header, "X-N" must be an integer, not a string.']),
        ({"schema": A}, "a,1,b",
         ['in the header, "X-N" must have a value for each name']),
        ({"schema": A, "explode": True}, "a=1", []),
        ({"schema": A}, "a,1", []),
        (True, "x", []),
        ({}, "x", []),
    ],
)  # fmt: skip
def test_headers_of_a_response_are_read_in_the_style_simple(
    header: Json, value: str | None, messages: list[str]
) -> None:
    """OpenAPI 3.0.4, "Header Object"; Content-Type is none of them."""
    headers = {"X-N": header, "content-TYPE": {"required": True, "schema": {"const": 1}}}
    operation = get({"responses": {"200": {"headers": headers}}})
    sent = () if value is None else (("x-n", value),)
    assert [each.message for each in answered(operation, 200, b"", *sent)] == messages


@pytest.mark.parametrize(
    ("errors", "is_told"),
    [
        ([{"status": "404"}], False),
        ([{"status": 404}, {"status": "404"}], False),
        ([{"status": "500"}], True),
        ([{"status": "404"}, {"status": "500"}], True),
        ([], False),
        ({"status": "500"}, False),
        ([1], False),
    ],
)
def test_the_errors_of_a_json_api_document_say_the_status_of_the_answer(
    errors: Json, *, is_told: bool
) -> None:
    """Ruling B13: of several the answer is a 400."""
    operation = get({"responses": {"default": {"content": {JSON_API: {}}}}})
    body = json.dumps({"errors": errors}).encode()
    found = answered(operation, 404, body, ("content-type", JSON_API))
    assert [each.rule for each in found] == ["response-error-status"] * is_told
    if isinstance(errors, list) and len(errors) == 2 and is_told:
        assert found[0].message == "answered 404, and the errors say 404, 500"
        assert answered(operation, 400, body, ("content-type", JSON_API)) == []


@pytest.mark.parametrize(
    ("status", "method", "body", "rule", "level"),
    [
        (200, "GET", b"x", "response-undocumented", Level.SHOULD),
        (200, "GET", b"", None, None),
        (204, "GET", b"x", "response-body", Level.MUST),
        (304, "GET", b"x", "response-body", Level.MUST),
        (205, "GET", b"", None, None),
        (200, "HEAD", b"x", "response-body", Level.MUST),
    ],
)
def test_a_body_where_there_is_to_be_none_is_reported(
    status: int, method: str, body: bytes, rule: str | None, level: Level | None
) -> None:
    """RFC 9110 6.4.1; one that nobody documents is a warning."""
    found = answered(get({"responses": {"default": {}}}), status, body, method=method)
    assert [(each.rule, each.level) for each in found] == ([] if rule is None else [(rule, level)])


KEY: Json = {"type": "apiKey", "name": "k"}


@pytest.mark.parametrize(
    ("scheme", "query", "headers", "has"),
    [
        ({**KEY, "in": "header"}, "k=1", (), False),
        ({**KEY, "in": "header"}, "", (("K", ""),), True),
        ({**KEY, "in": "query"}, "a=1&k", (), True),
        ({**KEY, "in": "query"}, "kk=1", (("k", "1"),), False),
        ({**KEY, "in": "cookie"}, "", (("Cookie", "a=1; k=2"),), True),
        ({**KEY, "in": "cookie"}, "", (("Cookie", "a=1; kk=2"),), False),
        ({**KEY, "in": "cookie"}, "", (), False),
        ({"type": "http", "scheme": "Bearer"}, "", (("authorization", "bearer x"),), True),
        ({"type": "http", "scheme": "bearer"}, "", (("authorization", "bearerx"),), False),
        ({"type": "http", "scheme": "bearer"}, "", (), False),
        ({"type": "oauth2"}, "", (("authorization", "x"),), True),
        ({"type": "openIdConnect"}, "", (), False),
        ({"type": "mutualTLS"}, "", (), True),
        (None, "", (), True),
    ],
)
def test_a_request_has_the_credentials_of_a_scheme(
    scheme: Json, query: str, headers: tuple[tuple[str, str], ...], *, has: bool
) -> None:
    """OpenAPI 3.0.4, "Security Scheme Object"; of a scheme without a definition nothing is known."""
    assert is_let_in([{"s": []}], {"s": scheme}, request(query, *headers)) == has


def test_all_schemes_of_one_alternative_are_wanted() -> None:
    """Without an alternative, or with an empty one, none are."""
    schemes = {name: {"type": "apiKey", "in": "query", "name": name} for name in "ab"}
    both: Json = {"a": [], "b": []}
    other: Json = {"c": []}
    assert not is_let_in([both], schemes, request("a"))
    assert is_let_in([both], schemes, request("a&b"))
    assert is_let_in([both, other], schemes, request(""))
    assert is_let_in([both, {}], schemes, request(""))
    assert is_let_in([], schemes, request(""))
    assert is_let_in(["odd"], schemes, request(""))
    assert describe_requirements([both, {}, "odd", other]) == "a and b or c"


@pytest.mark.parametrize(
    ("own", "root", "source"),
    [
        ([{"k": []}], None, "/paths/~1a~1{id}/get/security"),
        (None, [{"k": []}], "/security"),
        ([], [{"k": []}], None),
        (None, None, None),
        ("odd", [{"k": []}], None),
    ],
)
def test_the_security_of_an_operation_goes_before_that_of_all(
    own: Json, root: Json, source: str | None
) -> None:
    """An empty list of its own wants nothing."""
    more = {} if root is None else {"security": root}
    scheme = {"securitySchemes": {"k": {**KEY, "in": "query"}}}
    paths = {"/a/{id}": {"get": {} if own is None else {"security": own}}}
    operation = contract(paths, components=scheme, **more).operation("/paths/~1a~1{id}/get")
    found = [(each.rule, each.source) for each in operation.request_violations(request(), {})]
    assert found == ([] if source is None else [("request-security", source)])
    assert list(operation.request_violations(request("k"), {})) == []
