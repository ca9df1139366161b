"""The common part of our layers: Connexion's routed layers, bound step to step when an API is added."""

from collections.abc import Awaitable, Callable
from typing import Any

from eqkit.contract.operations import Contract, Operation
from eqkit.web.connexion import RoutedAPI, RoutedMiddleware
from eqkit.web.messages.exchange import EXCHANGE, Answer, Exchange, Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]
Step = Callable[[Exchange], Awaitable[Answer]]
"""The step of one layer for one operation: answer, or let the following step do it."""


class LayerAPI(RoutedAPI[Step]):
    """The steps of one layer, one for each operation, made when the API is added."""

    def __init__(self, *args: Any, contract: Contract, layer: "Layer", **kwargs: Any) -> None:
        """Make the steps; raises ContractError for an operation that the layer cannot serve."""
        super().__init__(*args, **kwargs)
        self._contract = contract
        self._layer = layer
        layer.contract = contract
        self.add_paths()

    def make_operation(self, operation: Any) -> Step:
        """Ask the layer for the step of one operation."""
        known = self._contract.operations[operation.operation_id]
        step = self._layer.steps[known.id] = self._layer.step(known, operation, self._layer.following(known))
        return step


class Layer(RoutedMiddleware[LayerAPI]):
    """A layer that acts once the request's operation is known.

    Connexion adds an API to the innermost layer first, so that each step is made knowing the one after it:
    a request goes from step to step, and nothing is looked up on the way.
    """

    api_cls = LayerAPI
    contract: Contract
    """That of the API which is being added."""

    def __init__(self, app: App) -> None:
        """Take the next layer."""
        super().__init__(app)
        self.steps: dict[str, Step] = {}
        """The layer's step of each operation, by operationId."""

    def add_api(self, specification: Any, **kwargs: Any) -> Any:
        """Make the steps for every operation of a specification."""
        return super().add_api(specification, layer=self, **kwargs)

    def following(self, operation: Operation) -> Step:
        """Return the step of the next layer."""
        return self.app.steps[operation.id] if isinstance(self.app, Layer) else _nothing_follows

    def step(self, operation: Operation, resolved: Any, following: Step) -> Step:
        """Return the step of the layer for an operation; `resolved` is Connexion's view of it."""
        raise NotImplementedError


async def _nothing_follows(exchange: Exchange) -> Answer:
    raise AssertionError("the innermost layer answers every request")


def exchange_of(scope: Scope) -> Exchange:
    """Return the exchange that the outermost layer put into the scope."""
    exchange: Exchange = scope[EXCHANGE]
    return exchange
