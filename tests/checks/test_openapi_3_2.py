"""OpenAPI 3.2 in every check: the method QUERY, operations of any method, query strings, sequences."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from eqkit.checks.findings import Finding
from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.sources import load
from tests.checks.pets import PETS
from tests.checks.pets_checks import run
from tests.checks.proxies import served
from tests.checks.traffic import entry

SHELF = PETS.with_name("shelf-3.2.yaml")
BOOK = {"id": 1, "title": "Emma"}
ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("QUERY", "/books", {"json": {"title": "E"}}),
    ("GET", "/books/1?pages=3", {"cookies": {"theme": "dark"}}),
    ("COPY", "/books/1", {"headers": {"Destination": "/books/2"}}),
]


class Shelf(BaseHTTPRequestHandler):
    """Keeps the contract."""

    book: Any = BOOK

    def answer(self) -> None:
        """Answer by method."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        status = {"COPY": 201}.get(self.command, 200)
        is_list = self.command == "QUERY"
        is_refused = (is_list and not is_search(body)) or (
            self.command == "COPY" and "Destination" not in self.headers
        )
        content = b"" if is_refused else json.dumps(self.book).encode() * (1 + is_list)
        content = content.replace(b"}{", b"}\n{")
        self.send_response(400 if is_refused else status)
        if not is_refused:
            self.send_header("Content-Type", "application/jsonl" if is_list else "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Answer every method that there is, as ``do_GET`` and so on are looked up."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Say nothing."""


class Untitled(Shelf):
    """Answers with books that have no title."""

    book: Any = {"id": 1}  # noqa: RUF012 - never changed


def is_search(body: bytes) -> bool:
    """Tell a search of the contract."""
    try:
        found = json.loads(body)
    except ValueError:
        return False
    return isinstance(found, dict) and found.keys() == {"title"} and isinstance(found["title"], str)


@contextlib.contextmanager
def serving(kind: type[Shelf] = Shelf) -> Iterator[str]:
    """Serve books, and return the address below which the paths of the contract begin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def recorded(url: str, file: Path, asked: list[tuple[str, str, dict[str, Any]]] = ASKED) -> Path:
    """Send requests, and record the exchanges."""
    entries = []
    for method, path, options in asked:
        with httpx.Client(base_url=url, cookies=options.get("cookies")) as client:
            given = {name: value for name, value in options.items() if name != "cookies"}
            entries.append(entry(client.request(method, path, **given)))
    file.write_text("\n".join(map(json.dumps, entries)))
    return file


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Traffic to a server that keeps the contract."""
    with serving() as url:
        return recorded(url, tmp_path_factory.mktemp("books") / "books.jsonl")


def test_the_contract_is_a_good_one() -> None:
    """Lint knows all of 3.2 that stands in it."""
    result = run("lint", contract=SHELF)
    assert result.exit_code == 0, result.output


def test_recorded_traffic_is_validated(recording: Path, tmp_path: Path) -> None:
    """QUERY and COPY; a query string that is one parameter; each item of a sequence."""
    result = run("replay", recording, contract=SHELF)
    assert (result.exit_code, "error" in result.output, "warning" in result.output) == (0, False, False), (
        result.output
    )
    wrong = [
        ("QUERY", "/books", {"json": {"titel": "E"}, "headers": {"X-Trace": "x"}}),
        ("GET", "/books/1?pages=many", {"cookies": {"theme": "pink"}}),
        ("COPY", "/books/x", {"headers": {"Destination": "elsewhere"}}),
        ("MOVE", "/books/1", {}),
    ]
    with serving(Untitled) as url:
        result = run("replay", recorded(url, tmp_path / "wrong.jsonl", wrong), contract=SHELF)
    for message in (
        'There is no member "titel"', 'in the header, "X-Trace" must be', '"pages" must be',
        '"theme" must be', 'in the path, "id" must be', 'in the header, "Destination" must match',
        "only GET, COPY", 'The member "title" is missing.',
    ):  # fmt: skip
        assert message in result.output, message
    assert result.exit_code == 1


def test_a_request_of_the_service_is_validated(tmp_path: Path) -> None:
    """A webhook of a method of its own."""
    with serving() as url:
        sent = [("NOTIFY", "/hook", {"json": {"id": "one"}})]
        file = recorded(url.removesuffix("/v1"), tmp_path / "sent.jsonl", sent)
        result = run("replay", file, "--receiver", url.removesuffix("/v1"), contract=SHELF)
    assert '"id" must be an integer' in result.output
    assert result.exit_code == 1


def test_coverage_counts_every_method(recording: Path) -> None:
    """Operations, their answers, media types and parameters, the query string among them."""
    result = run("coverage", recording, "--fail-under", "operations=100", contract=SHELF)
    assert result.exit_code == 0, result.output
    short = run(
        "coverage", recording, "--fail-under", "answers=100", "--fail-under", "parameters=100", contract=SHELF
    )
    assert "copyBook 400" in short.output
    assert "findBooks header X-Trace" in short.output
    assert "querystring filter" not in short.output


def test_requests_are_sent_again_and_two_servers_compared(recording: Path) -> None:
    """Requests keep their own methods and bodies."""
    with serving() as first, serving(Untitled) as second:
        assert run("replay", recording, "--send", first, contract=SHELF).exit_code == 0
        assert run("diff-servers", first, first, recording, contract=SHELF).exit_code == 0
        result = run("diff-servers", first, second, recording, contract=SHELF)
    assert result.exit_code == 1
    assert "-X QUERY" in result.output
    assert "-X COPY" in result.output


@pytest.mark.parametrize(("method", "path", "options"), ASKED)
def test_a_proxy_passes_and_validates_every_method(method: str, path: str, options: dict[str, Any]) -> None:
    """The broken server's responses are findings; the good server's are not."""
    for kind, rules in ((Shelf, set()), (Untitled, {"response-body"})):
        messages: list[Finding] = []
        with serving(kind) as upstream:
            proxy = Proxy(*load(SHELF, [upstream]), upstream, messages.append)
            with served(proxy) as url, httpx.Client(cookies=options.get("cookies")) as client:
                given = {name: value for name, value in options.items() if name != "cookies"}
                answer = client.request(method, url + path, **given)
        assert answer.status_code in (200, 201)
        assert {each.rule for each in messages} == rules


def test_two_versions_are_compared(tmp_path: Path) -> None:
    """A removed operation of any method is a breaking change."""
    text = SHELF.read_text()
    for old, new in ((("    query:", "    post:")), ("      COPY:", "      MOVE:")):
        file = tmp_path / "new.yaml"
        file.write_text(text.replace(old, new))
        result = run("diff", SHELF, file, contract=SHELF)
        assert result.exit_code == 1, result.output
    assert run("diff", SHELF, SHELF, contract=SHELF).exit_code == 0


def test_each_operation_that_schemathesis_reads_is_fuzzed(tmp_path: Path) -> None:
    """Schemathesis knows QUERY, and nothing of `additionalOperations`: a line says so of each."""
    tests = tmp_path / "test_found.py"
    options = ["--seed", "1", "--max-examples", "5", "--phases", "fuzzing", "--write-tests", tests]
    with serving(Untitled) as url:
        result = run("fuzz", url, *options, contract=SHELF)
    assert result.exit_code == 1, result.output
    assert "error: QUERY /books: 200: " in result.output
    assert "COPY /books/{id}: is not fuzzed: Schemathesis reads no additionalOperations" in result.output
    assert "send('QUERY', '/books'" in tests.read_text()
