"""The answers of an operation as the contract's examples show them."""

from typing import Any

from eqkit.contract.operations import Contract, DocumentedResponse, Operation
from eqkit.web.messages.context import Response

Responses = dict[int, dict[str, Response]]
"""Answers by status, and by the name of their example."""

_SENT_ANYWAY = frozenset((b"vary", b"access-control-allow-origin", b"preference-applied"))


def documented_responses(operation: Operation) -> Responses:
    """Make an answer of every example; one without name and document where a status has no content."""
    return {
        status: {
            name: Response(status, document, _headers(response, operation.method))
            for name, document in (response.examples() or {"": None}).items()
        }
        for status, response in operation.responses.items()
    }


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
