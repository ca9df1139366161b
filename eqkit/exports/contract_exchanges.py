"""The exchanges that a contract describes: its examples, and generated values where it has none."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from eqkit.contract.credentials import Credentials, asked_for
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import document_of
from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.contract.operations import Contract, Operation
from eqkit.contract.servers import addresses, by_default
from eqkit.exports.exchanges import (
    KEY,
    Exported,
    ExportedExchange,
    LeftOut,
    NotExportable,
    wanted_credentials,
    with_credentials,
)
from eqkit.exports.requests import ExampleRequest, RequestExamples
from eqkit.exports.responses import ExampleResponse, ResponseExamples
from eqkit.exports.values import Values
from eqkit.traffic.exchanges import RecordedExchange

HERE = "http://127.0.0.1:8080"
"""The address of a server that a contract names by its path alone, or does not name: that of the mock."""

MAX_RESPONSES = 100
"""How many responses of one operation are made of its examples."""

_URL = "/:@!$&'()*+,;=~-._%?[]"


class ContractExchanges:
    """Makes the exchanges of a contract's operations."""

    def __init__(self, contract: Contract, server: str | None) -> None:
        """Take the contract; `server` is the address to send requests to, if it is not the contract's own."""
        self._contract, self._document, self._server = contract, contract.document, server
        self._compiled = CompiledContract(contract.document)
        self._requests = RequestExamples(Values(self._compiled.requests))
        self._responses = ResponseExamples(Values(self._compiled.responses))

    def all(self) -> Exported:
        """Yield the exchanges of each operation; and instead, the operations and answers that have none.

        Each is valid by the contract, but for a request that is named as its error is.
        """
        for operation in self._contract.operations.values():
            name = f"{operation.method} {operation.path}"
            compiled = self._compiled.operation(operation.pointer)
            try:
                requests = self._requests.of(compiled)
            except NotExportable as error:
                yield LeftOut(name, str(error))
                continue
            responses: list[ExampleResponse] = []
            for each in self._responses.of(compiled, _document_of(next(iter(requests.values())))):
                if isinstance(each, LeftOut):
                    yield LeftOut(f"{name} {each.name}", each.reason)
                else:
                    responses.append(each)
            if not responses:
                yield LeftOut(name, "the contract has no answer that can be exported")
            for made in self._pairs(operation, requests, responses):
                fault = self._response_fault(made) if isinstance(made, ExportedExchange) else None
                yield made if fault is None else LeftOut(f"{name} {fault[0]}", fault[1])

    def _pairs(
        self, operation: Operation, requests: dict[str, ExampleRequest], responses: list[ExampleResponse]
    ) -> Exported:
        """Yield requests with their responses: of the same name, else the first with the first."""
        faults = {name: self._request_fault(operation, each) for name, each in requests.items()}
        valid = [each for name, each in requests.items() if faults[name] is None]
        first = valid[0] if valid else self._default(operation)
        # Successes go before errors, so that the first answer is a good one.
        responses = sorted(responses, key=lambda each: each.status >= 400)[:MAX_RESPONSES]
        alone = {name: each for name, each in requests.items() if name not in {one.name for one in responses}}
        has_key = asked_for(self._document, KEY, operation) != Credentials()
        good = responses[0] if responses and responses[0].status < 400 else None
        for index, response in enumerate(responses):
            named = requests.get(response.name) if response.name else None
            if named is not None and response.status < 400 and faults[response.name] is not None:
                alone[response.name], named = named, None
            is_expected = index == 0 and response.status < 400
            if named is None and is_expected:
                alone = {name: each for name, each in alone.items() if each is not first}
            request = named or first
            if request is not None:
                is_refusal = response.status == 401 and has_key
                made = self._exchange(operation, request, response, good)
                yield replace(made, is_forced=named is None and not is_expected and not is_refusal)
        if first is None:
            yield LeftOut(f"{operation.method} {operation.path}", next(filter(None, faults.values()), ""))
        for name, request in alone.items():
            fault = faults[name]
            if fault is None and good is not None:
                yield self._exchange(operation, request, replace(good, name=name))
            elif fault is not None and name:
                yield LeftOut(f"{operation.method} {operation.path} {name}", fault)

    def _default(self, operation: Operation) -> ExampleRequest | None:
        """Return a request that is made without invalid examples; None if that is not valid, either."""
        try:
            request = self._requests.default(self._compiled.operation(operation.pointer))
        except NotExportable:
            return None
        return request if self._request_fault(operation, request) is None else None

    def _request_fault(self, operation: Operation, request: ExampleRequest) -> str | None:
        """Return why a request is not valid by its contract; None if it is."""
        made = self._exchange(operation, request, ExampleResponse(200, "", (), b""))
        compiled = self._compiled.operation(operation.pointer)
        found = compiled.request_violations(with_credentials(made), made.path)
        # Whether a key is one is for the service to say.
        others = (each for each in found if each.rule != "request-security")
        return _first_of(others, "its request is not valid")

    def _response_fault(self, made: ExportedExchange) -> tuple[str, str] | None:
        """Return the title of an exchange whose answer is not valid, and the reason; None if it is."""
        compiled = self._compiled.operation(made.operation.pointer)
        fault = _first_of(compiled.response_violations(made.exchange), "its answer is not valid")
        return None if fault is None else (made.title, fault)

    def _exchange(
        self,
        operation: Operation,
        request: ExampleRequest,
        response: ExampleResponse,
        good: ExampleResponse | None = None,
    ) -> ExportedExchange:
        # A client that meets an error has asked for a success, too: else it would be a 406.
        hoped = good if good is not None and response.status >= 400 else response
        types = dict.fromkeys(filter(None, (_type_of(hoped), _type_of(response))))
        accept = (("Accept", ", ".join(types)),) if types else ()
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
        return ExportedExchange(
            operation, response.name, exchange, request.path, credentials, is_generated=response.is_generated
        )

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
    """Return the address of a Server Object with its variables at their defaults, without a user in it.

    One that is no URL is that of the mock.
    """
    address = by_default(next(addresses(server)), server)
    try:
        parts = urlsplit(urljoin(f"{HERE}/", quote(address, safe=_URL)))
    except ValueError:
        return HERE
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))


def _type_of(response: ExampleResponse) -> str | None:
    """Return the media type of a response, without its parameters."""
    return essence(next((value for name, value in response.headers if name == "Content-Type"), None))


def _document_of(request: ExampleRequest) -> Json:
    """Return the document of a request, of which answers take members over; None without one."""
    is_document = any(name == "Content-Type" and is_json(value) for name, value in request.headers)
    return document_of(request.body) if is_document else None


def _first_of(violations: Iterable[MessageViolation], about: str) -> str | None:
    found = next((each for each in violations if each.level is Level.MUST), None)
    return None if found is None else f"{about}: {found.message}"
