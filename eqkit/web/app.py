"""The application: one visible list of middleware, from the wire to the handler."""

import asyncio
import contextlib
import gc
import importlib.resources
from collections.abc import AsyncIterator, Callable, Collection, Mapping, MutableSequence
from functools import partial
from types import MappingProxyType
from typing import Any, cast

from eqkit.contract.document import Document
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract
from eqkit.errors import ContractBroken
from eqkit.sandbox.memory import Memory
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.settings import Settings
from eqkit.timing.clock import Clock, WallClock
from eqkit.web.background import Background
from eqkit.web.connexion import ConnexionMiddleware, LifespanMiddleware
from eqkit.web.logs.request_log import RequestLog
from eqkit.web.messages.context import Receive, Scope, Send
from eqkit.web.messages.documented import example_names
from eqkit.web.messages.error_responses import ErrorResponses
from eqkit.web.messages.links import LinkBases
from eqkit.web.messages.negotiation import JSON, JSON_API
from eqkit.web.middleware.base import App
from eqkit.web.middleware.binding import Endpoint, HandlerResolver
from eqkit.web.middleware.control import Guard, KeyIn, SandboxChoice, is_loopback, key_in_authorization
from eqkit.web.middleware.faults import Faults
from eqkit.web.middleware.idempotency import Idempotency
from eqkit.web.middleware.preferences import Preferences
from eqkit.web.middleware.response_validation import ResponseValidation
from eqkit.web.middleware.routing import Routing
from eqkit.web.middleware.security import Security
from eqkit.web.middleware.strictness import StrictClients
from eqkit.web.middleware.validation import RequestValidation
from eqkit.web.middleware.wire import Drain, Wire
from eqkit.web.outbound import HttpOutbound
from eqkit.web.pages import documents, pages, sample_key
from eqkit.web.service import Service

MOCKS = "eqkit.mocks"
CONTROL_PATH = "/_mock"
CONTROL_TAGS = frozenset(("clock", "events", "faults", "journal", "limits", "sandboxes", "webhooks"))
"""The tags of the control plane that there are for any service."""

NO_SERVICES: Mapping[str, Any] = MappingProxyType({})


class Application:
    """The ASGI application, with the inner parts that a server or a test may want.

    It serves a `service`. `sandboxes` are those behind the keys, `drain` is its way to shut down, and
    `broken` collects every answer that the contract would not have signed, where answers are validated.
    """

    sandboxes_type = Sandboxes

    def __init__(
        self,
        service: Service,
        settings: Settings,
        make_clock: Callable[[], Clock] = WallClock,
        request_log: RequestLog | None = None,
    ) -> None:
        """Build every middleware over the handlers of a service; raises ContractError if that cannot be.

        `request_log` gets the requests of the public API; those of the control plane are no traffic.
        """
        self.settings, self.service = settings, service
        self.contract = service.contract()
        self.sandboxes = self.sandboxes_type(
            settings.key,
            Rules(seed=settings.seed, operations=frozenset(self.contract.operations)),
            make_clock,
            max_sandboxes=settings.max_sandboxes,
            idle_s=settings.sandbox_idle,
            outbound=HttpOutbound(loopback_only=settings.webhook_targets == "loopback"),
            memory=Memory(settings.max_memory),
            service=service,
        )
        self.drain = Drain(self.sandboxes.end_waits)
        self.broken: list[ContractBroken] = []
        self._answer, self._public = self._public_apps(request_log)
        self._has_control = has_control(settings)
        self._loop: asyncio.AbstractEventLoop | None = None
        # Half of the start-up; only requests to the control plane wait for it.
        self._control = Background(self._build_control)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live through a lifespan, in any event loop."""
        if (loop := asyncio.get_running_loop()) is not self._loop:
            self._begin_loop(loop)
        if self._has_control and scope["type"] == "http" and is_control(scope["path"]):
            control = await self._control.get()
            await control(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._public(scope, receive, send)

    def _begin_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go on in a loop that is not the one of the request before: each test may have its own."""
        if self._loop is not None:
            self.drain.begin_loop()
            self.sandboxes.begin_loop(has_ended=self._loop.is_closed())
        self._loop = loop

    def _public_apps(self, request_log: RequestLog | None) -> tuple[App, App]:
        """Return the application that answers requests, and the one that lives through the lifespan."""
        whole = self._public_middleware(request_log)
        _add(whole, self.contract)
        # Connexion's own application, without its detour for the lifespan.
        return cast(LifespanMiddleware, whole.app).next_app, whole

    def _public_middleware(self, request_log: RequestLog | None) -> ConnexionMiddleware:
        """Return the middleware of the public contract, outermost first, as a request passes them."""
        settings, service, responses = self.settings, self.service, ErrorResponses()
        compiled = CompiledContract(self.contract.document)
        shown = pages(self.contract, service, sample_key(settings.key))
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
            *_validated(settings, compiled, JSON_API, self.broken, responses),
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

    def prepare(self) -> None:
        """Begin the work of a server that answers; its event loop runs."""
        self.prepare_control()

    def prepare_control(self) -> None:
        """Begin to build the control plane, which would else be built when it is first asked for."""
        if self._has_control:
            self._control.begin()

    def _control_document(self) -> Document:
        """Return the document of the control plane, with the operations that the service has."""
        return tagged(load_contract("mock.yaml"), CONTROL_TAGS | self.service.control_tags)

    def _control_services(self) -> dict[str, Any]:
        """Return the values that the handlers of the control plane may ask for by name."""
        return {"example_names": partial(example_names, self.contract)}

    def _key_in(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Return the key of a sandbox that a request to the control plane names."""
        return key_in_authorization(headers)

    def _build_control(self) -> ConnexionMiddleware:
        service = self.service
        control = control_plane(
            Contract(self._control_document()),
            self.settings,
            self.sandboxes,
            self.drain,
            self.broken,
            realm=service.title,
            services=self._control_services(),
            key_in=self._key_in,
        )
        if gc.get_freeze_count():
            # It stays for good, like the objects that the server has frozen after the start-up.
            gc.freeze()
        return control

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Any) -> AsyncIterator[None]:
        yield
        self.sandboxes.close()


def control_plane(
    contract: Contract,
    settings: Settings,
    sandboxes: Sandboxes,
    drain: Drain,
    broken: MutableSequence[ContractBroken],
    *,
    realm: str,
    nothing_else: str = "",
    services: Mapping[str, Any] = NO_SERVICES,
    key_in: KeyIn = key_in_authorization,
) -> ConnexionMiddleware:
    """Return the middleware of a control plane: never journaled as traffic, never faulted.

    `nothing_else` is the reason in the 404 for any other path; `services` are values for its handlers by
    name, and `key_in` knows the place of a sandbox's key.
    """
    responses, compiled = ErrorResponses(), CompiledContract(contract.document)
    links = LinkBases(settings)
    middlewares: list[Any] = [
        partial(Wire, link_bases=links, drain=drain, responses=responses, media_type=JSON.encode()),
        *_validated(settings, compiled, JSON, broken, responses),
        partial(Guard, token=settings.control_token, realm=realm),
        partial(Routing, pages=documents(contract, CONTROL_PATH), nothing_else=nothing_else),
        partial(SandboxChoice, sandboxes=sandboxes, realm=realm, key_in=key_in),
        partial(
            RequestValidation,
            compiled=compiled,
            max_request=settings.max_request,
            max_body=settings.max_request,
        ),
    ]
    control = ConnexionMiddleware(
        Endpoint(sandboxes, **services),
        middlewares=middlewares,
        resolver=HandlerResolver(MOCKS),
        import_name=__name__,
    )
    _add(control, contract, CONTROL_PATH)
    return control


def has_control(settings: Settings) -> bool:
    """Return whether a server shows its control plane: to this machine alone, unless there is a token."""
    return settings.control and bool(settings.control_token or is_loopback(settings.host))


def is_control(path: str) -> bool:
    """Return whether a path is one of the control plane."""
    return path.startswith(CONTROL_PATH) and path[len(CONTROL_PATH) :][:1] in ("", "/")


def tagged(document: Document, tags: Collection[str]) -> Document:
    """Return a document of a control plane with the operations of some tags and no others."""
    paths = {
        path: item
        for path, item in document.data["paths"].items()
        if all(tag in tags for node in item.values() if "tags" in node for tag in node["tags"])
    }
    if len(paths) == len(document.data["paths"]):
        return document
    shown = [tag for tag in document.data.get("tags", ()) if tag["name"] in tags]
    return Document(document.data | {"paths": paths, "tags": shown})


def load_contract(name: str) -> Document:
    """Load a document that is installed with eqkit: a contract, or that of the control plane."""
    with importlib.resources.as_file(importlib.resources.files("eqkit.openapi") / name) as path:
        return Document.load(path)


def _add(app: ConnexionMiddleware, contract: Contract, base_path: str = "") -> None:
    app.add_api(contract.document.data, contract=contract, base_path=base_path)
    # Connexion builds its middleware on the first call, which may as well be now.
    app.app, app.middleware_stack = app._build_middleware_stack()  # noqa: SLF001


def _validated(
    settings: Settings,
    compiled: CompiledContract,
    media_type: str,
    broken: MutableSequence[ContractBroken],
    responses: ErrorResponses,
) -> list[Any]:
    if not settings.validate_responses:
        return []
    return [
        partial(
            ResponseValidation, compiled=compiled, media_type=media_type, broken=broken, responses=responses
        )
    ]
