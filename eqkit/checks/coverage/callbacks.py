"""Callbacks and webhooks: requests that a service sends to its users, and which recorded ones are such."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from eqkit.contract.document import Document, Json, pointer_of
from eqkit.contract.loading.json_texts import document_of
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.operations import Contract, member_of, operations_in
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.contract.schemas.validators import SchemaValidator
from eqkit.errors import ContractError
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.expressions import address_of
from eqkit.traffic.routes import Route, Routes, is_below

WEBHOOK = "webhook"
"""The name in the place of an operation's: a webhook belongs to none."""


@dataclass(frozen=True, slots=True)
class Callback:
    """One request that an operation promises to send, and the answers that its receiver may give."""

    file: ContractFile = field(compare=False)
    pointer: str
    operation: str
    name: str
    expression: str
    method: str
    answers: tuple[str, ...]
    """The answers that a receiver may give: statuses, ranges such as 2XX or `default`, as in the document."""
    validator: SchemaValidator | None = field(compare=False)
    """Of its body; None if the document says nothing of it that could be validated against."""

    def __str__(self) -> str:
        """Name it; no two have the same name."""
        return " ".join(filter(None, (self.operation, self.name, self.expression, self.method)))

    def answer(self, status: int) -> str | None:
        """Return which of its answers a status is: its own, that of its range, or the default; 0 is none."""
        likely = (str(status), f"{status // 100}XX", "default") if status else ()
        return next((each for each in likely if each in self.answers), None)

    def accepts(self, body: bytes | None) -> bool:
        """Return whether a body may be one of its requests; one that was not kept may be."""
        return body is None or self.validator is None or self.validator.is_valid(document_of(body))


class Callbacks:
    """The callbacks of some contracts, and where their receivers are."""

    def __init__(
        self, contracts: Iterable[tuple[ContractFile, Routes]] = (), receivers: Sequence[str] = ()
    ) -> None:
        """Take the contracts, and addresses below which everything is a call."""
        self.all: list[Callback] = []
        self._receivers = receivers
        self._urls: dict[Callback, set[str]] = {}
        self._by_contract: list[tuple[Routes, list[Callback]]] = []
        for file, routes in contracts:
            try:
                here = [*_callbacks(file, routes.contract), *_webhooks(file)]
            except (AttributeError, TypeError) as error:
                raise ContractError(f"{file.file}: its callbacks cannot be read: {error}") from error
            self.all += here
            self._by_contract.append((routes, here))

    def learn(self, recorded: Sequence[RecordedExchange]) -> None:
        """Take the addresses of receivers that the requests of some traffic have named."""
        for routes, here in self._by_contract:
            for exchange in recorded if here else ():
                route = routes.route(exchange)
                if route is not None:
                    self._note(exchange, route, here)

    def _note(self, exchange: RecordedExchange, route: Route, callbacks: Iterable[Callback]) -> None:
        """Note the addresses that a request has named for the callbacks of its operation."""
        asked = route.operations.get(exchange.method)
        for callback in callbacks:
            url = address_of(callback.expression, exchange, route.parameters)
            if asked is not None and asked.id == callback.operation and url is not None:
                self._urls.setdefault(callback, set()).add(_plain(url))

    def of(self, exchange: RecordedExchange) -> list[Callback]:
        """Return the callbacks that a request is: of several for one address, those whose body it has."""
        url = _plain(exchange.url)
        anywhere = any(is_below(exchange.url, each) for each in self._receivers)
        found = [
            each
            for each in self.all
            if each.method == exchange.method and (anywhere or url in self._urls.get(each, ()))
        ]
        return found if len(found) < 2 else [each for each in found if each.accepts(exchange.request_body)]


def _callbacks(file: ContractFile, contract: Contract) -> Iterator[Callback]:
    """Yield the callbacks that the operations of a document promise to send."""
    schemas = Schemas(file.document)
    for operation in contract.operations.values():
        at = ["paths", operation.path, *member_of(operation.method)]
        node = file.document.at(file.document.resolve_pointer(pointer_of(at)))
        named = file.document.outlined(node.get("callbacks", {}))
        sent = (
            (name, expression, method, request)
            for name, callback in named.items()
            if not name.startswith("x-")
            for expression, sent_to in callback.items()
            if not expression.startswith("x-")
            for method, request in operations_in({**sent_to})
        )
        for name, expression, method, request in sent:
            pointer = pointer_of([*at, "callbacks", name, expression, *member_of(method)])
            messages = (operation.id, name, expression, method)
            answers = tuple(str(status) for status in request.get("responses", {}))
            yield Callback(
                file, pointer, *messages, answers, _validator(schemas, file.document, pointer, request)
            )


def _webhooks(file: ContractFile) -> Iterator[Callback]:
    """Yield the webhooks of a document (OpenAPI 3.1); no request names their receivers."""
    schemas = Schemas(file.document)
    for name, item in file.document.outlined(file.document.data.get("webhooks") or {}).items():
        for method, node in operations_in(item):
            pointer = pointer_of(["webhooks", name, *member_of(method)])
            answers = tuple(str(status) for status in node.get("responses", {}))
            validator = _validator(schemas, file.document, pointer, node)
            yield Callback(file, pointer, WEBHOOK, name, "", method, answers, validator)


def _validator(schemas: Schemas, document: Document, pointer: str, request: Json) -> SchemaValidator | None:
    """Return the validator of the body of a request that a service sends, which is so far the server's."""
    content = request.get("requestBody", {}).get("content", {})
    name = next(iter(content), None)
    if name is None:
        return None
    at = document.resolve_pointer(pointer + pointer_of(["requestBody", "content", name, "schema"]))
    try:
        return schemas.validator(at, Direction.RESPONSE)
    except ContractError:  # an invalid schema refuses nothing
        return None


def _plain(url: str) -> str:
    """Return an address as it can be compared: the host in lower case, a path, no fragment.

    Its percent-encoding is undone, for services encode more or less of a value.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # a client may have sent anything
        return url
    plain = parts._replace(netloc=parts.netloc.lower(), path=parts.path or "/", fragment="")
    return unquote(plain.geturl())
