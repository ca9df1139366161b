"""The terminal says whose fault it is that a contract is broken, with the line of the contract."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.processes import PATIENCE_S, ServerProcess, running

ANSWER: Any = {"200": {"description": "x", "content": {"application/json": {"schema": {"type": "string"}}}}}
NO_VALUE: Any = {"type": "string", "minLength": 2, "maxLength": 1}
CONTRACT: Any = {
    "openapi": "3.1.0",
    "info": {"title": "Films", "version": "1"},
    "paths": {
        "/films": {
            "get": {
                "operationId": "listFilms",
                "tags": ["films"],
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": ANSWER,
            }
        },
        "/none": {
            "get": {
                "responses": {
                    "200": {"description": "x", "content": {"application/json": {"schema": NO_VALUE}}}
                }
            }
        },
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server of the contract, whose one handler answers wrongly."""
    folder = tmp_path_factory.mktemp("films")
    (folder / "handlers").mkdir()
    (folder / "handlers" / "films.py").write_text("def list_films(sandbox, limit=None): return 1\n")
    (folder / "films.json").write_text(json.dumps(CONTRACT, indent=1))
    handlers = ("--handlers", str(folder / "handlers"))
    with running(tmp_path_factory.mktemp("log"), str(folder / "films.json"), *handlers) as process:
        yield process


LINES = json.dumps(CONTRACT, indent=1).splitlines()
PARAMETER, SCHEMA, OPERATION = (
    next(number for number, line in enumerate(LINES, 1) if text in line) + beside
    for text, beside in (('"name": "limit"', -1), ('"type": "string"', -1), ('"/none"', 1))
)
"""The lines of a parameter, of the schema of an answer, and of an operation that nothing can answer."""


@pytest.mark.parametrize(
    ("path", "headers", "said", "line"),
    [
        ("/films?limit=a", {}, 'invalid-parameter: the request: In the query, "limit"', PARAMETER),
        (
            "/films?limit=b",
            {"Prefer": "handling=lenient"},
            'WARNING eqkit.contract: GET /films: the request: In the query, "limit"',
            PARAMETER,
        ),
        ("/films", {}, "the answer 200 of the handler films.list_films violates the contract: ", SCHEMA),
        ("/none", {}, "cannot-answer: the document: No valid answer of 200", OPERATION),
    ],
    ids=["request", "report", "handler", "document"],
)
def test_a_line_says_whose_fault_it_is(
    server: ServerProcess, path: str, headers: dict[str, str], said: str, line: int
) -> None:
    """In one sentence, with the line of the contract that is broken."""
    before = len(server.log())
    httpx.get(f"{server.url}{path}", headers=headers)
    end = time.monotonic() + PATIENCE_S
    while not (lines := [each for each in server.log()[before:].splitlines() if said in each]):
        assert time.monotonic() < end, server.log()[before:]
    assert f"films.json:{line}:" in lines[0]
