"""The commands against a mock of another contract than ElasticQueue's."""

from collections.abc import Iterator

import httpx
import pytest
from click.testing import CliRunner

from eqkit.cli import main
from eqkit.cli.connection import QUEUES
from tests.interfaces.shell import output_of
from tests.processes import ServerProcess, running

CONTRACT = """
openapi: 3.1.0
info: {title: Books, version: "1"}
security: [{token: []}]
paths:
  /books:
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {"200": {description: The books.}}
components: {securitySchemes: {token: {type: http, scheme: bearer}}}
"""


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A mock of books, with one request in the sandbox of a key."""
    contract = tmp_path_factory.mktemp("books") / "books.yaml"
    contract.write_text(CONTRACT)
    with running(tmp_path_factory.mktemp("log"), str(contract)) as server:
        httpx.get(f"{server.url}/books?limit=a", headers={"Authorization": "Bearer test_books"})
        yield server


def test_a_table_has_no_columns_of_another_service(books: ServerProcess) -> None:
    """Messages are ElasticQueue's; a mock of books has none to count."""
    head, *rows = output_of(CliRunner().invoke(main, ["sandboxes", "--url", books.url])).splitlines()
    assert "PENDING" not in head
    assert "REQUESTS" in head
    assert len(rows) == 1


def test_the_journal_lists_the_violation_of_a_refused_request(books: ServerProcess) -> None:
    """It says more than the code of the error."""
    asked = ["journal", "--url", books.url, "--key", "test_books"]
    head, line = output_of(CliRunner().invoke(main, asked)).splitlines()
    assert head.split()[-1] == "VIOLATIONS"
    assert 'the request: In the query, "limit"' in line


@pytest.mark.parametrize("command", QUEUES)
def test_a_command_for_queues_says_that_there_are_none(books: ServerProcess, command: str) -> None:
    """A bare 404 would look like a fault of the user's."""
    outcome = CliRunner().invoke(main, [command, "--url", books.url, "--key", "test_books"])
    assert outcome.exit_code != 0
    assert "only a mock of ElasticQueue has deliveries, pending, queues" in outcome.stderr
