"""``eqkit coverage``: which parts of a contract some traffic has exercised, of a server or of a client."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from eqkit.checks.conformance import answering
from eqkit.checks.coverage.callbacks import Callbacks
from eqkit.checks.coverage.faults import UNANSWERED, KnownFaults
from eqkit.contract import media_types
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import document_of
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract, DocumentedResponse, Operation
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Route, Routes


class Dimension(StrEnum):
    """The kinds of things that can be covered."""

    OPERATIONS = "operations"
    ANSWERS = "answers"
    MEDIA_TYPES = "media-types"
    PARAMETERS = "parameters"
    CODES = "codes"
    EXAMPLES = "examples"
    FAULTS = "faults"
    CALLBACKS = "callbacks"


class How(StrEnum):
    """In which way an item was exercised, the best last."""

    NOT = "not"
    FORCED = "forced"
    COVERED = "covered"


@dataclass(slots=True)
class Item:
    """One thing that the contract promises; `on_request` if only ``Prefer`` or a fault brings it about."""

    dimension: Dimension
    name: str
    pointer: str
    on_request: bool = False
    count: int = 0
    how: How = How.NOT
    file: ContractFile | None = None
    """Where it stands, if that is not the contract that the traffic is held against."""

    def __str__(self) -> str:
        """Name the item with its kind: no two have the same name."""
        return f"{self.dimension.value.removesuffix('s')} {self.name}"

    def see(self, how: How) -> None:
        """Count it once more."""
        self.count += 1
        if self.how is not How.COVERED:
            self.how = how


Key = tuple[object, ...]


@dataclass(slots=True)
class Coverage:
    """Everything that a contract promises, and the part of it that was seen."""

    compiled: CompiledContract
    items: dict[Key, Item] = field(default_factory=dict)
    requests: dict[str, dict[str, Json]] = field(default_factory=dict)
    exchanges: int = 0

    def of(self, dimension: Dimension) -> list[Item]:
        """Return the items of a dimension."""
        return [item for item in self.items.values() if item.dimension is dimension]

    def percent(self, dimension: Dimension) -> float:
        """Return how much of a dimension was seen; all of nothing is 100."""
        items = self.of(dimension)
        return 100 * sum(item.how is not How.NOT for item in items) / len(items) if items else 100.0

    def see(self, key: Key, how: How) -> None:
        """Count an item, where the contract has it."""
        if key in self.items:
            self.items[key].see(how)


def cover(
    contract: Contract,
    routes: Routes,
    recorded: Sequence[RecordedExchange],
    faults: KnownFaults | None = None,
    callbacks: Callbacks | None = None,
) -> Coverage:
    """Hold traffic against a contract; `faults` are those that a client is to have met.

    Without them it is the traffic of a server, and the answers of a mock in its place are none of it.
    """
    requests = {each.id: each.body_examples() for each in contract.operations.values()}
    compiled = CompiledContract(contract.document)
    coverage = Coverage(compiled, dict(_items(contract, requests)), requests)
    for name in faults.names() if faults else ():
        coverage.items[Dimension.FAULTS, name] = _fault(name)
    callbacks = callbacks or Callbacks()
    callbacks.learn(recorded)
    others = _see_callbacks(coverage, callbacks, recorded)
    for exchange in routes.ours(others):
        if exchange.is_mocked and faults is None:
            continue
        coverage.exchanges += 1
        for name in sorted(set(faults.met(exchange))) if faults else ():
            how = How.FORCED if exchange.faults or exchange.is_delayed else How.COVERED
            coverage.items.setdefault((Dimension.FAULTS, name), _fault(name)).see(how)
        route = routes.route(exchange) or routes.nearest(exchange)
        if route is not None:
            _see(coverage, exchange, route)
    return coverage


def _fault(name: str) -> Item:
    return Item(Dimension.FAULTS, name, "", on_request=name != UNANSWERED)


def _see_callbacks(
    coverage: Coverage, callbacks: Callbacks, recorded: Iterable[RecordedExchange]
) -> list[RecordedExchange]:
    """Count the calls of receivers, and return the exchanges that are none."""
    for callback in callbacks.all:
        for answer in callback.answers:
            at, message = f"{callback.pointer}/responses/{answer}", f"{callback} {answer}"
            item = Item(Dimension.CALLBACKS, message, at, file=callback.file)
            coverage.items[Dimension.CALLBACKS, callback, answer] = item
    others = []
    for exchange in recorded:
        calls = callbacks.of(exchange)
        coverage.exchanges += bool(calls)
        for callback in calls:
            coverage.see((Dimension.CALLBACKS, callback, callback.answer(exchange.status)), How.COVERED)
        if not calls:
            others.append(exchange)
    return others


def _items(contract: Contract, requests: Mapping[str, Iterable[str]]) -> Iterator[tuple[Key, Item]]:
    for operation in contract.operations.values():
        name = operation.id
        at = operation.pointer
        yield (Dimension.OPERATIONS, name), Item(Dimension.OPERATIONS, name, at)
        for media_type in operation.bodies:
            key = (Dimension.MEDIA_TYPES, name, media_type)
            yield key, Item(Dimension.MEDIA_TYPES, f"{name} {media_type}", f"{at}/requestBody")
        for parameter in operation.parameters:
            message = f"{name} {parameter.place} {parameter.name}"
            sent_as = (Dimension.PARAMETERS, name, parameter.place, parameter.name)
            yield sent_as, Item(Dimension.PARAMETERS, message, at)
        for example in requests[name]:
            message = f"{name} request {example}"
            yield (
                (Dimension.EXAMPLES, name, 0, example),
                Item(Dimension.EXAMPLES, message, f"{at}/requestBody"),
            )
        for response in operation.answers:
            yield from _answer_items(contract, operation, response, f"{at}/responses/{response.status}")


def _answer_items(
    contract: Contract, operation: Operation, response: DocumentedResponse, at: str
) -> Iterator[tuple[Key, Item]]:
    name, status, forced = operation.id, response.status, is_on_request(contract, at)
    message = f"{name} {status}"
    yield (Dimension.ANSWERS, name, status), Item(Dimension.ANSWERS, message, at, forced)
    for code in dict.fromkeys(code for each in response.examples().values() for code in codes(each)):
        yield (Dimension.CODES, name, status, code), Item(Dimension.CODES, f"{message} {code}", at, forced)
    for example in response.examples():
        key = (Dimension.EXAMPLES, name, status, example)
        yield key, Item(Dimension.EXAMPLES, f"{message} {example}", at, forced)


def is_on_request(contract: Contract, pointer: str) -> bool:
    """Return whether an answer comes by ``Prefer``, a limit or a fault alone (ruling H12).

    That is, where its ``x-ruling`` has H12 and beside it at most H11 (limits and draining) and B2 (never a
    500): every other ruling is a way in which it comes by itself.
    """
    node = contract.document.at(contract.document.resolve_pointer(pointer))
    rulings = set(node.get("x-ruling", ()))
    return "H12" in rulings and not rulings - {"H12", "H11", "B2"}


def codes(document: Json) -> Sequence[str]:
    """Return the codes of an error document, in its order; none for anything else."""
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return ()
    return [str(error["code"]) for error in errors if isinstance(error, dict) and "code" in error]


def _see(coverage: Coverage, exchange: RecordedExchange, route: Route) -> None:
    how = How.FORCED if exchange.on_request else How.COVERED
    own = route.operations.get(exchange.method)
    if own is not None:
        _see_request(coverage, exchange, route, own)
    # Nobody has seen an answer that never left.
    for operation in _answered(exchange, route, own) if exchange.is_answered else ():
        _see_answer(coverage, exchange, operation, how)


def _answered(exchange: RecordedExchange, route: Route, own: Operation | None) -> Sequence[Operation]:
    """Return whose answer it is: a 405 is that of every operation of the path that documents it."""
    if own is None and exchange.status == 405:
        return tuple(each for each in route.operations.values() if 405 in each.responses)
    found = own or answering(route, exchange.method)
    return () if found is None or exchange.method == "OPTIONS" else (found,)


def _see_request(coverage: Coverage, exchange: RecordedExchange, route: Route, operation: Operation) -> None:
    name, how = operation.id, How.COVERED
    coverage.see((Dimension.OPERATIONS, name), how)
    if exchange.request_body:
        media_type = media_types.documented(operation.bodies, exchange.request_header("content-type"))
        coverage.see((Dimension.MEDIA_TYPES, name, media_type), how)
    for parameter in coverage.compiled.operation(operation.pointer).parameters:
        if parameter.sent(exchange, route.parameters):
            coverage.see((Dimension.PARAMETERS, name, parameter.place, parameter.name), how)


def _see_answer(coverage: Coverage, exchange: RecordedExchange, operation: Operation, how: How) -> None:
    name, response = operation.id, operation.answer(exchange.status)
    if response is None:
        return
    status = response.status
    coverage.see((Dimension.ANSWERS, name, status), how)
    answer = document_of(exchange.response_body)
    for code in codes(answer):
        coverage.see((Dimension.CODES, name, status, code), how)
    seen = {example for example, value in response.examples().items() if is_like(answer, value)}
    for example in _examples_of_request(coverage, exchange, operation):
        coverage.see((Dimension.EXAMPLES, name, 0, example), How.COVERED)
        # The answer to an example of a request is the example of the same name, with any ids.
        if 200 <= exchange.status < 300:
            seen.add(example)
    for example in seen:
        coverage.see((Dimension.EXAMPLES, name, status, example), how)


def _examples_of_request(coverage: Coverage, exchange: RecordedExchange, operation: Operation) -> list[str]:
    if operation.method != exchange.method or not exchange.request_body:
        return []
    request = document_of(exchange.request_body)
    return [name for name, value in coverage.requests[operation.id].items() if value == request]


def is_like(answer: Json, example: Json) -> bool:
    """Return whether an answer is the one of an example; of errors, the codes and places are compared."""
    if codes(example):
        return bool(_essentials(answer) == _essentials(example))
    return example is not None and bool(answer == example)


def _essentials(document: Json) -> Json:
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return None
    return [(each.get("code"), each.get("source")) for each in errors if isinstance(each, dict)]
