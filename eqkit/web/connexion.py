"""The parts of Connexion that the server builds on, imported in one place."""

import warnings
from typing import Any

from eqkit.contract.operations import Contract
from eqkit.web.middleware.base import Middleware

with warnings.catch_warnings():
    # Connexion 3.3 imports names that newer releases of jsonschema and starlette deprecate.
    warnings.simplefilter("ignore")
    # The package first: its modules import each other, and another thread may be importing it right now.
    import connexion
    from connexion.middleware.abstract import (
        AbstractRoutingAPI,
        RoutedAPI,
        SpecMiddleware,
    )
    from connexion.middleware.lifespan import LifespanMiddleware
    from connexion.middleware.main import ConnexionMiddleware
    from connexion.resolver import Resolution, Resolver
__all__ = [
    "AbstractRoutingAPI",
    "ConnexionMiddleware",
    "LifespanMiddleware",
    "Resolution",
    "Resolver",
    "RoutedAPI",
    "SpecMiddleware",
    "add_contract",
    "connexion",
]

# Connexion adds its specification to what is one of these; ours have to load without it.
SpecMiddleware.register(Middleware)


def add_contract(app: ConnexionMiddleware, contract: Contract, base_path: str = "") -> None:
    """Add a contract to all middleware of an application; raises ContractError if one can't serve it."""
    app.add_api(_skeleton(contract), contract=contract, base_path=base_path)
    # Connexion builds its middleware on the first call, which may as well be now.
    app.app, app.middleware_stack = app._build_middleware_stack()  # noqa: SLF001


def _skeleton(contract: Contract) -> dict[str, Any]:
    """Return what Connexion needs of a contract: the paths, and the names that lead to functions.

    It would write out every reference of the whole, and validate that, which takes twice as long as all else.
    """
    nodes = (
        (each.path, each.method.lower(), contract.document.at(each.pointer))
        for each in contract.operations.values()
    )
    paths: dict[str, Any] = {}
    for path, method, node in nodes:
        named = {name: node[name] for name in ("operationId", "tags") if name in node}
        paths.setdefault(path, {})[method] = named | {"responses": {"default": {"description": ""}}}
    return {"openapi": "3.0.3", "info": {"title": "", "version": ""}, "paths": paths}
