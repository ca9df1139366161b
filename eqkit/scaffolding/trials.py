"""The tests of handlers: one for each operation, with a request of the contract."""

from collections.abc import Iterable, Iterator
from typing import Any

from eqkit.contract.signatures import Signature, usual_status
from eqkit.exports.exchanges import NotExportable
from eqkit.scaffolding.imports import names_used, written_imports
from eqkit.scaffolding.sent_requests import SentRequest, SentRequests
from eqkit.scaffolding.texts import INDENT, MAX_SUMMARY, WIDTH, docstring, literal, plain


class Trials:
    """Writes the tests of one contract."""

    def __init__(self, requests: SentRequests) -> None:
        """Take the requests."""
        self._requests = requests

    def function(self, signature: Signature) -> str:
        """Return the test of one operation; it is skipped where no valid request is known."""
        operation = signature.operation
        name = plain(f"{operation.method} {operation.path}", MAX_SUMMARY)
        status = usual_status(operation)
        text = docstring(f"{name} answers {status}.", ())
        skipped = ""
        try:
            request = self._requests.of(operation)
        except NotExportable as error:
            request = SentRequest(operation.method, "/", {}, b"")
            skipped = f"@pytest.mark.skip(reason={literal(plain(str(error), MAX_SUMMARY))})\n"
        check = f"{INDENT}assert response.status == {status}, response.text\n"
        line = f"def test_{signature.function}(mock: InProcess) -> None:\n"
        if len(line) > WIDTH + 1:
            line = f"def test_{signature.function}(\n{INDENT}mock: InProcess,\n) -> None:\n"
        return f"{skipped}{line}{text}{_call(request)}{check}"

    def module(self, title: str, signatures: Iterable[Signature]) -> str:
        """Return a new module with the tests of some operations."""
        functions = [self.function(each) for each in signatures]
        head = f"{docstring(title, (), '')}\n{written_imports(names_used(functions))}"
        return "\n\n".join([head, *functions])


def _call(request: SentRequest) -> str:
    """Return the statement that sends a request, over as many lines as it needs."""
    arguments: list[tuple[str, Any]] = []
    if request.headers:
        arguments.append(("headers=", dict(request.headers)))
    if request.is_json:
        arguments.append(("json=", request.document))
    elif request.body:
        arguments.append(("body=", request.body))
    first = f"{literal(request.method)}, {literal(request.target)}"
    line = ", ".join([first, *(f"{name}{literal(value)}" for name, value in arguments)])
    if len(line) + len(f"{INDENT}response = mock.send()") <= WIDTH:
        return f"{INDENT}response = mock.send({line})\n"
    lines = [
        literal(request.method),
        literal(request.target),
        *(f"{name}{spread(value, len(name) + 2 * len(INDENT) + 1, 2)}" for name, value in arguments),
    ]
    return (
        f"{INDENT}response = mock.send(\n"
        + "".join(f"{INDENT * 2}{each},\n" for each in lines)
        + f"{INDENT})\n"
    )


def spread(value: Any, column: int, level: int) -> str:
    """Return the literal of a value, over several lines where it does not fit behind a column."""
    line = literal(value)
    if len(line) + column <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner, outer = INDENT * (level + 1), INDENT * level
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = "".join(f"{inner}{each},\n" for each in _parts(value, level + 1))
    return f"{opening}\n{lines}{outer}{closing}"


def _parts(value: Any, level: int) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            key = f"{literal(name)}: "
            yield f"{key}{spread(each, len(key) + level * len(INDENT) + 1, level)}"
    else:
        yield from (spread(each, level * len(INDENT) + 1, level) for each in value)
