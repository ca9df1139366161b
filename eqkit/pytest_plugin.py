"""The pytest plugin: the fixture `elasticqueue`, a mock of ElasticQueue with a new sandbox for each test.

Every test run loads it where eqkit is installed, so nothing is imported before it is needed.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from eqkit.client import Client, JournalEntry

JOURNAL_SHOWN = 50
"""How many of its last requests the report of a failing test shows."""

__all__ = ["elasticqueue", "elasticqueue_url"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("eqkit", "a mock of ElasticQueue (fixture elasticqueue)")
    group.addoption(
        "--eqkit-url", metavar="URL", help="Use the server that runs at URL instead of starting one."
    )
    group.addoption(
        "--eqkit-control-token", metavar="TOKEN", help="The token of that server, if it was started with one."
    )
    group.addoption(
        "--eqkit-command",
        metavar="COMMAND",
        help="Start the eqkit of another environment, such as /path/to/eqkit.  [env: EQKIT_COMMAND]",
    )
    parser.addini(
        "eqkit_command",
        "The command `eqkit` that starts the server, with its arguments.",
        type="args",
        default=[],
    )
    parser.addini(
        "eqkit_serve", "Arguments of `eqkit serve` for the server that is started.", type="args", default=[]
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the journal of its mock to the report of a failing test."""
    report = yield
    mock = getattr(item, "funcargs", {}).get("elasticqueue")
    if report.when == "call" and report.failed and mock is not None:
        from eqkit.client import Client

        # A project may have a fixture of this name that is something else.
        if isinstance(mock, Client):
            report.sections.append(("ElasticQueue journal", _journal(mock)))
    return report


@pytest.fixture(scope="session")
def elasticqueue_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The base URL of a server: one process for the session, and with pytest-xdist one for each worker."""
    url = pytestconfig.getoption("--eqkit-url")
    if url is not None:
        yield str(url)
        return
    from eqkit.errors import StartupError
    from eqkit.process import running

    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(
                running(*pytestconfig.getini("eqkit_serve"), command=_command(pytestconfig))
            )
        except StartupError as error:
            hint = "--eqkit-command names the eqkit of another environment, --eqkit-url a server that runs"
            pytest.fail(f"{error}\n{hint}", pytrace=False)
        yield server.url


@pytest.fixture
def elasticqueue(elasticqueue_url: str, pytestconfig: pytest.Config) -> Iterator[Client]:
    """A mock of ElasticQueue: `.url` and `.key` for the code under test, and a `Client` for all else.

    The key is new, and so is all that is behind it: queues, clock, faults, journal. It is deleted in the end.
    """
    from eqkit.client import Client, StatusError

    token = pytestconfig.getoption("--eqkit-control-token")
    client = Client(elasticqueue_url, f"test_{uuid.uuid4().hex}", token=token)
    yield client
    # A test may have deleted its own sandbox, and then asking makes a new one.
    with contextlib.suppress(StatusError):
        client.sandboxes.delete()


def _command(config: pytest.Config) -> Sequence[str]:
    """Return the eqkit to start: of the option, else of the variable, the ini file, or this environment."""
    from eqkit.environment import VARIABLES
    from eqkit.process import COMMAND

    message = config.getoption("--eqkit-command") or VARIABLES.get("EQKIT_COMMAND")
    return _split(message) if message else config.getini("eqkit_command") or COMMAND


def _split(command: str) -> list[str]:
    """Split a command at its blanks outside of quotes; on Windows a backslash is part of a path."""
    import shlex

    if os.name == "nt":
        return [part.strip('"') for part in shlex.split(command, posix=False)]
    return shlex.split(command)


def _journal(mock: Client) -> str:
    from eqkit.client import ClientError

    try:
        journal = mock.journal.list(limit=JOURNAL_SHOWN)
        if journal.total > JOURNAL_SHOWN:
            journal = mock.journal.list(after=journal.total - JOURNAL_SHOWN, limit=JOURNAL_SHOWN)
    except ClientError as error:
        return f"not to be had: {error}"
    left_out = journal.total - len(journal.entries)
    lines = [f"({left_out} earlier requests are left out)"] if left_out else []
    return "\n".join(lines + [_line(entry) for entry in journal.entries]) or "nothing was asked"


def _line(entry: JournalEntry) -> str:
    """Return a line about a request, and one more for each warning."""
    what = [str(entry.status), *entry.error_codes]
    if entry.stored:
        what.append("stored " + ", ".join(message.id for message in entry.messages[:5]))
        what += ["…"] if len(entry.messages) > 5 else []
    if entry.fault is not None:
        what.append(f"fault {entry.fault}")
    if entry.outcome != "sent":
        what.append(f"the answer was {entry.outcome}")
    at = entry.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    lines = [f"{entry.number}. {at} {entry.method} {entry.path}: {', '.join(what)}"]
    lines += [f"   {warning.kind}: {warning.detail}" for warning in entry.warnings]
    return "\n".join(lines)
