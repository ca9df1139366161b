"""The application of a service whose operations are functions, which Connexion finds."""

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, cast

from eqkit.contract.messages.compiled import CompiledContract
from eqkit.web.app import Application
from eqkit.web.connexion import ConnexionMiddleware, LifespanMiddleware, add_contract
from eqkit.web.logs.request_log import RequestLog
from eqkit.web.messages.error_responses import ErrorResponses
from eqkit.web.messages.links import LinkBases
from eqkit.web.messages.negotiation import JSON_API
from eqkit.web.middleware.base import App
from eqkit.web.middleware.binding import Endpoint, HandlerResolver
from eqkit.web.middleware.faults import Faults
from eqkit.web.middleware.idempotency import Idempotency
from eqkit.web.middleware.preferences import Preferences
from eqkit.web.middleware.response_validation import response_validation
from eqkit.web.middleware.routing import Routing
from eqkit.web.middleware.security import Security
from eqkit.web.middleware.strictness import StrictClients
from eqkit.web.middleware.validation import RequestValidation
from eqkit.web.middleware.wire import Wire
from eqkit.web.pages import pages, sample_key


class ServiceApplication(Application):
    """The ASGI application of a service with a package of handlers."""

    def _public_apps(self, request_log: RequestLog | None) -> tuple[App, App]:
        """Return the application that answers requests, and the one that lives through the lifespan."""
        whole = self._public_middleware(request_log)
        add_contract(whole, self.contract)
        # Connexion's own application, without its detour for the lifespan.
        return cast(LifespanMiddleware, whole.app).next_app, whole

    def _public_middleware(self, request_log: RequestLog | None) -> ConnexionMiddleware:
        """Return the middleware of the public contract, outermost first, as a request passes them."""
        settings, service, responses = self.settings, self.service, ErrorResponses()
        compiled = CompiledContract(self.contract.document)
        shown = pages(self.contract, service, sample_key(settings.key, service))
        middlewares: list[Any] = [
            LifespanMiddleware,
            partial(
                Wire,
                link_bases=LinkBases(settings),
                drain=self.drain,
                responses=responses,
                is_journaled=True,
                request_log=request_log,
            ),
            *response_validation(settings, compiled, JSON_API, self.broken, responses),
            partial(Routing, pages=shown, read_alias=service.read_alias),
            partial(Security, sandboxes=self.sandboxes, realm=service.title),
            partial(
                RequestValidation,
                compiled=compiled,
                max_request=settings.max_request,
                max_body=service.max_text,
                max_bulk=service.max_items,
            ),
            Preferences,
            partial(Faults, drain=self.drain),
            Idempotency,
            *([StrictClients] if settings.strict_clients else []),
            *service.middleware(),
        ]
        return ConnexionMiddleware(
            Endpoint(self.sandboxes),
            middlewares=middlewares,
            lifespan=self._lifespan,
            resolver=HandlerResolver(service.handlers),
            import_name=__name__,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Any) -> AsyncIterator[None]:
        yield
        self.sandboxes.close()
