"""A service that lacks some operations of its contract, and a proxy before it whose mock answers for it."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eqkit.checks.findings import Finding
from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.sources import load
from eqkit.cli.checks.mock_in_proxy import mock_of
from eqkit.sandbox.proxy_sandboxes import ProxySandboxes
from eqkit.settings import Settings
from eqkit.web.control.proxy import ProxyControlPlane
from tests.checks.proxies import served

SHOP = """
openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
servers: [{url: https://shop.example/api}]
paths:
  /items:
    get:
      operationId: listItems
      responses: {'200': {description: All., content: {application/json: {schema: {type: array}}}}}
    post:
      operationId: addItem
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}
      responses:
        '201':
          description: Kept.
          content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}
        '400': {description: Wrong., content: {application/problem+json: {schema: {type: object}}}}
  /items/{id}:
    get:
      operationId: getItem
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '200':
          description: The item.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Item'}
              example: {id: 7, name: Lamp}
        '404':
          description: There is none.
          content:
            application/problem+json:
              schema: {type: object, required: [title], properties: {title: {type: string}}}
components:
  schemas:
    Item:
      type: object
      required: [name]
      properties: {id: {type: integer}, name: {type: string}, password: {type: string}}
"""

PROBLEM = "application/problem+json"


@contextlib.contextmanager
def mocking(
    upstream: str, folder: Path, *recordings: Any, **options: Any
) -> Iterator[tuple[str, list[Finding], Proxy]]:
    """Serve a proxy for the contract of the shop with its mock; yield its address, its findings and it."""
    contract = folder / "shop.yaml"
    contract.write_text(SHOP)
    messages: list[Finding] = []
    sandboxes = ProxySandboxes()
    proxy = Proxy(
        *load(contract, [upstream]), upstream, messages.append, recordings,
        sandboxes=sandboxes, mock=mock_of(contract), **options,
    )  # fmt: skip
    with served(ProxyControlPlane(proxy, sandboxes, Settings())) as url:
        yield url, messages, proxy


def half_built() -> Starlette:
    """Return a service below ``/api`` that only lists items, and knows none of them by its id."""

    async def items(_: Request) -> Response:
        return JSONResponse([1])

    return Starlette(routes=[Route("/api/items", items)])


def answering(status: int, content_type: str, body: Any) -> Starlette:
    """Return a service with the same answer to all requests."""

    async def answer(_: Request) -> Response:
        return Response(
            body if isinstance(body, bytes) else json.dumps(body), status, media_type=content_type
        )

    methods = ["GET", "HEAD", "POST", "OPTIONS"]
    return Starlette(routes=[Route("/{path:path}", answer, methods=methods)])
