"""A contract with one operation, and requests to it that go no further than its security."""

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.errors import ApiError
from eqkit.sandbox.credential_sandboxes import CredentialSandboxes
from eqkit.sandbox.rules import Rules
from eqkit.settings import Settings
from eqkit.timing.clock import Clock, ManualClock
from eqkit.web.contracts.credentials.scopes import TokenScopes
from eqkit.web.contracts.security import ContractSecurity
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.links import LinkBases

SCHEMES: dict[str, Any] = {
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "app": {"type": "apiKey", "in": "header", "name": "X-App-Id"},
    "bare": {"type": "apiKey", "in": "header", "name": "Authorization"},
    "query": {"type": "apiKey", "in": "query", "name": "api_key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "session"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "digest": {"type": "http", "scheme": "Digest"},
    "aws": {"type": "http", "scheme": "AWS4-HMAC-SHA256"},
    "oauth": {"type": "oauth2", "flows": {"implicit": {"scopes": {"read": "", "write": ""}}}},
    "openid": {"type": "openIdConnect", "openIdConnectUrl": "https://a.example/.well-known"},
    "tls": {"type": "mutualTLS"},
    "referred": {"$ref": "#/components/securitySchemes/header"},
    "lost": {"$ref": "#/components/securitySchemes/nowhere"},
    "round": {"$ref": "#/components/securitySchemes/round"},
    "odd": {"type": "telepathy"},
    "list": ["apiKey"],
    "nameless": {"type": "apiKey", "in": "header"},
    "forged": {"type": "http", "scheme": "Odd\r\nX-Odd: 1"},
}
"""A scheme of each kind, and some that are none."""

Headers = Sequence[tuple[str, str]]


def basic(text: str) -> str:
    """Return the value of Authorization for a user and a password with a colon between them."""
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@dataclass
class Asked:
    """The end of one request: its sandbox and status, and the errors with their challenges."""

    status: int
    key: str | None
    places: list[str | None]
    details: list[str]
    challenges: list[str]


class Served:
    """The security of one operation, with the sandboxes that it opens."""

    def __init__(
        self,
        security: Any = None,
        *,
        of_document: Any = None,
        keys: tuple[str, ...] = (),
        scopes: TokenScopes | None = None,
        title: Any = "Pets",
        method: str = "get",
        make_clock: Callable[[], Clock] = lambda: ManualClock(0),
        **operation: Any,
    ) -> None:
        """Make a contract; `security` is that of the operation, None for none of its own."""
        node = operation if security is None else {**operation, "security": security}
        data: dict[str, Any] = {
            "openapi": "3.1.0",
            "info": {"title": title, "version": "1"},
            "components": {"securitySchemes": SCHEMES},
            "paths": {"/a": {method: node}},
        }
        if of_document is not None:
            data["security"] = of_document
        contract = Contract(Document(data))
        self.sandboxes = CredentialSandboxes(keys, Rules(), make_clock)
        security_of_all = ContractSecurity(contract.document, self.sandboxes, scopes)
        self.contexts: list[RequestContext] = []
        (self.operation,) = contract.operations.values()
        self.handler = security_of_all.handler(self.operation, self._answer)

    async def _answer(self, context: RequestContext) -> Response:
        return Response(200, {})

    def ask(self, headers: Headers = (), query: str = "") -> Asked:
        """Send a request."""
        context = self.context(headers, query)
        try:
            response = asyncio.run(self._ask(context))
        except ApiError as error:
            challenges = [value.decode() for name, value in error.headers if name == b"www-authenticate"]
            places = [each.header or each.parameter for each in error.errors]
            details = [each.detail for each in error.errors]
            return Asked(error.status, self._key(context), places, details, challenges)
        return Asked(response.status, self._key(context), [], [], [])

    async def _ask(self, context: RequestContext) -> Response:
        return await self.handler(context)

    def context(self, headers: Headers = (), query: str = "") -> RequestContext:
        """Return the context of a request, as the wire makes it."""
        scope = {
            "type": "http",
            "scheme": "http",
            "method": self.operation.method,
            "path": "/a",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.disconnect"}

        context = RequestContext(scope, receive, LinkBases(Settings()))
        self.contexts.append(context)
        return context

    def _key(self, context: RequestContext) -> str | None:
        keys = (key for key, sandbox in self.sandboxes._by_key.items() if sandbox is context.sandbox)
        return next(keys, None)
