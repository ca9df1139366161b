"""The application of any contract: its operations get their handlers when they are first asked for."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from eqkit.answers.error_documents import ErrorDocuments
from eqkit.answers.generating import Generator
from eqkit.contract.document import Document
from eqkit.contract.loading.any_contract import Loaded, load_any
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract, Operation
from eqkit.sandbox.credential_sandboxes import CredentialSandboxes
from eqkit.timing.clock import Clock, WallClock
from eqkit.web.app import Application
from eqkit.web.background import Background
from eqkit.web.contracts.answers.answering import ContractAnswers
from eqkit.web.contracts.answers.locales import local_texts
from eqkit.web.contracts.answers.samples import RequestSamples
from eqkit.web.contracts.answers.ways import own_ways
from eqkit.web.contracts.control_document import control_document
from eqkit.web.contracts.credentials.scopes import TokenScopes
from eqkit.web.contracts.error_responses import ContractErrorResponses
from eqkit.web.contracts.handlers import UserHandlers
from eqkit.web.contracts.outgoing.callbacks import OperationCallbacks
from eqkit.web.contracts.outgoing.webhooks import ContractWebhooks
from eqkit.web.contracts.routing import ContractRouting
from eqkit.web.contracts.security import ContractSecurity, key_in_headers
from eqkit.web.contracts.service import ContractService
from eqkit.web.contracts.settings import ContractSettings
from eqkit.web.contracts.validation import ContractValidation
from eqkit.web.logs.request_log import RequestLog
from eqkit.web.messages.context import Receive, RequestContext, Response, Scope, Send
from eqkit.web.messages.cors import exposing
from eqkit.web.messages.links import LinkBases
from eqkit.web.messages.request_bodies import BodyReader
from eqkit.web.middleware.base import App, Handler
from eqkit.web.middleware.faults import FaultHandler
from eqkit.web.middleware.idempotency import HEADER, IdempotencyHandler
from eqkit.web.middleware.preferences import PreferenceHandler
from eqkit.web.middleware.wire import Wire
from eqkit.web.pages import pages, sample_key

if TYPE_CHECKING:
    from eqkit.web.contracts.watching import Watcher

logger = logging.getLogger("eqkit.contract")

LONG = 262_144
"""From how many bytes on a document is not searched for the line of a rule that a request has broken."""

MAX_PLACES = 1024
"""How many places of rules are remembered: many requests break the same ones."""


class ContractApplication(Application):
    """The ASGI application for a service that is nothing but a contract."""

    settings: ContractSettings
    service: ContractService
    sandboxes: CredentialSandboxes
    _handlers: UserHandlers | None
    _webhooks: ContractWebhooks
    _outdated: UserHandlers | None = None
    sandboxes_type = CredentialSandboxes

    def __init__(
        self,
        service: ContractService,
        settings: ContractSettings,
        make_clock: Callable[[], Clock] = WallClock,
        request_log: RequestLog | None = None,
        watcher: "Callable[[ContractApplication], Watcher] | None" = None,
    ) -> None:
        """Take the service; raises ContractError if it cannot be served, and StartupError without Faker."""
        self._texts = None if settings.faker is None else local_texts(settings.faker)
        super().__init__(service, settings, make_clock, request_log)
        self._watcher = None if watcher is None else watcher(self)
        self._watching: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Begin to build the control plane, and to watch the files of the contract if that is set."""
        self.prepare_control()
        if self._watcher is not None:
            self._watching = asyncio.get_running_loop().create_task(self._watcher.run())

    def serve(self, service: ContractService) -> None:
        """Serve another contract, and its handlers as they are now; the sandboxes stay as they are.

        Raises ContractError for handlers that cannot be used, and SettingsError for scopes that cannot be
        read; then it goes on as before.
        """
        before, outdated = self.service, self._handlers
        try:
            self.service, self.contract = service, service.contract()
            routed = self._routed()
        except BaseException:
            self.service, self.contract = before, before.contract()
            raise
        self.sandboxes.know_operations(frozenset(self.contract.operations))
        self._wire.switch_to(*routed)
        # Requests under way go on with the modules from before, and are over when the next ones come.
        if self._outdated is not None:
            self._outdated.close()
        self._outdated = outdated
        self._control = Background(self._build_control)

    def _key_in(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Return the key as requests to the contract have it: by name, or with any scheme before it."""
        return key_in_headers(headers, self.sandboxes.lets_in)

    def _control_document(self) -> Document:
        """Return the document of the control plane, with the operations and the webhooks of this contract."""
        return control_document(
            super()._control_document(), list(self.contract.operations), self._webhooks.names
        )

    def _control_services(self) -> dict[str, Any]:
        """Return the values that the handlers of the control plane may ask for, the webhooks among them."""
        return super()._control_services() | {"contract_webhooks": self._webhooks}

    def _public_apps(self, request_log: RequestLog | None) -> tuple[App, App]:
        self._reader = BodyReader(self.settings.max_request)
        routing, responses = self._routed()
        self._wire = Wire(
            routing,
            link_bases=LinkBases(self.settings),
            drain=self.drain,
            responses=responses,
            is_journaled=True,
            request_log=request_log,
        )
        return self._wire, self._live

    def _routed(self) -> tuple[ContractRouting, ContractErrorResponses]:
        """Return the routing of the contract, and its errors."""
        contract = self.contract
        compiled = CompiledContract(contract.document)
        errors = ErrorDocuments(compiled, contract.document)
        generator = Generator(compiled.responses, self._texts)
        webhooks = ContractWebhooks(contract.document, compiled, generator)
        folder, handlers = self.settings.handlers, None
        if folder is not None:
            handlers = UserHandlers(
                folder,
                contract,
                compiled,
                webhooks,
                validates=self.settings.validate_responses,
                place=self.service.place,
            )
            for line in handlers.warnings:
                logger.warning("%s", line)
        parts = _Parts(
            compiled,
            own_ways(contract, self.service.place),
            generator,
            errors,
            ContractSecurity(contract.document, self.sandboxes, TokenScopes.read(self.settings.scopes)),
            handlers,
        )
        shown = pages(contract, self.service, sample_key(self.settings.key, self.service))
        routing = ContractRouting(
            contract,
            partial(self._bound, parts),
            shown,
            query_preferences=self.settings.query_preferences,
        )
        self._handlers, self._webhooks = handlers, webhooks
        return routing, ContractErrorResponses(errors, compiled, parts.generator, self.service.place)

    def _bound(self, parts: "_Parts", operation: Operation) -> Handler:
        """Return the first of the handlers of an operation, as a request passes them."""
        generates = parts.own_ways.get(operation.id, self.settings.answer) == "generated"
        answers = ContractAnswers(
            operation,
            parts.compiled,
            parts.generator,
            parts.errors,
            generates=generates,
            pause_ms=self.settings.stream_pause,
        )

        callbacks = OperationCallbacks(operation, parts.compiled, parts.generator)
        handler = None if parts.handlers is None else parts.handlers.handler(operation)

        async def answer(context: RequestContext) -> Response:
            if handler is None:
                response = answers.default(context)
            else:
                response = await handler(context, RequestSamples(answers, context))
            if callbacks:
                callbacks.send(context, response)
            return response

        keys = any(each.lower() == HEADER.lower() for each in operation.in_place("header"))
        following: Handler = IdempotencyHandler(answer) if keys else answer
        following = PreferenceHandler(FaultHandler(following, operation, self.drain, answers))
        compiled = parts.compiled.operation(operation.pointer)
        following = ContractValidation(
            following, operation, compiled, self._reader, self.settings.validation, self.service.place
        )
        return _exposed(parts.security.handler(operation, following), operation)

    async def _live(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Live through the lifespan of a server."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._watching is not None:
            self._watching.cancel()
        self.sandboxes.close()
        await send({"type": "lifespan.shutdown.complete"})


def contract_application(
    settings: ContractSettings,
    make_clock: Callable[[], Clock] = WallClock,
    request_log: RequestLog | None = None,
) -> ContractApplication:
    """Return a mock of the contract that is set; raises ContractError for one that can't be served."""
    assert settings.contract is not None

    def load() -> Loaded:
        found = load_any(
            str(settings.contract),
            overlays=settings.overlay,
            strict=settings.strict,
            allow_remote=settings.allow_remote,
        )
        return replace(found, files=(*found.files, *_watched(settings.handlers)))

    def serve(application: ContractApplication, loaded: Loaded) -> None:
        _tell(loaded)
        application.serve(service_of(loaded))
        # Of several changes in a row, the control plane is built for the last one.
        application.prepare_control()

    def service_of(loaded: Loaded) -> ContractService:
        return ContractService(Contract(loaded.document), loaded.title, _places(loaded))

    def watcher(application: ContractApplication) -> "Watcher":
        # Imported here, since only those who develop a contract wait for it.
        from eqkit.web.contracts.watching import Watcher

        return Watcher(load, partial(serve, application), loaded)

    loaded = load()
    _tell(loaded)
    return ContractApplication(
        service_of(loaded), settings, make_clock, request_log, watcher if settings.watch else None
    )


def _exposed(call_next: Handler, operation: Operation) -> Handler:
    """Let pages read the headers that a contract declares for an operation, such as ``X-Total-Count``."""
    lines = exposing(name for each in operation.answers for name in each.headers)
    if not lines:
        return call_next

    async def handler(context: RequestContext) -> Response:
        response = await call_next(context)
        return response.with_headers([*response.headers, *lines])

    return handler


def _watched(handlers: Path | None) -> list[Path]:
    """Return the modules of handlers, and their folders, whose time tells that there is a new module."""
    if handlers is None:
        return []
    modules = sorted(handlers.rglob("*.py"))
    return [*modules, *dict.fromkeys((handlers, *(each.parent for each in modules)))]


def _places(loaded: Loaded) -> Callable[[str], object]:
    """Return the finder of places in a document; of a long one, in which that takes long, of pointers."""
    size = sum(each.stat().st_size for each in loaded.files if each.is_file())
    return lru_cache(MAX_PLACES)(loaded.place) if size <= LONG else str


def _tell(loaded: Loaded) -> None:
    """Log the repairs of a document, a line each."""
    for line in (*map(str, loaded.repairs), *loaded.warnings):
        logger.warning("%s", line)


class _Parts(NamedTuple):
    """The parts that all operations of a contract share."""

    compiled: CompiledContract
    own_ways: Mapping[str, str]
    generator: Generator
    errors: ErrorDocuments
    security: ContractSecurity
    handlers: UserHandlers | None
