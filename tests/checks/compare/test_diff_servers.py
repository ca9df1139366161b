"""Two servers that get the same traffic."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from eqkit.checks.compare.differences import differences
from eqkit.cli.checks.diff_servers import command
from eqkit.traffic.exchanges import RecordedExchange
from tests.processes import ServerProcess, running

ID_1 = b'{"data": {"id": "72301093732", "self": "http://a:1/72301093732", "at": "2016-03-27T23:36:38.238Z"}}'
ID_2 = b'{"data": {"id": "90000000001", "self": "http://b:2/90000000001", "at": "2026-03-27T23:36:38.238Z"}}'


def diff(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, [*arguments])


def exchange(status: int = 200, body: bytes = b"{}", media_type: str = "a/json") -> RecordedExchange:
    """Return an exchange with an answer."""
    return RecordedExchange("one", "GET", "http://a/", (), b"", status, (("content-type", media_type),), body)


def test_two_servers_of_a_kind_do_not_differ(live: ServerProcess, tmp_path: Path) -> None:
    """Other ids, instants and origins are no difference."""
    with running(tmp_path, "--seed", "7") as other:
        result = diff(live.url, other.url)
    assert result.exit_code == 0, result.output
    assert "nothing found" in result.output


def test_a_server_with_other_settings_differs(live: ServerProcess, tmp_path: Path) -> None:
    """A difference names its request, and a violation of the contract names the server at fault."""
    with running(tmp_path, "--unknown-attributes", "ignore", "--enqueue-status", "201") as other:
        result = diff(live.url, other.url)
    assert result.exit_code == 1, result.output
    assert "the first answered 202, the second 201" in result.output
    assert "the first answered 400, the second 201" in result.output
    assert f"(at {other.url})" in result.output
    assert f"(at {live.url})" not in result.output


@pytest.mark.parametrize(
    ("first", "second", "messages"),
    [
        (exchange(body=ID_1), exchange(body=ID_2), []),
        (exchange(202), exchange(201), ["the first answered 202, the second 201"]),
        (exchange(), exchange(media_type="b/json"), ["the first is a/json, the second b/json"]),
        (exchange(body=b'{"a": 1}'), exchange(body=b"{}"), ["/a is in the first alone"]),
        (exchange(body=b"{}"), exchange(body=b'{"a": 1}'), ["/a is in the second alone"]),
        (
            exchange(body=b'{"a": [1]}'),
            exchange(body=b'{"a": []}'),
            ["/a has 1 items in the first, and 0 in the second"],
        ),
        (
            exchange(body=b'{"a": 1}'),
            exchange(body=b'{"a": true}'),
            ["/a is 1 in the first, and True in the second"],
        ),
        (
            exchange(body=b'{"errors": [{"detail": "a", "id": "1"}]}'),
            exchange(body=b'{"errors": [{"detail": "b", "id": "2"}]}'),
            [],
        ),
    ],
)
def test_a_difference_is_named(
    first: RecordedExchange, second: RecordedExchange, messages: list[str]
) -> None:
    """Each difference is reported once, with its place in the document."""
    assert list(differences(first, second)) == messages


@pytest.mark.parametrize("are_silent", [(True, False), (False, True)])
def test_a_server_that_does_not_answer_is_not_validated(
    are_silent: tuple[bool, bool], live: ServerProcess
) -> None:
    """A silent server, the first or the second, ends the run with exit code 2 and one line."""
    result = diff(*("http://127.0.0.1:1" if is_silent else live.url for is_silent in are_silent))
    assert result.exit_code == 2, result.output
    assert "does not answer" in result.output
    assert "Traceback" not in result.output
