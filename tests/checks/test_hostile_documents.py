"""Documents and recordings that are made to hang, to crash or to fetch: each ends soon, with a line."""

import json
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.sources import load
from eqkit.cli.checks import load_command
from eqkit.errors import ContractError, StartupError
from eqkit.traffic.exchanges import LARGEST_ARCHIVE, read
from eqkit.traffic.routes import Routes
from tests.checks.proxies import answer_once, listening, served

HEAD = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\n"
LEVELS = 100_000
DEEP = {
    "arrays": "x-d: " + "[" * LEVELS + "]" * LEVELS,
    "objects": "x-d: " + "{a: " * LEVELS + "1" + "}" * LEVELS,
    "blocks": "x-d:\n" + " " + "- " * LEVELS + "1",
    "mixed": "x-d: " + "[{a: " * LEVELS + "1" + "}]" * LEVELS,
    "unclosed": "x-d: " + "[" * LEVELS,
    "keys": "x-d:\n" + " " + "? " * LEVELS + "1",
    "anchors": "x-d: [&a0 [1]" + "".join(f", &a{n} [*a{n - 1}]" for n in range(1, 3000)) + "]",
    "laughs": "x-d:\n- &a0 [1]\n" + "".join(f"- &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
    "itself": "x-d: &a [*a]",
}


def run(check: str, *arguments: object) -> Result:
    """Run a check."""
    return CliRunner().invoke(load_command(check), [str(each) for each in arguments])


def contract(folder: Path, schema: Any, example: Any = "a", version: str = "3.1.0", **top: Any) -> Path:
    """Write a contract with one schema and an example of it."""
    content = {"application/json": {"schema": schema, "example": example}}
    operation = {"operationId": "b", "responses": {"200": {"description": "d", "content": content}}}
    info = {"title": "t", "version": "1"}
    file = folder / "api.json"
    file.write_text(
        json.dumps({"openapi": version, "info": info, "paths": {"/b": {"get": operation}}, **top})
    )
    return file


@pytest.mark.parametrize("deep", DEEP)
@pytest.mark.parametrize("check", ["lint", "diff", "replay"])
def test_a_document_that_nests_too_deep_is_refused(deep: str, check: str, tmp_path: Path) -> None:
    """A process of its own runs the check, as a C stack overflow would kill the suite."""
    file = tmp_path / "deep.yaml"
    file.write_text(f"{HEAD}{DEEP[deep]}\n")
    arguments = [file, file] if check == "diff" else ["--contract", file]
    arguments += [file] if check == "replay" else []
    done = subprocess.run(
        [sys.executable, "-m", "eqkit", check, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "deep.yaml" in done.stderr


def test_deeply_nested_data_in_a_page_is_read_or_refused(tmp_path: Path) -> None:
    """Docs have YAML in their head and JSON in their examples, and are read by trace."""
    page = tmp_path / "index.html.md"
    for text in (
        f"---\na: {'[' * LEVELS}\n---\n",
        f"# A\n```http\nPOST /a HTTP/1.1\n\n{'[' * LEVELS}\n```\n",
    ):
        page.write_text(text)
        command = [sys.executable, "-m", "eqkit", "trace", "--slate", str(page)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode in (1, 2), done.stderr


@pytest.mark.parametrize(
    "pattern",
    [
        "^(a+)+$",
        "^(a|a)*$",
        "^(a|aa)+$",
        "(a*)*b",
        "^(?=(a+)+$)a",
        r"^(a+)+\1$",
        "^(?!(a+)+b$).*$",
        "^((a+)+)+$",
    ],
)
@pytest.mark.parametrize("where", ["pattern", "patternProperties", "propertyNames", "items"])
def test_a_pattern_and_its_example_end_soon(pattern: str, where: str, tmp_path: Path) -> None:
    """Backtracking would take longer than anybody waits; the engine is linear, or gives up."""
    value = "a" * 60 + "!"
    schemas = {
        "pattern": ({"type": "string", "pattern": pattern}, value),
        "patternProperties": (
            {"additionalProperties": False, "patternProperties": {pattern: {}}},
            {value: 1},
        ),
        "propertyNames": ({"propertyNames": {"pattern": pattern}}, {value: 1}),
        "items": ({"type": "array", "items": {"pattern": pattern}, "default": [value]}, [value]),
    }
    file = contract(tmp_path, *schemas[where])
    command = [sys.executable, "-m", "eqkit", "lint", "--contract", str(file)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr


@pytest.mark.parametrize("number", [2**63, 2**64, 2**70, -(2**70), 10**300, 1.5e300])
@pytest.mark.parametrize("keyword", ["maximum", "minimum", "multipleOf", "const", "enum", "default"])
def test_numbers_of_any_size_are_validated(number: float, keyword: str, tmp_path: Path) -> None:
    """Beyond 64 bits a whole number is one all the same; a check that breaks on it is no verdict."""
    wanted = [number] if keyword == "enum" else abs(number) if keyword == "multipleOf" else number
    file = contract(tmp_path, {"type": "number", keyword: wanted}, number)
    recording = tmp_path / "r.har"
    answer = {
        "status": 200,
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "content": {"size": 1, "text": json.dumps(number)},
    }
    asked = {"method": "GET", "url": "http://a.test/b", "headers": [], "bodySize": 0}
    recording.write_text(json.dumps({"log": {"entries": [{"request": asked, "response": answer}]}}))
    for result in (
        run("lint", "--contract", file),
        run("replay", recording, "--contract", file),
        run("coverage", recording, "--contract", file),
        run("diff", file, file),
    ):
        assert isinstance(result.exception, SystemExit | None), result.exception
        assert result.exit_code == 0, result.output


def test_an_archive_may_not_grow_beyond_its_bound(tmp_path: Path) -> None:
    """Neither its HAR nor the files that the HAR refers to, each any number of times, exceed the bound."""
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.har", "w") as har:
        for _ in range(LARGEST_ARCHIVE // 2**20 + 1):
            har.write(b" " * 2**20)
    assert bomb.stat().st_size < 2**20
    with pytest.raises(StartupError, match=r"a\.har becomes more than"):
        read(bomb)
    entry = {"request": {"method": "GET", "url": "/"}, "response": {"content": {"_file": "body"}}}
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.har", json.dumps({"log": {"entries": [entry] * 30}}))
        archive.writestr("body", b" " * (LARGEST_ARCHIVE // 20))
    with pytest.raises(StartupError, match="become more than"):
        read(bomb)


@pytest.mark.parametrize("damage", [b"PK\x03\x04 no archive PK\x05\x06" + bytes(18), None])
def test_a_broken_archive_is_reported_in_one_line(damage: bytes | None, tmp_path: Path) -> None:
    """An archive that is cut, or whose content does not match its checksum, ends in one line."""
    file = tmp_path / "broken.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.har", json.dumps({"log": {"entries": []}}) + " " * 10_000)
    whole = file.read_bytes()
    file.write_bytes(damage or whole[:40] + b"\xff\xff" + whole[42:])
    with pytest.raises(StartupError, match=r"broken\.zip"):
        read(file)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """An address that notes who asks it for anything, and the notes."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(1000))
                    connection.sendall(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/fetched", asked
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


def fetching(url: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield schemas, and members of the top level, that name an address in every place that can hold one."""
    yield {"$schema": url, "type": "string"}, {}
    yield {"properties": {"a": {"$schema": url}}}, {}
    yield {"$id": url, "type": "string"}, {}
    yield {"$ref": url}, {}
    yield {"$dynamicRef": f"{url}#a"}, {}
    yield {"type": "string"}, {"jsonSchemaDialect": url, "$schema": url, "$self": url}
    yield {"type": "string"}, {"externalDocs": {"url": url}, "servers": [{"url": url}]}


def test_nothing_that_a_contract_names_is_fetched(listener: tuple[str, list[bytes]], tmp_path: Path) -> None:
    """No check fetches a dialect, a reference or an id."""
    url, asked = listener
    request = {"method": "GET", "url": "http://h/b"}
    headers = [{"name": "content-type", "value": "application/json"}]
    answer = {"status": 200, "headers": headers, "content": {"text": '"a"', "size": 3}}
    (tmp_path / "r.jsonl").write_text(json.dumps({"request": request, "response": answer}))
    for schema, top in fetching(url):
        file = contract(tmp_path, schema, **top)
        run("lint", "--contract", file)
        run("diff", file, file)
        run("coverage", file, "--contract", file)
        run("replay", tmp_path / "r.jsonl", "--contract", file)
        options = ["--phases", "examples", "--max-examples", "1"]
        run("fuzz", url.removesuffix("/fetched"), "--contract", file, *options)
    assert [each for each in asked if b"/fetched" in each.split(b"\r\n")[0]] == []


def test_a_proxy_asks_its_service_alone(listener: tuple[str, list[bytes]], tmp_path: Path) -> None:
    """A proxy fetches no address of a contract for its validation, and passes every request."""
    url, asked = listener
    answer = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n"a"'
    tried = 0
    for schema, top in fetching(url):
        try:
            loaded = load(contract(tmp_path, schema, **top), ["http://127.0.0.1"])
        except ContractError:
            continue
        with listening() as (upstream, service):
            file, routes = loaded
            proxy = Proxy(file, Routes(routes.contract, [upstream]), upstream, lambda finding: None)
            with served(proxy) as address, ThreadPoolExecutor(1) as apart:
                done = apart.submit(answer_once, service, answer)
                assert httpx.get(f"{address}/b").text == '"a"'
                done.result()
        tried += 1
    assert tried >= 5
    assert asked == []
