"""The key that a request brings, and the sandbox that it opens (rulings H3, H4)."""

from collections.abc import Awaitable

from eqkit.contract.credentials import schemes, security
from eqkit.contract.operations import Operation
from eqkit.errors import Code, ContractError, api_error
from eqkit.sandbox.clock import SandboxClock
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.middleware.base import App, Handler, Middleware

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "QUERY", "TRACE"))
"""The methods that only read (RFC 9110 9.2.1, and QUERY since OpenAPI 3.2)."""


class Security(Middleware):
    """Lets a request with a known key through, into its sandbox."""

    def __init__(self, app: App, *, sandboxes: Sandboxes, realm: str) -> None:
        """Take the sandboxes that keys open, and the name of their realm."""
        super().__init__(app)
        self._sandboxes = sandboxes
        self._challenge = f'ApiKey realm="{realm}"'.encode()

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Read the operation's security scheme; raises ContractError for any but one header key."""
        document = self.contract.document
        known = schemes(document)
        wanted = [known[name] for each in security(document, operation) for name in each]
        if len(wanted) != 1 or (wanted[0]["type"], wanted[0]["in"]) != ("apiKey", "header"):
            raise ContractError(f"{operation.id}: only a single apiKey in a header can be served")
        return KeyHandler(call_next, self._sandboxes, wanted[0]["name"], self._challenge, operation.method)


class SandboxHandler:
    """Hands requests to one operation on within their sandboxes."""

    def __init__(self, call_next: Handler, method: str) -> None:
        """Take the next handler; before a request of a safe method, due events are run."""
        self._call_next = call_next
        self._looks = method in SAFE_METHODS

    def enter(self, context: RequestContext, sandbox: Sandbox) -> Awaitable[Response]:
        """Hand a request on within a sandbox, whose clock learns of it."""
        context.sandbox = sandbox
        sandbox.enter()
        if self._looks:
            sandbox.clock.run_due()
        if sandbox.clock.auto_advance:
            return self._touching(context, sandbox.clock)
        return self._call_next(context)

    async def _touching(self, context: RequestContext, clock: SandboxClock) -> Response:
        """Mark the clock active before and after the request, so that auto-advance waits a moment."""
        clock.mark_active()
        try:
            return await self._call_next(context)
        finally:
            clock.mark_active()


class KeyHandler(SandboxHandler):
    """Looks a key up."""

    def __init__(
        self, call_next: Handler, sandboxes: Sandboxes, header_name: str, challenge: bytes, method: str
    ) -> None:
        """Take the name of the header that holds the key, and the method of the operation."""
        super().__init__(call_next, method)
        self._challenge = challenge
        self._sandboxes = sandboxes
        self._name = header_name.lower().encode()
        detail = f"Send a key of this server in the header {header_name}: the key alone, without a scheme."
        self._refused = (Code.UNAUTHORIZED, detail)
        self._header = header_name

    def __call__(self, context: RequestContext) -> Awaitable[Response]:
        """Find the sandbox; a missing and a wrong key are answered alike (ruling H3)."""
        key = context.headers.get(self._name)
        sandbox = None if key is None else self._sandboxes.of(key.decode("latin-1"))
        if sandbox is None:
            challenge = [(b"www-authenticate", self._challenge)]
            raise api_error(*self._refused, header=self._header, headers=challenge)
        return self.enter(context, sandbox)
