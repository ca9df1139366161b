"""The guard of the control plane, and the sandbox that an operation of it acts on."""

import hmac
import ipaddress
import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from eqkit.contract.operations import Operation
from eqkit.errors import Code, api_error
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.settings import Settings
from eqkit.web.messages.context import Receive, RequestContext, Response, Scope, Send
from eqkit.web.middleware.base import App, Handler, Middleware, context_of

CONTROL_PATH = "/_mock"
TOKEN_HEADER = "Control-Token"  # noqa: S105 - the name of a header
KEY_IN_QUERY = "key"
"""The query parameter that names the sandbox where a client can send no header, as an EventSource."""
FORWARDING = frozenset(
    (
        b"cf-connecting-ip",
        b"client-ip",
        b"fastly-client-ip",
        b"forwarded",
        b"forwarded-for",
        b"true-client-ip",
        b"via",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"x-original-host",
        b"x-real-ip",
    )
)
"""Headers that a proxy adds to requests that it passes on; so are all that begin with ``X-Forwarded``."""

_PORT = re.compile(r"(?<=[^:]):[0-9]{1,5}\Z")


def has_control(settings: Settings) -> bool:
    """Return whether a server shows its control plane: to this machine alone, unless there is a token."""
    return settings.control and bool(settings.control_token or is_loopback(settings.host))


def is_control(path: str) -> bool:
    """Return whether a path is one of the control plane."""
    return path.startswith(CONTROL_PATH) and path[len(CONTROL_PATH) :][:1] in ("", "/")


def is_loopback(host: str) -> bool:
    """Return whether a host, as it stands in a URL or a Host header, is this very machine."""
    name = _PORT.sub("", host).lower()
    return name == "localhost" or is_loopback_address(name.removeprefix("[").removesuffix("]")) is True


def is_loopback_address(address: str) -> bool | None:
    """Return whether an IP address is one of this machine's own; None for a text that is no address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


class Guard:
    """Keeps strangers out: other machines, and web pages that use a browser on this one.

    A page of a foreign site may send requests to this machine, and by rebinding its own name to this address
    (DNS rebinding) read the answers too; `Origin` gives away the first, `Host` the second. A proxy on this
    machine passes foreign requests on as its own; the headers that proxies add give them away.
    """

    def __init__(self, app: App, *, token: str | None, realm: str) -> None:
        """Let in requests with the token; with none set, this machine and its own pages alone."""
        self._challenge = f'ControlToken realm="{realm} mock"'.encode()
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through; raises ApiError (401, 403)."""
        context = context_of(scope)
        if context.method != "OPTIONS" and self._token is not None:
            given = context.headers.get(TOKEN_HEADER.lower().encode(), b"")
            if not hmac.compare_digest(given, self._token.encode()):
                detail = f"Send the token that the server was started with in the header {TOKEN_HEADER}."
                challenge = [(b"www-authenticate", self._challenge)]
                raise api_error(Code.CONTROL_TOKEN_WRONG, detail, header=TOKEN_HEADER, headers=challenge)
        elif self._token is None:
            self._require_loopback(context)
        await self._app(scope, receive, send)

    def _require_loopback(self, context: RequestContext) -> None:
        for name in context.headers:
            if name in FORWARDING or name.startswith(b"x-forwarded"):
                detail = "A proxy has passed this request on; behind one the control plane wants a token."
                raise api_error(Code.FOREIGN_HOST, detail, header=name.decode("latin-1").title())
        client = context.scope.get("client")
        if client and is_loopback_address(client[0]) is False:
            # Where another server than ours runs the application, it may listen on any address.
            raise api_error(Code.FOREIGN_HOST, "Without a token the control plane is for this machine.")
        host = context.headers.get(b"host", b"").decode("latin-1")
        if host and not is_loopback(host):
            detail = "Without a token the control plane is for this machine: ask for 127.0.0.1 or localhost."
            raise api_error(Code.FOREIGN_HOST, detail, header="Host")
        origin = context.headers.get(b"origin", b"").decode("latin-1")
        if origin and not is_loopback(origin.rpartition("://")[2]):
            detail = "Without a token the control plane is for pages of this machine alone."
            raise api_error(Code.FOREIGN_HOST, detail, header="Origin")


KeyIn = Callable[[Mapping[bytes, bytes]], str | None]
"""Returns the key of a sandbox that the headers of a request name; None if they name none."""


def key_in_authorization(headers: Mapping[bytes, bytes]) -> str | None:
    """Return the whole of Authorization, as the public API of ElasticQueue has its key there."""
    key = headers.get(b"authorization")
    return None if key is None else key.decode("latin-1")


def _key_in_query(query: bytes) -> str | None:
    given = parse_qs(query, keep_blank_values=True).get(KEY_IN_QUERY.encode())
    return None if given is None else given[-1].decode("latin-1")


class SandboxChoice(Middleware):
    """Finds the sandbox that an operation acts on: that of the key sent, else the default one."""

    def __init__(
        self, app: App, *, sandboxes: Sandboxes, realm: str, key_in: KeyIn = key_in_authorization
    ) -> None:
        """Take the sandboxes, the realm of their keys, and the finder of the key in headers."""
        super().__init__(app)
        self._key_in = key_in
        self._challenge = f'ApiKey realm="{realm}"'.encode()
        self._sandboxes = sandboxes

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Look the key up; a look at the list of sandboxes makes none, and drives none out."""
        looks_at_all = operation.tag == "sandboxes" and operation.method == "GET"
        takes_key_in_query = KEY_IN_QUERY in operation.in_place("query")

        async def choose(context: RequestContext) -> Response:
            name = self._key_in(context.headers)
            if name is None and takes_key_in_query:
                name = _key_in_query(context.scope["query_string"])
            if name is None:
                name = self._sandboxes.default_key
            if looks_at_all and self._sandboxes.lets_in(name):
                return await call_next(context)
            sandbox = self._sandboxes.of(name)
            if sandbox is None:
                detail = "The key is not one of this server; leave it out for the default sandbox."
                challenge = [(b"www-authenticate", self._challenge)]
                raise api_error(Code.UNAUTHORIZED, detail, header="Authorization", headers=challenge)
            context.sandbox = sandbox
            sandbox.enter()
            sandbox.clock.run_due()
            try:
                if sandbox.clock.auto_advance:
                    sandbox.clock.mark_active()
                return await call_next(context)
            finally:
                # A client that has waited for something gets time to look before the clock goes on.
                if sandbox.clock.auto_advance:
                    sandbox.clock.mark_active()

        return choose
