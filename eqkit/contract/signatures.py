"""The functions that answer the operations of a contract: module, name and parameters of each.

Server and scaffold read one table, so that a stub is always found again:

- The first tag of an operation is the module, DEFAULT_MODULE for one without; tags that differ in their
  spelling alone share a module.
- The operationId is the function; without one it is method and path (``GET /pets/{id}`` is ``get_pets_id``).
  Operations of one module whose operationIds are the same name are called by method and path, all of them,
  and of those that still share a name the second is ``…_2``, in the order of the document.
- A parameter is called by its name, and by place and name (``query_id``) where several have the name or a
  tool has it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eqkit.contract.identifiers import identifier
from eqkit.contract.messages.parameters import IGNORED_HEADERS
from eqkit.contract.operations import Contract, Operation, Parameter

DEFAULT_MODULE = "default"
"""The module of the operations without a tag."""

OK = 200
SANDBOX = "sandbox"
BODY = "body"
TOOLS = ("clock", "events", "example", "generated", "links", "random", "request", "store", "webhooks")
"""The names by which a function asks for more than its operation's parameters."""


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter of an operation, and its name in Python."""

    name: str
    parameter: Parameter


@dataclass(frozen=True, slots=True)
class Signature:
    """The function that answers an operation; `takes_body` where the operation has a request body."""

    operation: Operation
    module: str
    function: str
    arguments: tuple[Argument, ...]
    takes_body: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all that the operation has for its function, beside the sandbox and the tools."""
        return (*(each.name for each in self.arguments), *((BODY,) if self.takes_body else ()))


def usual_status(operation: Operation) -> int:
    """Return the status of an operation that goes well: its lowest 2xx.

    It is 200 where only a range, ``default`` or nothing is documented; an operation that has no success at
    all, such as one that always redirects, ends with its lowest status from 300 up.
    """
    statuses = sorted(operation.responses)
    found = next((each for each in statuses if 200 <= each < 300), None)
    if found is not None:
        return found
    if not statuses or {"2XX", "default"} & operation.fallbacks.keys():
        return OK
    # A status below 200 ends no exchange (RFC 9110 15.2).
    return next((each for each in statuses if each >= 300), OK)


class Signatures:
    """The functions of all operations of a contract, in the document's order."""

    def __init__(self, contract: Contract) -> None:
        """Work the names out."""
        self.collisions: list[str] = []
        """One line for each name that several operations of a module would have had."""
        by_module: dict[str, list[Operation]] = {}
        for operation in contract.operations.values():
            by_module.setdefault(_module(operation), []).append(operation)
        self.modules = {
            module: tuple(self._signatures(module, operations)) for module, operations in by_module.items()
        }
        """The functions of each module, by its name."""
        self.of = {each.operation.id: each for found in self.modules.values() for each in found}
        """The function of each operation, by its id."""

    def _signatures(self, module: str, operations: list[Operation]) -> Iterator[Signature]:
        for operation, function in zip(operations, self._functions(module, operations), strict=True):
            yield Signature(
                operation, module, function, tuple(_arguments(operation.parameters)), bool(operation.bodies)
            )

    def _functions(self, module: str, operations: list[Operation]) -> Iterator[str]:
        by_id = [identifier(each.id, "operation") for each in operations]
        counts, used = Counter(by_id), set(by_id)
        taken = {name for name, count in counts.items() if count == 1}
        for operation, name in zip(operations, by_id, strict=True):
            if counts[name] == 1:
                yield name
                continue
            instead = _free(identifier(f"{operation.method} {operation.path}", "operation"), taken | used)
            taken.add(instead)
            self.collisions.append(
                f"{module}.py: {name} would be {counts[name]} operations; {operation.id!r} is {instead}"
            )
            yield instead


def _module(operation: Operation) -> str:
    return DEFAULT_MODULE if operation.tag is None else identifier(str(operation.tag), "tag")


def _arguments(parameters: Iterable[Parameter]) -> Iterator[Argument]:
    known = [
        each for each in parameters if each.place != "header" or each.name.lower() not in IGNORED_HEADERS
    ]
    names = [identifier(each.name, "parameter") for each in known]
    counts = Counter(names)
    reserved = (SANDBOX, BODY, *TOOLS)
    taken = {name for name, count in counts.items() if count == 1} - {*reserved}
    for parameter, name in zip(known, names, strict=True):
        if counts[name] == 1 and name not in reserved:
            yield Argument(name, parameter)
            continue
        placed = _free(identifier(f"{parameter.place} {parameter.name}", "parameter"), taken | {*reserved})
        taken.add(placed)
        yield Argument(placed, parameter)


def _free(name: str, taken: set[str]) -> str:
    """Return a name, with a number behind it where it is taken already."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    return found
