"""The credentials that each operation of a contract wants, and the sandbox that they open.

The credentials are the key of the sandbox, whichever scheme carries them; a name in the header Eqkit-Sandbox
goes before them. Without either, a request is in the default sandbox.
"""

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

from eqkit.contract.document import Document
from eqkit.contract.operations import Operation
from eqkit.errors import ApiError, Code, api_error
from eqkit.sandbox.credential_sandboxes import CredentialSandboxes
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.contracts.credentials.authorization import Found, Keys, Problem, read_any
from eqkit.web.contracts.credentials.refusals import Refusals
from eqkit.web.contracts.credentials.requirements import SecuritySchemes, requirements
from eqkit.web.contracts.credentials.schemes import AnyScheme, Scheme
from eqkit.web.contracts.credentials.scopes import TokenScopes
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.middleware.base import Handler
from eqkit.web.middleware.security import SandboxHandler

SANDBOX_HEADER = "Eqkit-Sandbox"
_SANDBOX = SANDBOX_HEADER.lower().encode()

_NAME = re.compile(r"[!-~]{1,200}")

NOT_LISTED = Problem("The credentials are none of those that the server was started with.")

Alternative = tuple[tuple[Scheme, tuple[str, ...]], ...]
"""Schemes that are wanted together, each with its scopes."""


def key_in_headers(headers: Mapping[bytes, bytes], lets_in: Callable[[str], bool]) -> str | None:
    """Return the key of a sandbox by a name in Eqkit-Sandbox, else by Authorization of any scheme or of none.

    It is None if there is neither; credentials that are not let in are returned as they are.
    """
    name = headers.get(_SANDBOX)
    if name is not None:
        return name.decode("latin-1").strip(" \t")
    sent = headers.get(b"authorization")
    if sent is None:
        return None
    value = sent.decode("latin-1")
    found = read_any(value)
    keys = (value,) if isinstance(found, Problem) else found
    return next((key for key in keys if lets_in(key)), value)


class ContractSecurity:
    """Makes the handlers that find the sandbox of each request to a contract."""

    def __init__(
        self, document: Document, sandboxes: CredentialSandboxes, scopes: TokenScopes | None = None
    ) -> None:
        """Take the document and the sandboxes; without a table of `scopes`, any token has every scope."""
        self._document = document
        self._schemes = SecuritySchemes(document)
        info = document.data.get("info")
        title = info.get("title") if isinstance(info, dict) else None
        self.refusals = Refusals(title if isinstance(title, str) else "")
        self.secrets = self._schemes.secret_places()
        self.sandboxes, self.scopes = sandboxes, scopes

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Return the handler that lets a request to an operation into its sandbox, or raises ApiError."""
        alternatives = tuple(
            tuple((self._schemes.named(name), scopes) for name, scopes in each.items())
            for each in requirements(self._document, operation)
        )
        # Of a parameter in Authorization nobody takes notice (OpenAPI 3.0.4, "Parameter Object").
        parameters = [(each.place, each.name) for each in operation.parameters]
        others = self._schemes.any.without(each for each in parameters if each[1].lower() != "authorization")
        return CredentialHandler(call_next, operation.method, self, alternatives, others)


class CredentialHandler(SandboxHandler):
    """Finds the sandbox for the credentials of a request to one operation."""

    def __init__(
        self,
        call_next: Handler,
        method: str,
        security: ContractSecurity,
        alternatives: Sequence[Alternative],
        others: AnyScheme,
    ) -> None:
        """Take the alternatives of security; `others` finds credentials that none of them asks for."""
        super().__init__(call_next, method)
        self._alternatives = [each for each in alternatives if each]
        self._schemes = [[scheme for scheme, _ in each] for each in self._alternatives]
        self._is_optional = len(self._alternatives) < len(alternatives) or not alternatives
        self._others = others
        self._scopes, self._refusals, self._secrets = security.scopes, security.refusals, security.secrets
        self._sandboxes = security.sandboxes

    def __call__(self, context: RequestContext) -> Awaitable[Response]:
        """Find the sandbox; raises ApiError: 401 without the credentials, 403 without their scopes."""
        context.secrets = self._secrets
        forbidden, key_without_scopes = None, ""
        for alternative in self._alternatives:
            key = self._key_by(alternative, context)
            if key is None:
                continue
            error = None if self._scopes is None else self._forbidden(alternative, context)
            if error is None:
                return self.enter(context, self._sandbox(context, key))
            if forbidden is None:
                forbidden, key_without_scopes = error, key
        if not self._is_optional or self._is_refused(context):
            raise self._refuse(context, forbidden, key_without_scopes)
        return self.enter(context, self._sandbox(context, ""))

    def _key_by(self, alternative: Alternative, context: RequestContext) -> str | None:
        """Return the key of the sandbox by an alternative; "" if it names none, None if it is not kept."""
        key = ""
        for scheme, _ in alternative:
            found = scheme.read(context)
            if found is None or isinstance(found, Problem):
                return None
            if found:
                own = self._let_in(found)
                if own is None:
                    return None
                key = key or own
        return key

    def _let_in(self, keys: Keys) -> str | None:
        """Return the first text of some credentials that may have a sandbox; None if there is none."""
        for key in keys:
            if self._sandboxes.lets_in(key):
                return key
        return None

    def _found(self, context: RequestContext, scheme: Scheme) -> Found:
        """Return the credentials of a request by a scheme, a problem if the server does not take them."""
        found = scheme.read(context)
        return NOT_LISTED if isinstance(found, tuple) and found and self._let_in(found) is None else found

    def _is_refused(self, context: RequestContext) -> bool:
        """Return whether a request has wrong credentials, which it need not have sent at all."""
        found = [self._found(context, scheme) for schemes in self._schemes for scheme in schemes]
        return any(isinstance(each, Problem) and each.is_meant for each in found)

    def _forbidden(self, alternative: Alternative, context: RequestContext) -> ApiError | None:
        """Return the error of credentials that do not have the scopes of an alternative; None if they do."""
        for scheme, wanted in alternative:
            found = scheme.read(context)
            if self._scopes is not None and wanted and isinstance(found, tuple) and found:
                has = self._scopes.of(found)
                if not has.issuperset(wanted):
                    return self._refusals.forbidden(scheme, has, wanted)
        return None

    def _sandbox(self, context: RequestContext, key: str) -> Sandbox:
        """Return the sandbox of a request: that of the header, of its key, or of any other credentials."""
        name = context.headers.get(_SANDBOX)
        if name is not None:
            return self._named(name)
        if not key:
            found = self._others.read(context)
            key = (self._let_in(found) if isinstance(found, tuple) else None) or self._sandboxes.default_key
        sandbox = self._sandboxes.of(key)
        assert sandbox is not None  # the key was let in
        return sandbox

    def _named(self, name: bytes) -> Sandbox:
        text = name.decode("latin-1").strip(" \t")
        if not _NAME.fullmatch(text):
            detail = "The name of a sandbox has 1 to 200 printable ASCII characters without blanks."
            raise api_error(Code.INVALID_HEADER, detail, header=SANDBOX_HEADER)
        sandbox = self._sandboxes.of_name(text)
        if sandbox is None:
            raise self._refusals.unknown_sandbox(SANDBOX_HEADER)
        return sandbox

    def _refuse(self, context: RequestContext, forbidden: ApiError | None, key: str) -> ApiError:
        """Return the error of a request, which the journal of its sandbox gets where it has one."""
        if forbidden is not None or _SANDBOX in context.headers:
            with contextlib.suppress(ApiError):
                context.sandbox = self._sandbox(context, key)
                context.sandbox.enter()
        return forbidden or self._refusals.unauthorized(self._schemes, partial(self._found, context))
