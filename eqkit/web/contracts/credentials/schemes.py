"""Security schemes as readers of requests (OpenAPI 3.0.4, "Security Scheme Object")."""

from collections.abc import Callable, Iterable
from urllib.parse import unquote_to_bytes

from eqkit.contract.decoding.styles import raw_cookies
from eqkit.web.contracts.credentials.authorization import Found, Keys, Problem
from eqkit.web.messages.context import RequestContext
from eqkit.web.messages.memo import Memo

KNOWN_VALUES = 1_024
"""How many values of a header are remembered with their keys, and the bytes of the longest of them."""
LONGEST_VALUE = 4_096


class Scheme:
    """A security scheme: where its credentials stand, how they are sent, and how they are read.

    `how` is the object of "send" in an error. `challenge` is the name of the scheme in HTTP; None for one
    that HTTP knows nothing of. Credentials stand in a header, of which they may be one cookie, or in a
    parameter of the query.
    """

    def __init__(
        self,
        how: str,
        challenge: str | None,
        *,
        header: str | None = None,
        parameter: str | None = None,
        cookie: str | None = None,
    ) -> None:
        """Take the place of the credentials, and the words about them."""
        self.how, self.challenge = how, challenge
        self.header, self.parameter, self.cookie = header, parameter, cookie

    @property
    def place(self) -> tuple[str, str]:
        """The place and the name of a parameter that stands where the credentials do."""
        if self.parameter is not None:
            return "query", self.parameter
        return ("cookie", self.cookie) if self.cookie is not None else ("header", str(self.header).lower())

    def read(self, context: RequestContext) -> Found:
        """Return the credentials of a request."""
        raise NotImplementedError


class HeaderScheme(Scheme):
    """Credentials in a header."""

    def __init__(
        self, header: str, read: Callable[[str], Keys | Problem], how: str, challenge: str = "ApiKey"
    ) -> None:
        """Take the name of the header, and a reader of its values."""
        super().__init__(how, challenge, header=header)
        self._name = header.lower().encode("latin-1", "replace")
        self._read = read
        self._known: Memo[bytes, Keys | Problem] = Memo(KNOWN_VALUES)

    def read(self, context: RequestContext) -> Found:
        """Return the credentials in the header."""
        value = context.headers.get(self._name)
        if value is None:
            return None
        found = self._known.get(value)
        if found is None or b"," in value:
            if b"," in value and _times(context, self._name) > 1:
                return Problem(f"The header {self.header} was sent more than once.")
            found = self._read(value.decode("latin-1"))
            if len(value) <= LONGEST_VALUE:
                self._known[value] = found
        return found


class QueryScheme(Scheme):
    """A key in the query."""

    def __init__(self, parameter: str) -> None:
        """Take the name of the parameter."""
        super().__init__(f"a key in the query parameter {parameter}", "ApiKey", parameter=parameter)
        self._name = parameter.encode()

    def read(self, context: RequestContext) -> Found:
        """Return the key in the query."""
        query = context.scope["query_string"]
        if not query:
            return None
        pairs = [each.partition(b"=") for each in query.split(b"&")]
        own = [value for name, _, value in pairs if name == self._name or self._is_encoded(name)]
        return _only(
            f"The query parameter {self.parameter}", [_text(each.replace(b"+", b" ")) for each in own]
        )

    def _is_encoded(self, name: bytes) -> bool:
        """Return whether a name is that of the parameter in other characters than its own."""
        return (b"%" in name or b"+" in name) and unquote_to_bytes(name.replace(b"+", b" ")) == self._name


class CookieScheme(Scheme):
    """A key in a cookie."""

    def __init__(self, cookie: str) -> None:
        """Take the name of the cookie."""
        super().__init__(f"a key in the cookie {cookie}", "ApiKey", header="Cookie", cookie=cookie)
        self._name = cookie.encode("latin-1", "replace")

    def read(self, context: RequestContext) -> Found:
        """Return the key in the cookie."""
        if self._name not in context.headers.get(b"cookie", b""):
            return None
        # Of several headers, which HTTP/2 has, those of all.
        lines = [value.decode("latin-1") for name, value in context.scope["headers"] if name == b"cookie"]
        own = [value for line in lines for name, value in raw_cookies(line) if name == self.cookie]
        found = _only(f"The cookie {self.cookie}", [_text(value.encode("latin-1")) for value in own])
        # A listed key may be sent as it is, or percent-encoded.
        return (*found, *own) if isinstance(found, tuple) else found


class MutualTls(Scheme):
    """A certificate of the client, which no request tells anything of: it is taken as given."""

    def __init__(self) -> None:
        """Take nothing."""
        super().__init__("a certificate", None)

    def read(self, context: RequestContext) -> Found:
        """Return that there is nothing to know."""
        return ()


class AnyScheme(Scheme):
    """The credentials of any scheme: for one that is not known, and where none are wanted."""

    def __init__(self, schemes: Iterable[Scheme]) -> None:
        """Take the schemes to look at, in their order."""
        how = "any credentials, such as Authorization: Bearer TOKEN"
        super().__init__(how, "Bearer", header="Authorization")
        self._schemes = tuple(schemes)

    def without(self, parameters: Iterable[tuple[str, str]]) -> "AnyScheme":
        """Return a scheme that takes no parameter of an operation, by place and name, for a key."""
        taken = {(place, name.lower() if place == "header" else name) for place, name in parameters}
        return AnyScheme([each for each in self._schemes if each.place not in taken])

    def read(self, context: RequestContext) -> Found:
        """Return the first credentials of a request."""
        problem = None
        for scheme in self._schemes:
            found = scheme.read(context)
            if found and isinstance(found, tuple):
                return found
            problem = problem or (found if isinstance(found, Problem) else None)
        return problem


def _times(context: RequestContext, name: bytes) -> int:
    return sum(1 for each, _ in context.scope["headers"] if each == name)


def _text(value: bytes) -> str:
    """Return a percent-encoded text, its bytes as those of a header are read."""
    return unquote_to_bytes(value).decode("latin-1")


def _only(place: str, values: list[str]) -> Found:
    if not values:
        return None
    if len(values) > 1:
        return Problem(f"{place} was sent more than once.")
    return (values[0],) if values[0].strip() else Problem(f"{place} is empty.", has_token=False)
