"""What we build on of Connexion, loaded without what it needs for tests and the network only.

``import connexion`` would take most of the start-up: the package brings a test client along, and libraries
that it calls only for a document or a key that lies on the network. So the package itself and those libraries
are put in place unopened: their code runs when something in them is first used, by whomever.
"""

import importlib.util
import sys
import warnings
from types import ModuleType
from typing import Any

_UNOPENED = ("connexion", "httpx", "requests")


class _Unopened(ModuleType):
    """A module whose code has not run yet.

    `importlib.util.LazyLoader` does the same for any attribute, and so already for ``import name``.
    """

    def __getattr__(self, name: str) -> Any:
        """Run the module's code when something is wanted that is not there."""
        self.__class__ = ModuleType  # type: ignore[assignment]
        assert self.__spec__ is not None
        assert self.__spec__.loader is not None
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def _put_in_place(name: str) -> None:
    spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is not None:
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        module.__class__ = _Unopened


for _name in _UNOPENED:
    _put_in_place(_name)
with warnings.catch_warnings():
    # Connexion 3.3 imports names that newer releases of jsonschema deprecate; its users can't help it.
    warnings.simplefilter("ignore")
    from connexion.middleware.abstract import (
        AbstractRoutingAPI,
        RoutedAPI,
        RoutedMiddleware,
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
    "RoutedMiddleware",
    "SpecMiddleware",
]
