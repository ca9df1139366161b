"""Every row of the table: the answer to its request is the right one, and valid by its contract."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from eqkit.asgi import Application, application
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes
from eqkit.web.http.protocol import Protocol
from eqkit.web.http.site import Site
from tests.web.contracts.table_rows import Request, Response, Row, differences, rows, whole

ROWS = rows()
EVERY = 4
"""Every fourth row is sent over a socket, too."""
ON_SOCKETS = [
    row
    for index, row in enumerate(ROWS)
    if (index % EVERY == 0 if row.is_for_wire is None else row.is_for_wire)
]


def by_row(row: Row) -> str:
    """Return the name of a row's test."""
    return row.id


@pytest.mark.parametrize("row", ROWS, ids=by_row)
def test_a_row(row: Row, tmp_path: Path) -> None:
    """Asked in the same process."""
    mock = served(row, tmp_path)
    answer = asyncio.run(asked(mock, row.request))
    assert [*differences(row.expect, answer)] == [], str(answer)
    if row.expect.get("valid", True):
        assert [*violations(mock, row, answer)] == [], str(answer)
    if "again" in row.expect:
        assert (asyncio.run(asked(mock, row.request)).body == answer.body) is row.expect["again"]


@pytest.mark.parametrize("row", ON_SOCKETS, ids=by_row)
def test_a_row_by_raw_http(row: Row, tmp_path: Path) -> None:
    """Asked over a socket, byte by byte as the row has it."""
    answer = asyncio.run(asked_by_socket(served(row, tmp_path), row.request))
    assert [*differences(row.expect, answer)] == [], str(answer)


def test_the_table_is_a_table() -> None:
    """Its rows are many, each has a name of its own, and a source."""
    assert len(ROWS) >= 200
    assert len({row.id for row in ROWS}) == len(ROWS)
    assert all(row.source for row in ROWS)


@pytest.mark.parametrize(
    ("sent", "names"),
    [("a,b", ["a", "b"]), ("a%2Cb,c", ["a,b", "c"]), ("Zo%C3%AB", ["Zoë"]), ("a+b", ["a+b"])],
)
def test_a_handler_gets_a_list_of_the_path_as_it_was_sent(
    tmp_path: Path, sent: str, names: list[str]
) -> None:
    """An escaped comma is part of an item."""
    (tmp_path / "pets.py").write_text("def get_pets(sandbox, names): return names")
    schema = {"type": "array", "items": {"type": "string"}}
    operation = {
        "operationId": "getPets",
        "tags": ["pets"],
        "parameters": [{"name": "names", "in": "path", "required": True, "schema": schema}],
        "responses": {"200": {"description": "Found", "content": {"application/json": {}}}},
    }
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(whole({"GET /pets/{names}": operation}, "3.1.1")))
    mock = application(contract=file, handlers=tmp_path)
    assert asyncio.run(asked(mock, Request("GET", f"/pets/{sent}", [], None))).json() == names


def served(row: Row, folder: Path) -> Application:
    """Return a mock of the document of a row."""
    file = folder / "openapi.json"
    file.write_text(json.dumps(row.document))
    return application(contract=file, **row.settings)


async def asked(mock: Application, request: Request) -> Response:
    """Ask an application as a server does, with the path as it was sent."""
    path, _, query = request.target.partition("?")
    lines = [("Host", "mock.test"), *request.headers]
    if request.body is not None:
        lines.append(
            ("Transfer-Encoding", "chunked")
            if request.is_chunked
            else ("Content-Length", str(len(request.body)))
        )
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
        "scheme": "http", "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(name.lower().encode(), value.encode()) for name, value in lines],
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body or b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await mock(scope, receive, send)  # type: ignore[arg-type]
    start, *parts = sent
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return Response(start["status"], headers, b"".join(part.get("body", b"") for part in parts))


async def asked_by_socket(mock: Application, request: Request) -> Response:
    """Ask a server of an application by the bytes of a request."""
    server = await asyncio.get_running_loop().create_server(lambda: Protocol(Site(mock)), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(request.raw())
        raw = await asyncio.wait_for(reader.read(), 20)
        writer.close()
    while raw.startswith(b"HTTP/1.1 1"):
        raw = raw.partition(b"\r\n\r\n")[2]
    head, _, body = raw.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    named = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return Response(int(status_line.split(" ")[1]), named, body)


def violations(mock: Application, row: Row, answer: Response) -> list[str]:
    """Return how an answer violates the contract of its row.

    An error whose status is not declared has to be a problem (RFC 9457), whose title and status are HTTP's.
    """
    request, contract = row.request, mock.contract
    exchange = RecordedExchange(
        row.name,
        "GET" if request.method == "HEAD" else request.method,
        f"http://mock.test{request.target}",
        status=answer.status,
        response_headers=tuple(answer.headers),
        response_body=answer.body,
    )
    operation = Routes(contract).operation(exchange)
    compiled = None if operation is None else CompiledContract(contract.document).operation(operation.pointer)
    if compiled is None or (answer.status >= 400 and compiled.response(answer.status) is None):
        return [] if answer.status < 400 or request.method == "HEAD" else list(_faults_of_problem(answer))
    if request.method == "HEAD":
        return ["HEAD has a body"] if answer.body else []
    return [each.message for each in compiled.response_violations(exchange)]


def _faults_of_problem(answer: Response) -> Iterator[str]:
    if answer.header("content-type") != "application/problem+json":
        yield f"an error without a shape of its own is {answer.header('content-type')}"
    elif answer.json().get("status") != answer.status:
        yield "the problem has another status than the answer"
