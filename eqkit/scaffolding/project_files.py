"""The files of a project beside its handlers and tests: a Makefile, and the fixture of the tests."""

import re

from eqkit.scaffolding.texts import INDENT, WIDTH, docstring, literal, plain

HANDLERS, TESTS = "handlers", "tests"
"""The folders of a project."""

CONFTEST = '''{title}
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from eqkit.asgi import Application, InProcess, application

PROJECT = Path(__file__).parents[1]
CONTRACT = {contract}


@pytest.fixture(scope="session")
def app() -> Application:
    """The mock of the contract with the handlers, in this process."""
    return application(contract=CONTRACT, handlers=PROJECT / {handlers})


@pytest.fixture
def mock(app: Application, request: pytest.FixtureRequest) -> Iterator[InProcess]:
    """The mock in a sandbox of its own for each test: its store is empty."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", request.node.name)[:150]
    with InProcess(app, headers={{"Eqkit-Sandbox": f"test_{{name}}"}}) as server:
        yield server
'''

MAKEFILE = """# Serve {title}, and test the handlers.
CONTRACT = {contract}

.PHONY: serve test

serve:
\teqkit serve '$(CONTRACT)' --handlers {handlers} --watch $(ARGS)

test:
\tpython -m pytest {tests} $(ARGS)
"""

_NOT_IN_MAKE = re.compile(r"[\x00-\x1f\x7f'#\\]|^\s|\s$")
"""Characters that would end the name of a file, for make or in the quotes of the shell."""


class Unwritable(Exception):
    """A contract whose name a Makefile cannot hold."""


def conftest(contract: str, *, is_address: bool) -> str:
    """Return the module with the fixture; `contract` is an address, or a path from the project's folder."""
    name = literal(contract) if is_address else f"PROJECT / {literal(contract)}"
    return CONFTEST.format(
        title=docstring("The server that the tests of the handlers ask.", (), ""),
        contract=name if len(name) + len("CONTRACT = ") <= WIDTH else f"(\n{INDENT}{name}\n)",
        handlers=literal(HANDLERS),
    )


def makefile(title: str, contract: str) -> str:
    """Return the Makefile; raises Unwritable for a name that make or the shell would not take as it is."""
    if _NOT_IN_MAKE.search(contract):
        raise Unwritable
    return MAKEFILE.format(
        title=plain(title, 200).replace("\\", "/"),
        contract=contract.replace("$", "$$"),
        handlers=HANDLERS,
        tests=TESTS,
    )
