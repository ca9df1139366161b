"""The application: one visible list of layers, from the wire to the handler."""

import contextlib
import importlib.resources
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.delay.clock import Clock, WallClock
from eqkit.delay.instants import WaitUntilUnit
from eqkit.errors import ContractBroken
from eqkit.sandbox.sandbox import Rules
from eqkit.sandbox.sandboxes import SAMPLE_KEY, Sandboxes
from eqkit.settings import Settings
from eqkit.web.binding import Endpoint, HandlerResolver
from eqkit.web.connexion import ConnexionMiddleware, LifespanMiddleware
from eqkit.web.error_answers import ErrorAnswers, Errors
from eqkit.web.exchange import Receive, Scope, Send
from eqkit.web.idempotency import Idempotency
from eqkit.web.links import LinkBases
from eqkit.web.pages import pages
from eqkit.web.preferences import Preferences
from eqkit.web.responses import ResponseValidation
from eqkit.web.routing import Routing
from eqkit.web.security import Security
from eqkit.web.validation import RequestValidation
from eqkit.web.variants import variant
from eqkit.web.wire import Drain, Wire

HANDLERS = "eqkit.handlers"
READ_ALIAS = ("/v1/api/", "/v1/")
"""The docs' links say /v1/api where their requests say /v1 (ruling D3)."""


class Application:
    """The ASGI application, with what a server or a test may want of its inside.

    `sandboxes` are the worlds behind the keys, `drain` is its way to shut down, and `broken` collects
    every answer that the contract would not have signed, where answers are validated.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        make_clock: Callable[[], Clock] = WallClock,
        handlers: str = HANDLERS,
    ) -> None:
        """Build every layer, over the package `handlers`; raises ContractError for what cannot be served."""
        self.settings = settings = settings or Settings()
        document = load_contract()
        self.contract = Contract(variant(document, settings))
        self.sandboxes = Sandboxes(settings.key, _rules(settings), make_clock)
        self.drain = Drain()
        self.broken: list[ContractBroken] = []
        self._app = self._layers(handlers)
        self._app.add_api(self.contract.document.data, contract=self.contract, base_path="")
        # Connexion builds its layers on the first call, which may as well be now.
        self._app.app, self._app.middleware_stack = self._app._build_middleware_stack()  # noqa: SLF001

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live through a lifespan."""
        await self._app(scope, receive, send)

    def _layers(self, handlers: str) -> ConnexionMiddleware:
        """Return the layers, outermost first: what a request passes on its way in."""
        settings, answers = self.settings, ErrorAnswers()
        judged = [partial(ResponseValidation, broken=self.broken, answers=answers)]
        # The keys of a closed server are told to nobody who has none.
        key = "YOUR-KEY" if settings.key else SAMPLE_KEY
        layers: list[Any] = [
            partial(Wire, link_bases=LinkBases(settings), drain=self.drain, answers=answers),
            *(judged if settings.validate_responses else []),
            partial(Errors, answers=answers),
            LifespanMiddleware,
            partial(Routing, pages=pages(self.contract, key), read_alias=READ_ALIAS),
            partial(Security, sandboxes=self.sandboxes),
            partial(RequestValidation, max_request=settings.max_request, max_body=settings.max_body),
            Preferences,
            Idempotency,
        ]
        return ConnexionMiddleware(
            Endpoint(settings.enqueue_status),
            middlewares=layers,
            lifespan=self._lifespan,
            resolver=HandlerResolver(handlers),
            import_name=__name__,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Any) -> AsyncIterator[None]:
        yield
        self.sandboxes.close()


def load_contract() -> Document:
    """Load the contract that is installed with eqkit."""
    with importlib.resources.as_file(
        importlib.resources.files("eqkit.openapi") / "elasticqueue.yaml"
    ) as path:
        return Document.load(path)


def _rules(settings: Settings) -> Rules:
    return Rules(
        unit=WaitUntilUnit(settings.wait_until_unit),
        declared_queues=frozenset(settings.declared_queues),
        max_delay_ms=None if settings.max_delay is None else settings.max_delay * 1000,
        seed=settings.seed,
    )
