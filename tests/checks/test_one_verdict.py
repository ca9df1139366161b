"""Server, replay, proxy, lint and engine say the same of a value, and so does a reference implementation."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqkit.checks.conformance import Conformance
from eqkit.checks.findings import Severity
from eqkit.checks.lint.linting import lint
from eqkit.checks.proxy.validation_apart import validated
from eqkit.contract.document import Document, Json, escaped
from eqkit.contract.loading.any_contract import load_any
from eqkit.contract.loading.source_map import ContractFile, installed
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.violations import Level
from eqkit.contract.operations import Contract
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes
from eqkit.web.contracts.application import ContractApplication
from eqkit.web.contracts.service import ContractService
from eqkit.web.contracts.settings import ContractSettings
from eqkit.web.messages.coded_schemas import CodedSchema
from tests.clients import Client

SCALARS: st.SearchStrategy[Json] = st.one_of(
    st.none(), st.booleans(), st.integers(-20, 20), st.sampled_from([0.5, -1.5]), st.text("ab1é", max_size=4)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from("abc")


def of_kinds(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Return schemas of all kinds, whose inner ones are `inner`."""
    kinds = ["string", "integer", "number", "boolean", "null", "array", "object"]
    bounds = st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(kinds) | st.lists(st.sampled_from(kinds), min_size=1, unique=True),
            "minimum": st.integers(-9, 9), "exclusiveMaximum": st.integers(-9, 9),
            "multipleOf": st.integers(1, 4), "minLength": st.integers(0, 3), "maxLength": st.integers(0, 3),
            "pattern": st.sampled_from(["^a", "b$", "[0-9]", "^$"]), "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 2), "uniqueItems": st.booleans(), "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2), "contains": inner,
            "required": st.lists(NAMES, unique=True), "properties": st.dictionaries(NAMES, inner),
            "additionalProperties": inner | st.booleans(), "maxProperties": st.integers(0, 2),
            "propertyNames": st.just({"maxLength": 1}), "dependentRequired": st.just({"a": ["b"]}),
        },
    )  # fmt: skip
    logic = st.one_of(
        st.builds(lambda each: {"not": each}, inner),
        st.builds(lambda word, each: {word: each}, st.sampled_from(["allOf", "anyOf", "oneOf"]),
                  st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda one, two: {"if": one, "then": two}, inner, inner),
        VALUES.map(lambda each: {"const": each}),
        st.lists(VALUES, min_size=1, max_size=3).map(lambda each: {"enum": each}),
        st.just({"$ref": "#/components/schemas/Self"}),
    )  # fmt: skip
    return bounds | logic


SCHEMAS = st.recursive(st.just({"type": "string"}), of_kinds, max_leaves=6).filter(
    lambda each: "Self" not in json.dumps(each) or "properties" in each or "items" in each
)


def document_of(schema: Json, example: Json) -> dict[str, Json]:
    """Return a contract with a schema in a request and in a response, and an example of it."""
    content = {"application/json": {"schema": schema, "examples": {"it": {"value": example}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {
            "/t": {
                "post": {
                    "requestBody": {"content": content},
                    "responses": {"200": {"description": "d", "content": content}},
                }
            }
        },
        "components": {"schemas": {"Self": {"anyOf": [SCALAR, {"type": "array", "items": SELF}]}}},
    }


SELF = {"$ref": "#/components/schemas/Self"}
SCALAR = {"type": ["string", "number", "null"]}


def rules(found: Any) -> set[str]:
    """Return the rules of findings that are about bodies."""
    return {each.rule for each in found if each.rule in ("request-body", "response-body")}


@pytest.mark.timeout(300)
@settings(
    max_examples=500, derandomize=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(schema=SCHEMAS, value=VALUES)
def test_a_value_gets_one_verdict(schema: Json, value: Json, tmp_path: Path) -> None:
    """500 pairs of a schema and a value, each through every door."""
    data = document_of(schema, value)
    file = tmp_path / "t.json"
    file.write_text(json.dumps(data))
    contract = ContractFile.load(file)
    at = "/paths/~1t/post/requestBody/content/application~1json/schema"
    oracle = jsonschema.Draft202012Validator({**data, **schema})
    verdict = bool(oracle.is_valid(value))
    engine = Schemas(Document(data)).validator(at, Direction.REQUEST)
    assert engine.is_valid(value) == verdict
    assert (engine.violations(value) == []) == verdict
    assert engine.is_valid(engine.clip(value)) == verdict
    headers, body = (("Content-Type", "application/json"),), json.dumps(value).encode()
    exchange = RecordedExchange("x", "POST", "http://t.test/t", headers, body, 200, headers, body)
    conformance = Conformance(contract, Routes(Contract(contract.document)))
    wanted = set() if verdict else {"request-body", "response-body"}
    assert rules(each for each in conformance.validate(exchange) if "undocumented" not in each.rule) == wanted
    assert rules(validated(conformance, exchange)) == wanted
    assert bool(lint(file, {"lint-example": Severity.ERROR}).findings) == (not verdict)
    server = CodedSchema(engine)
    assert bool(server.accepts(value)) == verdict
    assert (server.errors(value) == []) == verdict
    assert served_status(file, body) == (200 if verdict else 400)


def served_status(file: Path, body: bytes) -> int:
    """Return the status that a mock of a contract answers to a body with."""
    loaded = load_any(str(file))
    service = ContractService(Contract(loaded.document), loaded.title)
    client = Client(ContractApplication(service, ContractSettings(control=False)), None)
    answer = client.post("/t", content=body, headers={"content-type": "application/json"})
    return 200 if answer.status_code == 501 else answer.status_code


def examples_of(file: ContractFile) -> Iterator[tuple[str, str, RecordedExchange]]:
    """Yield each JSON example of an operation: its pointer, the rule of a wrong one, and traffic with it."""
    contract = Contract(file.document)
    for operation in contract.operations.values():
        path = re.sub(r"{[^}]*}", "1", operation.path)
        for name, media_type in operation.bodies.items() if operation.bodies else ():
            for at, body in bodies_of(name, media_type):
                sent = (("Content-Type", name),)
                pointer = f"{operation.pointer}/requestBody/content/{escaped(name)}{at}"
                taken = RecordedExchange("x", operation.method, path, sent, body, 200)
                yield pointer, "request-body", taken
        for response in operation.answers:
            status = int(response.status.replace("XX", "00")) if response.status != "default" else 599
            for name, media_type in response.content.items():
                for at, body in bodies_of(name, media_type):
                    got = (("Content-Type", name),)
                    pointer = f"{operation.pointer}/responses/{response.status}/content/{escaped(name)}{at}"
                    yield (
                        pointer,
                        "response-body",
                        RecordedExchange("x", operation.method, path, (), None, status, got, body),
                    )


def bodies_of(name: str, media_type: dict[str, Json]) -> Iterator[tuple[str, bytes]]:
    """Yield the pointers and the texts of the examples of a media type that is JSON."""
    if not is_json(name) or media_type.get("schema") is None:
        return
    if "example" in media_type:
        yield "/example", json.dumps(media_type["example"]).encode()
    for key, example in (media_type.get("examples") or {}).items():
        if isinstance(example, dict) and "value" in example:
            yield f"/examples/{escaped(key)}/value", json.dumps(example["value"]).encode()


def disagreements(path: Path) -> tuple[int, list[str]]:
    """Count the examples of a document; return those with a verdict that is not that of all.

    The engine is asked as lint does, the server's schema with its error codes, replay, and the proxy.
    """
    file = ContractFile.load(path)
    routes = Routes(Contract(file.document))
    conformance = Conformance(file, routes)
    schemas, count, wrong = Schemas(file.document), 0, []
    for pointer, rule, exchange in examples_of(file):
        route = routes.route(exchange)
        is_request = rule == "request-body"
        holder, _, _ = pointer.partition("/example")
        direction = Direction.REQUEST if is_request else Direction.RESPONSE
        engine = schemas.validator(f"{file.document.resolve_pointer(holder)}/schema", direction)
        value = json.loads((exchange.request_body if is_request else exchange.response_body) or b"null")
        ask = conformance.request_violations if is_request else conformance.response_violations
        replayed = [each for each in ask(exchange, route) if each.rule == rule]
        proxied = [each.message for each in validated(conformance, exchange) if each.rule == rule]
        is_right = all(each.level is not Level.MUST for each in replayed)
        verdicts = {engine.is_valid(value), CodedSchema(engine).errors(value) == [], is_right}
        count += 1
        if len(verdicts) > 1 or proxied != [f"{exchange.name}: {each.message}" for each in replayed]:
            wrong.append(f"{pointer}: {verdicts} {replayed} {proxied}")
    return count, wrong


PUBLISHED = Path(os.environ.get("EQKIT_TEST_DOCUMENTS", os.devnull))
"""A folder of documents, such as companies publish: more and larger ones than a project can keep."""

OWN = [
    *sorted((Path(__file__).parent / "contracts").glob("*.yaml")),
    installed("elasticqueue.yaml"),
    installed("mock.yaml"),
    *sorted(file for file in PUBLISHED.glob("*.*") if file.suffix in (".json", ".yaml", ".yml")),
]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_every_example_of_a_document_gets_one_verdict(path: Path) -> None:
    """An example is valid as traffic if and only if it is valid as an example."""
    count, wrong = disagreements(path)
    assert wrong == []
    assert count or path.name not in ("elasticqueue.yaml", "mock.yaml")
