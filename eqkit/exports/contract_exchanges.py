"""The exchanges that a contract describes: its examples, and generated values where it has none."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from eqkit.contract.credentials import Credentials, asked_for
from eqkit.contract.document import Json
from eqkit.contract.media_types import essence
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract, Operation
from eqkit.contract.servers import addresses, by_default
from eqkit.exports.exchanges import (
    KEY,
    Exported,
    ExportedExchange,
    LeftOut,
    NotExportable,
    wanted_credentials,
)
from eqkit.exports.requests import ExampleRequest, RequestExamples
from eqkit.exports.responses import ExampleResponse, ResponseExamples
from eqkit.exports.values import Generate, Values
from eqkit.traffic.exchanges import RecordedExchange

HERE = "http://127.0.0.1:8080"
"""The address of a server that a contract names by its path alone, or does not name: that of the mock."""

MAX_RESPONSES = 100
"""How many responses of one operation are made of its examples."""

_URL = "/:@!$&'()*+,;=~-._%?[]"


class ContractExchanges:
    """Makes the exchanges of a contract's operations."""

    def __init__(
        self, contract: Contract, requests: Generate, responses: Generate, server: str | None
    ) -> None:
        """Take the contract, and the makers of values for requests and responses.

        `server` is the address to send requests to; without one, it is each operation's first server.
        """
        self._contract, self._document, self._server = contract, contract.document, server
        self._compiled = CompiledContract(contract.document)
        self._requests = RequestExamples(Values(self._compiled.requests, requests))
        self._responses = ResponseExamples(Values(self._compiled.responses, responses))

    def all(self) -> Exported:
        """Yield the exchanges of each operation; and instead, the operations and answers that have none."""
        for operation in self._contract.operations.values():
            name = f"{operation.method} {operation.path}"
            compiled = self._compiled.operation(operation.pointer)
            try:
                requests = self._requests.of(compiled)
            except NotExportable as error:
                yield LeftOut(name, str(error))
                continue
            responses: list[ExampleResponse] = []
            for each in self._responses.of(compiled):
                if isinstance(each, LeftOut):
                    yield LeftOut(f"{name} {each.name}", each.reason)
                else:
                    responses.append(each)
            if not responses:
                yield LeftOut(name, "the contract has no answer that can be exported")
            yield from self._pairs(operation, requests, responses)

    def _pairs(
        self, operation: Operation, requests: dict[str, ExampleRequest], responses: list[ExampleResponse]
    ) -> Iterator[ExportedExchange]:
        """Yield requests with their responses: of the same name, else the first with the first."""
        first_name = next(iter(requests))
        # Successes go before errors, so that the first answer is a good one.
        responses = sorted(responses, key=lambda each: each.status >= 400)[:MAX_RESPONSES]
        alone = {name: None for name in requests if name not in {each.name for each in responses}}
        for index, response in enumerate(responses):
            request = requests.get(response.name) if response.name else None
            is_first = index == 0 and response.status < 400
            if request is None and is_first:
                alone.pop(first_name, None)
            made = self._exchange(operation, request or requests[first_name], response)
            is_refusal = response.status == 401 and asked_for(self._document, KEY, operation) != Credentials()
            yield replace(made, is_forced=request is None and not is_first and not is_refusal)
        if responses and responses[0].status < 400:
            for name in alone:
                yield self._exchange(operation, requests[name], replace(responses[0], name=name))

    def _exchange(
        self, operation: Operation, request: ExampleRequest, response: ExampleResponse
    ) -> ExportedExchange:
        content_type = next((value for name, value in response.headers if name == "Content-Type"), "")
        accept = (("Accept", essence(content_type) or ""),) if content_type else ()
        exchange = RecordedExchange(
            name=operation.id,
            method=operation.method,
            url=self._server_of(operation) + request.target(operation.path),
            request_headers=(*accept, *request.headers),
            request_body=request.body,
            status=response.status,
            response_headers=response.headers,
            response_body=response.body,
            has_all_headers=True,
        )
        credentials = wanted_credentials(self._document, operation, response.status)
        return ExportedExchange(operation, response.name, exchange, request.path, credentials)

    def _server_of(self, operation: Operation) -> str:
        """Return the address of an operation: of its first server, else of that of its path, or of all."""
        if self._server is not None:
            return self._server.rstrip("/")
        compiled = self._compiled.operation(operation.pointer)
        schemas = self._compiled.requests
        for holder in (compiled.pointer, compiled.path_item, ""):
            server = schemas.node(f"{holder}/servers/0")
            if isinstance(server, dict):
                return server_address(server)
        return HERE


def server_address(server: dict[str, Json]) -> str:
    """Return the address of a Server Object with its variables at their defaults, without a user in it."""
    address = by_default(next(addresses(server)), server)
    parts = urlsplit(urljoin(f"{HERE}/", quote(address, safe=_URL)))
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))
