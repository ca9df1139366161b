"""The pytest plugin: the fixtures `elasticqueue` and `eqkit_server`, with a new sandbox for each test.

The first is a mock of ElasticQueue, the second one of any contract. Every test run loads this module where
eqkit is installed, so nothing is imported before it is needed.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from eqkit.client import Client, JournalEntry

JOURNAL_SHOWN = 50
"""How many of its last requests the report of a failing test shows."""

__all__ = ["elasticqueue", "elasticqueue_url", "eqkit_server"]


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
    values = getattr(item, "funcargs", {})
    mock, mocks = values.get("elasticqueue"), values.get("eqkit_server")
    if report.when == "call" and report.failed and not (mock is None and mocks is None):
        from eqkit.client import Client

        # A project may have fixtures of these names that are something else.
        if isinstance(mock, Client):
            report.sections.append(("ElasticQueue journal", _journal(mock)))
        for contract, client in mocks.clients if isinstance(mocks, ContractServers) else ():
            report.sections.append((f"Journal of {contract}", _journal(client)))
    return report


@pytest.fixture(scope="session")
def elasticqueue_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The base URL of a server: one process for the session, and with pytest-xdist one for each worker."""
    url = pytestconfig.getoption("--eqkit-url")
    if url is not None:
        yield str(url)
        return
    with contextlib.ExitStack() as stack:
        hint = "--eqkit-command names the eqkit of another environment, --eqkit-url a server that runs"
        yield _started(stack, pytestconfig, pytestconfig.getini("eqkit_serve"), hint)


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


class ContractServers:
    """Mocks of contracts: one process for each contract and its settings, a new sandbox for each call."""

    def __init__(self, urls: Callable[[str, tuple[str, ...]], str], stack: contextlib.ExitStack) -> None:
        """Take a function that finds or starts a server; sandboxes are deleted when the stack ends."""
        self._urls = urls
        self._stack = stack
        self.clients: list[tuple[str, Client]] = []
        """The contracts and clients that the test has asked for."""

    def __call__(self, contract: str | os.PathLike[str], **settings: object) -> Client:
        """Return a client of a new sandbox: `.url` and `.key` are for the code under test.

        `settings` are options of ``eqkit serve`` by their names, such as ``answer="generated"``. A relative
        path begins at the root of the project (pytest's rootdir).
        """
        from eqkit.client import Client, StatusError

        options = (f"--{name.replace('_', '-')}={_text(value)}" for name, value in sorted(settings.items()))
        client = Client(self._urls(os.fspath(contract), tuple(options)), f"test_{uuid.uuid4().hex}")
        self.clients.append((os.fspath(contract), client))

        def delete() -> None:
            with contextlib.suppress(StatusError):
                client.sandboxes.delete()

        self._stack.callback(delete)
        return client


@pytest.fixture(scope="session")
def _eqkit_urls(pytestconfig: pytest.Config) -> Iterator[Callable[[str, tuple[str, ...]], str]]:
    """A function that finds or starts the server of a contract with some options."""
    urls: dict[tuple[str, tuple[str, ...]], str] = {}
    with contextlib.ExitStack() as stack:

        def url(contract: str, options: tuple[str, ...]) -> str:
            if (contract, options) not in urls:
                is_url = contract.startswith(("http://", "https://"))
                where = contract if is_url else str(pytestconfig.rootpath / contract)
                hint = "--eqkit-command names the eqkit of another environment"
                urls[contract, options] = _started(stack, pytestconfig, [where, *options], hint)
            return urls[contract, options]

        yield url


@pytest.fixture
def eqkit_server(_eqkit_urls: Callable[[str, tuple[str, ...]], str]) -> Iterator[ContractServers]:
    """A function that returns a mock of any contract: ``eqkit_server("openapi.yaml")``.

    The process is kept for the session; the key is new for each call, and so is all that is behind it: clock,
    faults, journal. It is deleted in the end.
    """
    with contextlib.ExitStack() as stack:
        yield ContractServers(_eqkit_urls, stack)


def _started(stack: contextlib.ExitStack, config: pytest.Config, arguments: Sequence[str], hint: str) -> str:
    """Start a server that ends with the stack, and return its URL; the test fails where it does not start."""
    from eqkit.errors import StartupError
    from eqkit.process import running

    try:
        return stack.enter_context(running(*arguments, command=_command(config))).url
    except StartupError as error:
        pytest.fail(f"{error}\n{hint}", pytrace=False)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


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
