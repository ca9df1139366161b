"""The journal of a control plane, beside an application that is not ours."""

from eqkit.contract.operations import Contract
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.settings import Settings
from eqkit.web.app import load_contract, tagged
from eqkit.web.control.guard import has_control, is_control
from eqkit.web.control.plane import control_plane
from eqkit.web.messages.context import Receive, Scope, Send
from eqkit.web.middleware.base import App
from eqkit.web.middleware.wire import Drain

ONLY_THE_JOURNAL = "Of a proxy only the journal can be asked, at /_mock/journal: the rest is for a mock."
NO_JOURNAL = "This proxy shows no journal: it was started so, or on an open address without --control-token."

REALM = "eqkit"
"""The name of the realm that its token opens, before `mock`."""


class ProxyControlPlane:
    """An ASGI application that serves the operations tagged `journal` at /_mock, with the guard of the mock.

    All else there is a 404, and so is the journal if the settings hide the control plane; all other paths are
    those of the application that it stands beside.
    """

    def __init__(self, app: App, sandboxes: Sandboxes, settings: Settings) -> None:
        """Take the application, the sandboxes whose journals are shown, and how they are guarded."""
        self._app = app
        is_shown = has_control(settings)
        contract = Contract(tagged(load_contract("mock.yaml"), ["journal"] if is_shown else []))
        message = ONLY_THE_JOURNAL if is_shown else NO_JOURNAL
        self._journal = control_plane(
            contract, settings, sandboxes, Drain(), [], realm=REALM, nothing_else=message
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let the application do it."""
        is_journal = scope["type"] == "http" and is_control(scope["path"])
        await (self._journal if is_journal else self._app)(scope, receive, send)
