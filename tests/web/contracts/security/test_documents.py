"""The security of documents that nobody has checked: each is served."""

import json
from pathlib import Path
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.sandbox.credential_sandboxes import CredentialSandboxes
from eqkit.sandbox.rules import Rules
from eqkit.timing.clock import ManualClock
from eqkit.web.contracts.credentials.requirements import SecuritySchemes, scheme_of
from eqkit.web.contracts.security import ContractSecurity
from eqkit.web.messages.context import RequestContext, Response
from tests.web.contracts.security.asking import SCHEMES

ODD: list[Any] = [None, True, 7, "text", [], [1], {}, {"a": None}, {"$ref": "#/nowhere"},
                  {"$ref": "other.yaml"}, {"$ref": "#/components/securitySchemes"}, {"$ref": 7}]  # fmt: skip


def document(**members: Any) -> Document:
    """Return a contract of one operation, with other members of its own."""
    data = {
        "openapi": "3.1.0",
        "info": {"title": "Odd"},
        "paths": {"/a": {"get": {"security": [{"key": []}]}}},
    }
    return Document({**data, **members})


async def answer(context: RequestContext) -> Response:
    """Answer nothing."""
    return Response(204)


@pytest.mark.parametrize("member", [("info",), ("components",), ("components", "securitySchemes"),
                                    ("components", "securitySchemes", "key"), ("security",),
                                    ("paths", "/a", "get", "security"), ("paths", "/a", "get", "security", 0),
                                    ("paths", "/a", "get", "security", 0, "key")])  # fmt: skip
@pytest.mark.parametrize("value", ODD, ids=json.dumps)
def test_a_wrong_member_stops_no_server(member: tuple[str | int, ...], value: Any) -> None:
    """Any value may stand anywhere in a foreign document."""
    whole: Any = json.loads(json.dumps(document(components={"securitySchemes": SCHEMES}, security=[]).data))
    node = whole
    for part in member[:-1]:
        node = node[part]
    node[member[-1]] = value
    odd = Document(whole)
    security = ContractSecurity(odd, CredentialSandboxes((), Rules(), lambda: ManualClock(0)))
    for operation in Contract(odd).operations.values():
        security.handler(operation, answer)


@pytest.mark.parametrize(
    "kind", ["apiKey", "APIKEY", "http", "HTTP", "basic", "oauth2", "openIdConnect", "mutualTLS"]
)
def test_kinds_are_known_in_any_case(kind: str) -> None:
    """And `basic`, which OpenAPI 2.0 had."""
    assert scheme_of({"type": kind, "in": "Header", "name": "X-Key", "scheme": " Bearer"}) is not None


@pytest.mark.parametrize("name", ["a/b~c", "#/components/securitySchemes/a~1b~0c"])
def test_a_name_with_slashes_is_found(name: str) -> None:
    """Names are escaped in pointers (RFC 6901 3)."""
    schemes = SecuritySchemes(document(components={"securitySchemes": {"a/b~c": {"type": "oauth2"}}}))
    assert schemes.named(name) is not schemes.any


def test_schemes_in_another_file_are_read(tmp_path: Path) -> None:
    """A reference leads to a scheme wherever it stands."""
    (tmp_path / "schemes.yaml").write_text("key: {type: apiKey, in: query, name: key}")
    file = tmp_path / "openapi.yaml"
    file.write_text("openapi: 3.1.0\ncomponents: {securitySchemes: {key: {$ref: 'schemes.yaml#/key'}}}")
    assert SecuritySchemes(Document.load(file)).named("key").parameter == "key"
