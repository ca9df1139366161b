"""Folders of handlers for a small contract, and calls of them without a server."""

import asyncio
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

from eqkit.contract.document import Document, Json
from eqkit.contract.operations import Contract
from eqkit.sandbox.client_warnings import ClientLinter, NoLinter
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.service import SandboxContext
from eqkit.settings import Settings
from eqkit.timing.clock import ManualClock
from eqkit.web.contracts.handlers import UserHandlers
from eqkit.web.contracts.state import ContractState
from eqkit.web.messages.context import Headers, RequestContext, Response
from eqkit.web.messages.links import LinkBases
from tests.conftest import START_MS


def parameter(name: str, place: str, **schema: Json) -> Json:
    """Return a parameter that is required in a path alone."""
    return {"name": name, "in": place, "required": place == "path", "schema": schema or {"type": "string"}}


def content(media_type: str = "application/json", schema: Json = True) -> Json:
    """Return an object with content of one media type."""
    return {"description": "A pet.", "content": {media_type: {"schema": schema}}}


NOTHING = {"description": "Nothing."}
PETS: Json = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "tags": ["pets"],
                "parameters": [
                    parameter("limit", "query", type="integer"),
                    parameter("inStock", "query", type="boolean"),
                    parameter("tags", "query", type="array", items={"type": "string"}),
                    parameter("weight", "query", type="number"),
                    parameter("filter", "query", type="object", properties={"age": {"type": "integer"}})
                    | {"style": "deepObject"},
                    parameter("X-Trace-ID", "header", type="integer"),
                    parameter("session", "cookie", type="string"),
                ],
                "responses": {"200": content(), "404": content()},
            },
            "post": {
                "operationId": "createPet",
                "tags": ["pets"],
                "requestBody": content(),
                "responses": {"201": content(), "default": content()},
            },
        },
        "/pets/{petId}": {
            "parameters": [parameter("petId", "path", type="integer")],
            "get": {"operationId": "getPet", "tags": ["pets"], "responses": {"200": content()}},
            "delete": {
                "operationId": "deletePet",
                "tags": ["pets"],
                "responses": {"202": content(), "204": NOTHING},
            },
        },
        "/pets/{petId}/photo": {
            "get": {
                "operationId": "getPhoto",
                "tags": ["photos"],
                "responses": {"200": content("image/png")},
            },
        },
        "/health": {"get": {"operationId": "health", "responses": {"2XX": content("text/plain")}}},
    },
}
CONTRACT = Contract(Document(PETS))


class Service:
    """A service whose state is that of a contract."""

    def new_state(self, context: SandboxContext) -> ContractState:
        """Return an empty state."""
        return ContractState(context)

    def new_linter(self) -> ClientLinter:
        """Return a linter that warns of nothing."""
        return NoLinter()


def sandbox(seed: int = 0) -> Sandbox:
    """Return a sandbox whose clock stands at START_MS until it is moved."""
    return Sandbox(ManualClock(START_MS), Rules(seed=seed), service=Service())


@dataclasses.dataclass
class Samples:
    """Samples that show how they were asked for."""

    def example(self, status: int | None = None, name: str | None = None) -> Json:
        """Return the arguments."""
        return {"example": [status, name]}

    def generated(self, status: int | None = None, **given: Json) -> Json:
        """Return the arguments."""
        return {"generated": [status, given]}

    def headers(self, status: int) -> Headers:
        """Return a value for each header that any status may need."""
        return [(b"location", b"/of-the-contract"), (b"x-other", b"1")]

    def written(self, status: int, document: Json) -> tuple[tuple[bytes, bytes], bytes]:
        """Return a document as JSON."""
        return (b"content-type", b"application/json"), orjson.dumps(document)


def write(folder: Path, **modules: str) -> Path:
    """Write modules into a folder of handlers; ``_`` twice in a name stands for a slash."""
    for name, text in modules.items():
        file = folder / f"{name.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def load(folder: Path, **modules: str) -> UserHandlers:
    """Write modules, and load the handlers of the folder."""
    return UserHandlers(write(folder, **modules), CONTRACT)


def context_of(
    handlers: UserHandlers,
    operation_id: str,
    *,
    within: Sandbox | None = None,
    path: Mapping[str, str] | None = None,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    document: Json = None,
) -> RequestContext:
    """Return the context of a request to an operation, as the middlewares before a handler leave it."""
    operation = CONTRACT.operations[operation_id]
    lines = {"host": "mock.test", **(headers or {})}
    target = operation.path
    for name, text in (path or {}).items():
        target = target.replace(f"{{{name}}}", text)
    scope = {
        "type": "http",
        "scheme": "http",
        "method": operation.method,
        "path": target,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in lines.items()],
    }
    context = RequestContext(scope, connected, LinkBases(Settings()))
    context.operation, context.raw_parameters = operation, path or {}
    context.parameters = {name: unquote(text) for name, text in context.raw_parameters.items()}
    context.body, context.document = body, document
    context.sandbox = within or sandbox()
    return context


async def connected() -> dict[str, Any]:
    """Wait as a client does that stays."""
    await asyncio.Event().wait()
    raise AssertionError


def ask(handlers: UserHandlers, operation_id: str, **request: Any) -> Response:
    """Answer one request by its handler."""
    handler = handlers.handler(CONTRACT.operations[operation_id])
    assert handler is not None
    context = context_of(handlers, operation_id, **request)

    async def answer() -> Response:
        return await handler(context, Samples())

    return asyncio.run(answer())


def document_of(handlers: UserHandlers, operation_id: str, **request: Any) -> Json:
    """Return the document of the answer to one request."""
    return orjson.loads(ask(handlers, operation_id, **request).body or b"null")
