"""No exchange is exported that the contract refuses, but those that an error answers."""

import json

from eqkit.contract.document import Document
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract
from eqkit.exports.exchanges import with_credentials
from eqkit.traffic.routes import Routes
from tests.exports.shops import export_of, facts, only, shop


def test_every_exchange_of_the_shop_is_valid() -> None:
    """The engine that validates recordings finds those requests alone that are wrong on purpose."""
    document = Document(shop())
    compiled = CompiledContract(document)
    routes = Routes(Contract(document))
    for each in export_of(shop()).exchanges:
        sent = with_credentials(each)
        operation = compiled.operation(each.operation.pointer)
        route = routes.route(sent)
        assert route is not None
        assert route.parameters == each.path
        asked = list(operation.request_violations(sent, each.path))
        assert bool(asked) == (each.exchange.status in (400, 401) and not each.is_forced), each.title
        assert list(operation.response_violations(sent)) == []


def test_every_exchange_is_valid() -> None:
    """An example that its schema refuses is left out, or gives way to a generated value if it has no name."""
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"const": 5}}, "maxProperties": 1}
    good, bad = {"value": {"n": 5}}, {"value": {"n": 4}}
    parameter = {"name": "p", "in": "query", "required": True, "schema": {"const": 7}, "example": 8}
    examples = {"bad": bad, "good": good, "wrong": bad}
    operation = {
        "parameters": [parameter, {"name": "q", "in": "query", "schema": {"const": 7}, "example": 8}],
        "requestBody": {"content": {"application/json": {"schema": schema, "examples": examples}}},
        "responses": {
            "200": {"content": {"application/json": {"schema": schema, "example": {"n": 4}}}},
            "201": {
                "content": {"application/json": {"schema": schema, "examples": {"bad": bad, "good": good}}}
            },
            "202": {"headers": {"X-A": {"required": True, "example": "x", "schema": {"const": "y"}}}},
            "400": {"content": {"text/plain": {"examples": {"wrong": {"value": "No."}}}}},
        },
    }
    export = only(operation, method="post")
    assert [facts(each)[1:] for each in export.exchanges] == [
        (200, "", False),
        (201, "good", False),
        (400, "wrong", False),
    ]
    assert [json.loads(each.exchange.request_body or b"") for each in export.exchanges] == [
        {"n": 5}, {"n": 5}, {"n": 4},
    ]  # fmt: skip
    assert [each.exchange.query for each in export.exchanges] == ["p=7"] * 3
    assert json.loads(export.exchanges[0].exchange.response_body or b"") == {"n": 5}
    assert [str(each).partition(", not")[0] for each in export.left_out] == [
        'POST /x 201 bad: its example is not valid: at /n: "n" must be 5',
        'POST /x 202: its answer is not valid: in the header, "X-A" must be "y"',
        'POST /x bad: its request is not valid: at /n: "n" must be 5',
    ]
