"""One change for each rule that is not of schemas, and for the notes of schemas, with its severity."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from eqkit.checks.diff import rules as known
from eqkit.checks.diff.comparison import diff
from eqkit.checks.findings import Run
from tests.checks.diff import test_diff, test_diff_of_foreign_contracts
from tests.checks.things import compared, contract

Change = Callable[[dict[str, Any]], object]

BASE: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Whole", "version": "1.0.0"},
    "servers": [{"url": "https://api.example/v1"}],
    "security": [{"Login": ["read"]}],
    "paths": {
        "/a": {
            "post": {
                "operationId": "a",
                "deprecated": True,
                "x-sunset": "2030-06-30",
                "x-stability-level": "beta",
                "parameters": [
                    {"name": "q", "in": "query", "schema": {"type": "string", "default": "x"}},
                    {"name": "r", "in": "query", "allowEmptyValue": True, "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Sent"}},
                        "multipart/form-data": {
                            "schema": {},
                            "encoding": {"file": {"contentType": "image/png"}},
                        },
                    }
                },
                "responses": {
                    "200": {
                        "description": "It.",
                        "headers": {"X": {"schema": {"type": "string"}}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Got"}},
                            "application/xml": {"schema": {"type": "object", "xml": {"name": "It"}}},
                        },
                        "links": {"next": {"operationId": "a", "parameters": {"q": "$response.body#/id"}}},
                    }
                },
            }
        }
    },
    "webhooks": {
        "done": {
            "post": {
                "parameters": [{"name": "X-Sign", "in": "header", "required": True, "schema": {}}],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Got"}}},
                },
                "responses": {"204": {"description": "Taken."}},
            }
        }
    },
    "components": {
        "schemas": {
            "Sent": {
                "type": "object",
                "properties": {
                    "kind": {"type": "string", "default": "big", "x-extensible-enum": ["big", "small"]},
                    "id": {"type": "string", "readOnly": True},
                    "secret": {"type": "string", "writeOnly": True},
                    "pet": {"$ref": "#/components/schemas/Pet"},
                },
            },
            "Got": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": {"type": "string", "xml": {"name": "Id"}},
                    "secret": {"type": "string", "writeOnly": True},
                    "pet": {"$ref": "#/components/schemas/Pet"},
                },
            },
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                "discriminator": {
                    "propertyName": "type",
                    "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
                },
            },
            "Cat": {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"const": "cat"}, "c": {}},
            },
            "Dog": {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"const": "dog"}, "d": {}},
            },
        },
        "securitySchemes": {
            "Login": {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {
                        "tokenUrl": "https://id.example/token",
                        "scopes": {"read": "", "all": ""},
                    },
                    "implicit": {"authorizationUrl": "https://id.example/auth", "scopes": {"read": ""}},
                },
            }
        },
    },
}


def part(*names: str | int) -> Callable[[dict[str, Any]], Any]:
    """Return how to find a part of the contract; a first name of small letters is one of the operation's."""

    def find(data: dict[str, Any]) -> Any:
        node: Any = data["paths"]["/a"]["post"] if names[:1] != ("",) else data
        for name in names[names[:1] == ("",) :]:
            node = node[name]
        return node

    return find


def put(*names: str | int, **members: Any) -> Change:
    """Set members of a part; of a name, _ stands for -."""
    return lambda data: part(*names)(data).update(
        {name.replace("_", "-"): each for name, each in members.items()}
    )


def drop(*names: str | int) -> Change:
    """Remove a part."""
    return lambda data: part(*names[:-1])(data).pop(names[-1])


SENT, GOT, PET = (("", "components", "schemas", name) for name in ("Sent", "Got", "Pet"))
FLOWS = ("", "components", "securitySchemes", "Login", "flows")
FLOW = (*FLOWS, "clientCredentials")
HOOK = ("", "webhooks", "done", "post")
JSON: dict[str, Any] = {"application/json": {}}

CHANGES: list[tuple[str, Change]] = [
    ("error operation-id-renamed", drop("operationId")),
    ("note reactivated", lambda data: (part()(data).pop("deprecated"), part()(data).pop("x-sunset"))),
    ("note deprecated", put("parameters", 0, deprecated=True)),
    ("warning sunset-set", put("parameters", 0, deprecated=True, x_sunset="2031-01-31")),
    ("warning sunset-removed", drop("x-sunset")),
    ("warning sunset-earlier", put(x_sunset="2030-06-29")),
    ("note sunset-later", put(x_sunset="2030-07-01T00:00:00Z")),
    ("warning sunset-invalid", put(x_sunset="soon")),
    ("warning stability-lower", put(x_stability_level="alpha")),
    ("note stability-higher", drop("x-stability-level")),
    ("warning stability-invalid", put(x_stability_level="perhaps")),
    ("error security-changed", put("", security=[{"Login": ["read", "all"]}])),
    ("note security-added", put("", security=[{"Login": ["read"]}, {"Login": ["all"]}])),
    ("note security-removed", put("", security=[{"Login": []}])),
    ("note security-removed", put(security=[])),
    ("error oauth-flow-removed", drop(*FLOWS, "implicit")),
    ("note oauth-flow-added", put(*FLOWS, password={"tokenUrl": "https://id.example/p", "scopes": {}})),
    ("warning oauth-url-changed", put(*FLOW, tokenUrl="https://id.example/other")),
    ("warning oauth-scope-removed", drop(*FLOW, "scopes", "all")),
    ("note oauth-scope-added", put(*FLOW, "scopes", none="")),
    ("error parameter-moved", put("parameters", 0, **{"in": "header"})),
    ("error parameter-required", put("parameters", 1, required=True)),
    ("warning parameter-required-with-default", put("parameters", 0, required=True)),
    ("error parameter-empty-value-narrower", drop("parameters", 1, "allowEmptyValue")),
    ("note parameter-empty-value-wider", put("parameters", 0, allowEmptyValue=True)),
    ("warning parameter-reserved-changed", put("parameters", 0, allowReserved=True)),
    ("warning request-default-changed", put("parameters", 0, "schema", default="y")),
    ("warning encoding-changed",
     put("requestBody", "content", "multipart/form-data", "encoding", "file", contentType="image/gif")),
    ("note media-type-added", put("requestBody", "content", **{"text/plain": {}})),
    ("warning media-type-wider",
     lambda data: part("responses", "200", "content")(data).update({"*/*": {"schema": {}}})),
    ("warning success-range-wider",
     lambda data: part("responses")(data).update({"2xx": part("responses")(data).pop("200")})),
    ("warning response-header-optional-removed", drop("responses", "200", "headers")),
    ("error parameter-style", put("responses", "200", "headers", "X", content={"text/plain": {}})),
    ("warning link-removed", drop("responses", "200", "links")),
    ("warning link-changed", put("responses", "200", "links", "next", operationId="b")),
    ("note link-added", put("responses", "200", "links", more={"operationId": "a"})),
    ("error webhook-removed", drop("", "webhooks", "done")),
    ("note webhook-added", put("", "webhooks", more={"post": {"responses": {}}})),
    ("error webhook-parameter-removed", drop(*HOOK, "parameters")),
    ("error webhook-parameter-optional", put(*HOOK, "parameters", 0, required=False)),
    ("note webhook-parameter-added",
     lambda data: part(*HOOK, "parameters")(data).append({"name": "Y", "in": "query"})),
    ("error webhook-request-body-removed", drop(*HOOK, "requestBody")),
    ("error webhook-request-body-optional", drop(*HOOK, "requestBody", "required")),
    ("error webhook-media-type-removed", put(*HOOK, "requestBody", content={"text/plain": {}})),
    ("note webhook-media-type-added", put(*HOOK, "requestBody", "content", **{"text/plain": {}})),
    ("error webhook-status-removed", put(*HOOK, responses={})),
    ("note webhook-status-added", put(*HOOK, "responses", **{"410": {"description": "No more."}})),
    ("error webhook-request-required-wider", drop(*GOT, "required")),
    ("note reference-unresolved", put("responses", **{"404": {"$ref": "other.yaml#/Gone"}})),
    ("warning request-default-changed", drop(*SENT, "properties", "kind", "default")),
    ("note request-x-extensible-enum-wider",
     put(*SENT, "properties", "kind", **{"x-extensible-enum": ["big", "small", "tiny"]})),
    ("error request-x-extensible-enum-narrower",
     put(*SENT, "properties", "kind", **{"x-extensible-enum": ["big"]})),
    ("note request-property-added", drop(*SENT, "properties", "id", "readOnly")),
    ("warning request-property-lost", put(*SENT, "properties", "kind", readOnly=True)),
    ("error request-required-narrower", put(*SENT, required=["secret"])),
    ("warning response-write-only-wider", drop(*GOT, "properties", "secret", "writeOnly")),
    ("warning response-xml-changed",
     put("responses", "200", "content", "application/xml", "schema", xml={"name": "Other"})),
    ("note response-deprecated-changed", put(*GOT, "properties", "id", deprecated=True)),
    ("warning response-discriminator-changed", put(*PET, "discriminator", propertyName="kind")),
    ("warning response-discriminator-narrower", drop(*PET, "discriminator", "mapping", "cat")),
    ("warning response-discriminator-wider",
     put(*PET, "discriminator", "mapping", lion="#/components/schemas/Cat")),
    ("error request-one-of-narrower", lambda data: part(*PET, "oneOf")(data).pop()),
]  # fmt: skip
"""Severities and rules, and the changes that they report, perhaps with others."""

BACK: list[tuple[str, Change]] = [
    ("note operation-id-added", drop("operationId")),
    ("note request-body-added", drop("requestBody")),
    ("warning success-range-narrower",
     lambda data: part("responses")(data).update({"2XX": part("responses")(data).pop("200")})),
    ("note response-property-added", drop(*GOT, "properties", "pet")),
]  # fmt: skip
"""Severities and rules, and the changes that they report when the changes are taken back."""

SILENT: list[tuple[str, Change]] = [
    ("readOnly cannot be required in a request", put(*SENT, required=["id"])),
    ("writeOnly cannot be required in a response", put(*GOT, required=["id", "secret"])),
    ("a scheme under another name", lambda data: (
        part(*FLOWS[:3])(data).update(Other=part(*FLOWS[:3])(data).pop("Login")),
        data.update(security=[{"Other": ["read"]}]),
    )),
    ("the security of the document in the operation", put(security=[{"Login": ["read"]}])),
    ("the server of the document in the path",
     lambda data: data["paths"]["/a"].update(servers=[{"url": "https://api.example/v1/"}])),
    ("an oneOf of one value that is told apart is an anyOf",
     lambda data: part(*PET)(data).update(anyOf=part(*PET)(data).pop("oneOf"))),
    ("the name in XML of what is no XML", put(*GOT, "properties", "id", xml={"name": "ID"})),
    ("mapping by name", put(*PET, "discriminator", mapping={"cat": "Cat", "dog": "Dog"})),
    ("a path that is a reference", lambda data: (
        data["components"].update(pathItems={"A": data["paths"]["/a"]}),
        data["paths"].update({"/a": {"$ref": "#/components/pathItems/A"}}),
    )),
]  # fmt: skip
"""Changes without a meaning."""


def messages(change: Change, *, is_back: bool = False) -> Run:
    """Compare the contract with a changed one, or the changed one with the contract."""
    data = copy.deepcopy(BASE)
    change(data)
    pair = [contract(BASE, "old.json"), contract(data, "new.json")]
    old, new = pair[::-1] if is_back else pair
    return diff(old, new)


@pytest.mark.parametrize(("expected", "change"), BACK, ids=[name for name, _ in BACK])
def test_a_change_that_is_taken_back_is_reported_by_its_rule(expected: str, change: Change) -> None:
    """The finding has the severity of the rule, and a line."""
    found = messages(change, is_back=True).findings
    assert expected in {f"{each.severity} {each.rule[5:]}" for each in found}
    assert all(each.place and each.place.line for each in found)


@pytest.mark.parametrize(("expected", "change"), CHANGES, ids=[name for name, _ in CHANGES])
def test_a_change_is_reported_by_its_rule(expected: str, change: Change) -> None:
    """The finding has the severity of the rule, and a line."""
    found = messages(change).findings
    assert expected in {f"{each.severity} {each.rule[5:]}" for each in found}
    assert all(each.place and each.place.line for each in found)


@pytest.mark.parametrize("change", [each for _, each in SILENT], ids=[name for name, _ in SILENT])
def test_a_change_without_a_meaning_is_not_reported(change: Change) -> None:
    """The version alone grows."""
    assert {each.rule for each in messages(change).findings} <= {"diff-version"}


LOST = {"$ref": "other.yaml#/Lost"}
"""A reference that leads nowhere."""


@pytest.mark.parametrize(
    "names",
    [
        ("", "components", "securitySchemes"),
        ("", "paths", "/a", "post"),
        ("parameters", 0),
        ("requestBody",),
        ("responses", "200"),
        ("responses", "200", "headers"),
        ("responses", "200", "content"),
        ("responses", "200", "content", "application/json"),
        ("responses", "200", "content", "application/json", "schema"),
        (*SENT, "properties", "kind"),
        ("", "webhooks", "done"),
    ],
    ids=lambda names: "-".join(map(str, names)),
)
def test_a_reference_that_leads_nowhere_is_compared_by_its_text(names: tuple[str | int, ...]) -> None:
    """The same one is no change, and all else is still compared."""
    old = copy.deepcopy(BASE)
    part(*names[:-1])(old)[names[-1]] = LOST
    new = copy.deepcopy(old)
    new["webhooks"]["more"] = {"post": {"responses": {}}}
    found = diff(contract(old, "old.json"), contract(new, "new.json")).findings
    assert {each.rule[5:] for each in found} == {"webhook-added", "reference-unresolved", "version"}


def test_a_change_of_a_draft_breaks_nobody() -> None:
    """A draft promises nothing, so no change of it is an error; a lowered stability level is reported."""
    old, new = copy.deepcopy(BASE), copy.deepcopy(BASE)
    part()(old)["x-stability-level"] = part()(new)["x-stability-level"] = "draft"
    part(*SENT)(new)["required"] = ["kind"]
    part()(new)["parameters"] = []
    severities = {each.severity.value for each in diff(contract(old, "a"), contract(new, "b")).findings}
    assert severities == {"note", "warning"}  # the warning is of the version


def test_every_rule_is_met_by_a_change() -> None:
    """Each rule has a change that meets it; for schemas, a property test does that."""
    met = {name.split()[1] for name, _ in (*CHANGES, *BACK)} | {"version", "ignore-unused"}
    for module in (test_diff, test_diff_of_foreign_contracts):
        for _, change in (*module.BREAKING, *module.HARMLESS):
            met |= {each.rule[5:] for each in compared(change).findings}
    met |= {"operation-removed-deprecated", "operation-removed-early"}  # in the tests of choices
    assert known.RULES.keys() - met == set()
