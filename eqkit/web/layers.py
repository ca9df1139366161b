"""What our layers share: Connexion's routed layers, with everything about an operation worked out once."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from connexion.middleware.abstract import RoutedAPI, RoutedMiddleware

from eqkit.contract.operations import Contract, Operation
from eqkit.web.exchange import EXCHANGE, Exchange

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class LayerAPI(RoutedAPI[App]):
    """The steps of one layer, one for each operation, made when the API is added."""

    def __init__(self, *args: Any, contract: Contract, layer: "Layer", **kwargs: Any) -> None:
        """Make the steps; raises ContractError for an operation that the layer cannot serve."""
        super().__init__(*args, **kwargs)
        self._contract = contract
        self._layer = layer
        self.add_paths()

    def make_operation(self, operation: Any) -> App:
        """Ask the layer for the step of one operation."""
        return self._layer.step(self._contract.operations[operation.operation_id], operation)


class Layer(RoutedMiddleware[LayerAPI]):
    """A layer that acts once the request's operation is known."""

    api_cls = LayerAPI

    def add_api(self, specification: Any, **kwargs: Any) -> Any:
        """Make the steps for every operation of a specification."""
        return super().add_api(specification, layer=self, **kwargs)

    def step(self, operation: Operation, resolved: Any) -> App:
        """Return what the layer does for an operation; `resolved` is Connexion's view of it."""
        raise NotImplementedError


def exchange_of(scope: Scope) -> Exchange:
    """Return the exchange that the outermost layer put into the scope."""
    exchange: Exchange = scope[EXCHANGE]
    return exchange
