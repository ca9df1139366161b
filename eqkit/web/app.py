"""The application: what is the same of any service, from the sandboxes to the control plane."""

import asyncio
import gc
import importlib.resources
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.errors import ContractBroken
from eqkit.sandbox.memory import Memory
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.settings import Settings
from eqkit.timing.clock import Clock, WallClock
from eqkit.web.background import Background
from eqkit.web.control.guard import has_control, is_control, key_in_authorization
from eqkit.web.logs.request_log import RequestLog
from eqkit.web.messages.context import Receive, Scope, Send
from eqkit.web.messages.documented import example_names
from eqkit.web.middleware.base import App
from eqkit.web.middleware.wire import Drain
from eqkit.web.outbound import HttpOutbound
from eqkit.web.service import Service

CONTROL_TAGS = frozenset(("clock", "events", "faults", "journal", "limits", "sandboxes", "webhooks"))
"""The tags of the control plane that there are for any service."""

PREPARE_AFTER_S = 0.2
"""How long after the start the control plane is begun, so that the first answers are not held up by it."""


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
        raise NotImplementedError

    def prepare(self) -> None:
        """Begin the work of a server that answers; its event loop runs."""
        self.prepare_control()

    def prepare_control(self) -> None:
        """Build the control plane in a while; it would else be built when it is first asked for."""
        if self._has_control:
            asyncio.get_running_loop().call_later(PREPARE_AFTER_S, self._begin_control)

    def _begin_control(self) -> None:
        self._control.begin()  # which may be another one by now

    def _control_document(self) -> Document:
        """Return the document of the control plane, with the operations that the service has."""
        return tagged(load_contract("mock.yaml"), CONTROL_TAGS | self.service.control_tags)

    def _control_services(self) -> dict[str, Any]:
        """Return the values that the handlers of the control plane may ask for by name."""
        return {"example_names": partial(example_names, self.contract)}

    def _key_in(self, headers: Mapping[bytes, bytes]) -> str | None:
        """Return the key of a sandbox that a request to the control plane names."""
        return key_in_authorization(headers)

    def _build_control(self) -> App:
        # Imported here, since it brings Connexion, which an answer by a contract alone does not need.
        from eqkit.web.control.plane import control_plane

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
