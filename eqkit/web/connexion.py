"""The parts of Connexion that the server builds on, imported in one place."""

import warnings

with warnings.catch_warnings():
    # Connexion 3.3 imports names that newer releases of jsonschema and starlette deprecate.
    warnings.simplefilter("ignore")
    # The package first: its modules import each other, and another thread may be importing it right now.
    import connexion
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
    "connexion",
]
