"""The application of any contract: its operations get their handlers when they are first asked for."""

import logging
from collections.abc import Callable

from eqkit.answers.generating import Generator
from eqkit.contract.loading.any_contract import load_any
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract, Operation
from eqkit.timing.clock import Clock, WallClock
from eqkit.web.app import Application
from eqkit.web.contracts.answering import ContractAnswers
from eqkit.web.contracts.error_responses import ContractErrorResponses
from eqkit.web.contracts.routing import ContractRouting
from eqkit.web.contracts.security import ContractSecurity
from eqkit.web.contracts.service import ContractService
from eqkit.web.contracts.settings import ContractSettings
from eqkit.web.contracts.validation import ContractValidation
from eqkit.web.logs.request_log import RequestLog
from eqkit.web.messages.context import Receive, RequestContext, Response, Scope, Send
from eqkit.web.messages.links import LinkBases
from eqkit.web.messages.request_bodies import BodyReader
from eqkit.web.middleware.base import App, Handler
from eqkit.web.middleware.faults import FaultHandler
from eqkit.web.middleware.idempotency import HEADER, IdempotencyHandler
from eqkit.web.middleware.preferences import PreferenceHandler
from eqkit.web.middleware.wire import Wire
from eqkit.web.pages import pages, sample_key

logger = logging.getLogger(__name__)


class ContractApplication(Application):
    """The ASGI application for a service that is nothing but a contract."""

    settings: ContractSettings

    def __init__(
        self,
        service: ContractService,
        settings: ContractSettings,
        make_clock: Callable[[], Clock] = WallClock,
        request_log: RequestLog | None = None,
    ) -> None:
        """Take the service; raises ContractError if it cannot be served."""
        super().__init__(service, settings, make_clock, request_log)

    def _public_apps(self, request_log: RequestLog | None) -> tuple[App, App]:
        self._compiled = CompiledContract(self.contract.document)
        self._generator = Generator(self._compiled.responses)
        self._security = ContractSecurity(self.contract.document, self.sandboxes, self.service.title)
        self._reader = BodyReader(self.settings.max_request)
        shown = pages(self.contract, self.service, sample_key(self.settings.key))
        wire = Wire(
            ContractRouting(self.contract, self._bound, shown),
            link_bases=LinkBases(self.settings),
            drain=self.drain,
            responses=ContractErrorResponses(self._compiled, self.contract.document),
            is_journaled=True,
            request_log=request_log,
        )
        return wire, self._live

    def _bound(self, operation: Operation) -> Handler:
        """Return the first of the handlers of an operation, as a request passes them."""
        answers = ContractAnswers(
            operation, self._compiled, self._generator, generates=self.settings.answer == "generated"
        )

        async def answer(context: RequestContext) -> Response:
            return answers.default(context)

        keys = any(each.lower() == HEADER.lower() for each in operation.in_place("header"))
        following: Handler = IdempotencyHandler(answer) if keys else answer
        following = PreferenceHandler(FaultHandler(following, operation, self.drain, answers))
        compiled = self._compiled.operation(operation.pointer)
        following = ContractValidation(following, operation, compiled, self._reader, self.settings.validation)
        return self._security.handler(operation, following)

    async def _live(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Live through the lifespan of a server."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.sandboxes.close()
        await send({"type": "lifespan.shutdown.complete"})


def contract_application(
    settings: ContractSettings,
    make_clock: Callable[[], Clock] = WallClock,
    request_log: RequestLog | None = None,
) -> ContractApplication:
    """Return a mock of the contract that is set; raises ContractError for one that can't be served."""
    assert settings.contract is not None
    loaded = load_any(settings.contract, strict=settings.strict)
    for line in (*map(str, loaded.repairs), *loaded.warnings):
        logger.warning("%s", line)
    service = ContractService(Contract(loaded.document), loaded.title)
    return ContractApplication(service, settings, make_clock, request_log)
