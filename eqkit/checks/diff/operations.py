"""The operations of one document by method and path, under any names of the path's parameters."""

import re
from dataclasses import dataclass, field

from eqkit.checks.diff.parameters import Parameters, parameters
from eqkit.checks.diff.schemas.views import View
from eqkit.contract.document import Document
from eqkit.contract.operations import METHODS

ALL_METHODS = tuple(dict.fromkeys([*METHODS, "query"]))
"""The methods that a path item has a member for; 3.2 has added ``query``."""


def methods_of(item: View) -> dict[str, View]:
    """Return the operations of a path item by method; since 3.2 ``additionalOperations`` has others."""
    found = {method.upper(): item.child(method) for method in ALL_METHODS if item.get(method) is not None}
    return found | item.members("additionalOperations")


@dataclass(slots=True)
class Operations:
    """The operations of a document; `items` are the path items that they stand in."""

    document: Document
    by_key: dict[str, View] = field(default_factory=dict)
    items: dict[str, View] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path, item in self.root.members("paths").items():
            if path.startswith("x-"):
                continue
            item.object()  # a path without anything is no valid one
            for method, operation in methods_of(item).items():
                key = f"{method} {re.sub(r'{[^}]*}', '{}', path)}"
                self.by_key[key], self.items[key], self.paths[key] = operation, item, path

    @property
    def root(self) -> View:
        """The whole document."""
        return View(self.document, self.document.data)

    def name(self, key: str) -> str:
        """Return an operation's method and path as the document writes them."""
        return f"{key.partition(' ')[0]} {self.paths[key]}"

    def parameters(self, key: str) -> Parameters:
        """Return the parameters by place and name; path parameters by their position in the path."""
        return parameters(self.items[key], self.by_key[key], self.paths[key])

    def servers(self, key: str) -> View:
        """Return the holder of the nearest list of servers: the operation, its path or the document."""
        return next((each for each in (self.by_key[key], self.items[key]) if each.get("servers")), self.root)

    def security(self, key: str) -> View:
        """Return the holder of the list of security alternatives: the operation or the document."""
        operation = self.by_key[key]
        return self.root if operation.get("security") is None else operation
