"""The names for handlers of your own (``eqkit serve CONTRACT --handlers FOLDER``).

A handler is a function that is named by its operation, in a module that is named by the operation's tag::

    from eqkit.serving import Problem, Result, Sandbox, Store

    def get_pet(sandbox: Sandbox, pet_id: int, store: Store) -> Result:
        pets = store.get("pets", {})
        if pet_id not in pets:
            raise Problem(404, f"There is no pet {pet_id}.")
        return pets[pet_id]

The sandbox comes first; then it takes the parameters of its operation by name, `body`, and the tools `clock`,
`events`, `example`, `generated`, `links`, `random`, `request`, `store` and `webhooks`.
"""

from random import Random
from typing import Any, Protocol

from eqkit import extras

try:
    from eqkit.sandbox.sandbox import Sandbox
    from eqkit.web.contracts.handlers.problems import Problem
    from eqkit.web.contracts.handlers.tools import Clock, Events, Links, Request, Webhooks
    from eqkit.web.messages.context import Response
except ImportError as error:
    if not extras.is_of_extra(error):
        raise
    raise ImportError(extras.missing("eqkit.serving", "server", error)) from error

__all__ = [
    "Clock",
    "Events",
    "Example",
    "Generated",
    "Links",
    "Problem",
    "Random",
    "Request",
    "Response",
    "Result",
    "Sandbox",
    "Store",
    "Webhooks",
]

Result = Any
"""The result of a handler: a JSON document, `bytes`, `str`, or None for a 204; with another status
``(status, document)``, with headers ``(status, document, headers)``; or a `Response`."""

Store = dict[str, Any]
"""A dictionary of the sandbox, for values that can be copied: snapshots keep it, a reset empties it."""


class Example(Protocol):
    """The tool `example`."""

    def __call__(self, status: int | None = None, name: str | None = None) -> Any:
        """Return an example of the contract, or else a generated value, for a status and by its name.

        Without a status it is that for the lowest documented 2xx.
        """
        ...


class Generated(Protocol):
    """The tool `generated`."""

    def __call__(self, status: int | None = None, **given: Any) -> Any:
        """Return a valid value for a status; the members `given` are taken over where the schema has them."""
        ...
