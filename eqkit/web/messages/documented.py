"""The documented answers of an operation, and those of them that are examples of the contract."""

from collections.abc import Collection
from typing import Any, Protocol

from eqkit.contract.operations import Contract, DocumentedResponse, Operation
from eqkit.web.messages.context import RequestContext, Response

_SENT_ANYWAY = frozenset((b"vary", b"access-control-allow-origin", b"preference-applied"))


class DocumentedAnswers(Protocol):
    """The answers that a contract documents for one operation, by status and by the name of an example."""

    @property
    def statuses(self) -> Collection[int]:
        """The documented statuses, those of a range or of ``default`` left out."""
        ...

    def has(self, status: int) -> bool:
        """Return whether a status is documented, by itself, by its range or by ``default``."""
        ...

    def names(self, status: int) -> Collection[str]:
        """Return the names of the examples for a status."""
        ...

    def response(self, status: int, name: str, context: RequestContext) -> Response:
        """Return the answer of a documented status; the first example where `name` is of none."""
        ...


class ExampleAnswers:
    """Answers that are examples of the contract alone."""

    def __init__(self, operation: Operation) -> None:
        """Make an answer of every example; one without name and document where a status has no content."""
        self._by_status = {
            status: {
                name: Response(status, document, _headers(response, operation.method))
                for name, document in (response.examples() or {"": None}).items()
            }
            for status, response in operation.responses.items()
        }

    @property
    def statuses(self) -> Collection[int]:
        """The documented statuses."""
        return self._by_status.keys()

    def has(self, status: int) -> bool:
        """Return whether a status has an example."""
        return status in self._by_status

    def names(self, status: int) -> Collection[str]:
        """Return the names of the examples for a status."""
        return [name for name in self._by_status.get(status, ()) if name]

    def response(self, status: int, name: str, context: RequestContext) -> Response:
        """Return a copy of an example, the first where `name` is of none."""
        examples = self._by_status[status]
        example = examples.get(name) or next(iter(examples.values()))
        return Response(status, example.document, example.headers)


def _headers(response: DocumentedResponse, method: str) -> list[tuple[bytes, bytes]]:
    """Return the required headers with the values of their examples, of `Allow` the one for the method."""
    return [
        (name.lower().encode(), str(_example(header, method if name == "Allow" else "")).encode())
        for name, header in response.headers.items()
        if name.lower().encode() in response.required_headers - _SENT_ANYWAY
    ]


def _example(header: dict[str, Any], wanted: str) -> Any:
    values = [example["value"] for example in header["examples"].values()]
    return next((value for value in values if wanted in str(value)), values[0])


def example_names(contract: Contract, operation: str | None, status: int) -> list[str]:
    """Return the names of the examples that a contract has for a status, of one operation or of all."""
    found = [each for each in contract.operations.values() if operation in (None, each.id)]
    answers = [each.responses[status] for each in found if status in each.responses]
    return list(dict.fromkeys(name for answer in answers for name in answer.examples() if name))
