"""Recorded requests find the operation of a contract that they are for."""

import pytest

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes

DOCUMENT = {
    "openapi": "3.0.3",
    "paths": {
        "/users/{name}/keys/{id}": {"delete": {"operationId": "deleteKey", "responses": {}}},
        "/users/{user}/keys/{digest}": {"get": {"operationId": "listKeys", "responses": {}}},
        "/users/me/keys/{id}": {"put": {"operationId": "putKey", "responses": {}}},
    },
}


@pytest.mark.parametrize(
    ("method", "path", "operation", "parameters"),
    [
        ("DELETE", "/users/a/keys/1", "deleteKey", {"name": "a", "id": "1"}),
        ("GET", "/users/a/keys/1", "listKeys", {"user": "a", "digest": "1"}),
        ("POST", "/users/a/keys/1", None, {"name": "a", "id": "1"}),
        ("PUT", "/users/me/keys/1", "putKey", {"id": "1"}),
        ("GET", "/users/me/keys/1", None, {"id": "1"}),
    ],
)
def test_of_paths_that_differ_in_names_alone_the_one_with_the_method_is_meant(
    method: str, path: str, operation: str | None, parameters: dict[str, str]
) -> None:
    """OpenAPI forbids such paths, and large documents have them; a literal path goes before a template."""
    routes = Routes(Contract(Document(DOCUMENT)))
    exchange = RecordedExchange("x", method, f"https://a.test{path}")
    route = routes.route(exchange)
    assert route is not None
    assert route.parameters == parameters
    found = routes.operation(exchange)
    assert (found and found.id) == operation
