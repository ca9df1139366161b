"""ElasticQueue as the server plays it."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from eqkit.contract.operations import Contract
from eqkit.elasticqueue.client_warnings import MessageLinter
from eqkit.elasticqueue.literal_status import LiteralStatus
from eqkit.elasticqueue.overlays import overlaid
from eqkit.elasticqueue.queues import Queues
from eqkit.elasticqueue.rules import QueueRules
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.elasticqueue.wait_until import WaitUntilUnit
from eqkit.sandbox.client_warnings import ClientLinter
from eqkit.sandbox.sandboxes import SAMPLE_KEY
from eqkit.sandbox.service import SandboxContext
from eqkit.timing.clock import Clock, WallClock
from eqkit.web.app import load_contract
from eqkit.web.logs.request_log import RequestLog
from eqkit.web.service_application import ServiceApplication

HANDLERS = "eqkit.handlers"
READ_ALIAS = ("/v1/api/", "/v1/")
"""The docs' links say /v1/api where their requests say /v1 (ruling D3)."""


class ElasticQueue:
    """ElasticQueue, set as one server is (see `Service`)."""

    title = "ElasticQueue"
    about = (
        "A mock of the ElasticQueue API, made from its OpenAPI document: messages are kept in memory, "
        "and each key is a sandbox of its own."
    )
    invitation = "Enqueue a message"
    sample_key = SAMPLE_KEY
    control_tags = frozenset(("deliveries", "pending", "queues"))
    read_alias = READ_ALIAS

    def __init__(self, settings: ElasticQueueSettings | None = None, handlers: str = HANDLERS) -> None:
        """Take the settings of the server, and the package of the handlers."""
        self.settings = settings = settings or ElasticQueueSettings()
        self.handlers = handlers
        self.max_text, self.max_items = settings.max_body, settings.max_bulk
        self._unit = WaitUntilUnit(settings.wait_until_unit)
        self._rules = QueueRules(
            unit=self._unit,
            declared_queues=frozenset(settings.declared_queues),
            max_delay_ms=None if settings.max_delay is None else settings.max_delay * 1000,
        )

    def contract(self) -> Contract:
        """Return the contract, with the changes of the settings."""
        return Contract(overlaid(load_contract("elasticqueue.yaml"), self.settings))

    def new_state(self, context: SandboxContext) -> Queues:
        """Return the queues of a new sandbox."""
        return Queues(context, self._rules)

    def new_linter(self) -> ClientLinter:
        """Return a linter for the messages of a new sandbox."""
        return MessageLinter(self._unit)

    def middleware(self) -> Sequence[Any]:
        """Return the middleware that makes another success of each 202, where that is set."""
        status = self.settings.enqueue_status
        return [] if status == 202 else [partial(LiteralStatus, status=status)]

    def example_request(self, base_url: str, key: str) -> str:
        """Return a shell line that enqueues a message and works as it stands."""
        return (
            f"curl -i {base_url}/v1/queues/my-queue/messages -H 'Authorization: {key}' "
            "-H 'Content-Type: application/vnd.api+json' "
            """-d '{"data": {"type": "message", "attributes": {"body": "hello"}}}'"""
        )


def elasticqueue(
    settings: ElasticQueueSettings | None = None,
    make_clock: Callable[[], Clock] = WallClock,
    handlers: str = HANDLERS,
    request_log: RequestLog | None = None,
) -> ServiceApplication:
    """Return a mock of ElasticQueue; raises ContractError for a contract that can't be served."""
    settings = settings or ElasticQueueSettings()
    return ServiceApplication(ElasticQueue(settings, handlers), settings, make_clock, request_log)
