"""The security that a contract wants: its schemes, and the alternatives of each operation.

Documents are foreign ones: a scheme that is not known, or that is none, takes any credentials.
"""

from functools import partial

from eqkit.contract.document import Document, Json, escaped
from eqkit.contract.operations import Operation
from eqkit.web.contracts.credentials.authorization import Keys, Problem, read_any, read_as
from eqkit.web.contracts.credentials.schemes import (
    AnyScheme,
    CookieScheme,
    HeaderScheme,
    MutualTls,
    QueryScheme,
    Scheme,
)
from eqkit.web.messages.header_fields import is_token
from eqkit.web.messages.secret_places import SecretPlaces

SCHEMES = "/components/securitySchemes"

Requirement = dict[str, tuple[str, ...]]
"""The schemes of one alternative by name, which are wanted together, each with its scopes or roles."""


class SecuritySchemes:
    """The security schemes of one document by name."""

    def __init__(self, document: Document) -> None:
        """Read the schemes; the loader has told of those that are not known."""
        self._document = document
        written = node_at(document, SCHEMES)
        nodes = {name: node_at(document, f"{SCHEMES}/{escaped(name)}") for name in written}
        self._schemes: dict[str, Scheme] = {
            name: scheme for name, node in nodes.items() if (scheme := scheme_of(node)) is not None
        }
        self.any = AnyScheme([HeaderScheme("Authorization", read_any, ""), *self._schemes.values()])

    def named(self, name: str) -> Scheme:
        """Return a scheme by its name, or by its URI within the document (OpenAPI 3.2)."""
        if name not in self._schemes and name.startswith("#/"):
            found = scheme_of(node_at(self._document, name))
            if found is not None:
                self._schemes[name] = found
        return self._schemes.get(name, self.any)

    def secret_places(self) -> SecretPlaces:
        """Return the places in a request that hold the credentials of any scheme."""
        schemes = self._schemes.values()
        return SecretPlaces(
            [each.header for each in schemes if each.header is not None and each.cookie is None],
            [each.parameter for each in schemes if each.parameter is not None],
            [each.cookie for each in schemes if each.cookie is not None],
        )


def node_at(document: Document, pointer: str) -> dict[str, Json]:
    """Return the object at a pointer, or at a reference by one; an empty one if there is none."""
    try:
        found = document.at(document.resolve_pointer(pointer.removeprefix("#")))
    except (KeyError, TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def scheme_of(node: dict[str, Json]) -> Scheme | None:
    """Return a security scheme as it reads requests; None for one that is not known."""
    kind, place, name = (str(node.get(each) or "").strip() for each in ("type", "in", "name"))
    match kind.lower(), place.lower():
        case "apikey", "header" if is_token(name):
            return _key_in_header(name)
        case "apikey", "query" if name:
            return QueryScheme(name)
        case "apikey", "cookie" if name:
            return CookieScheme(name)
        case "http", _:
            return _http(str(node.get("scheme") or "").strip())
        case "basic", _:  # which was its type in OpenAPI 2.0
            return _http("basic")
        case (("oauth2" | "openidconnect"), _):
            return _token("bearer", "dpop")
        case "mutualtls", _:
            return MutualTls()
    return None


def _key_in_header(name: str) -> Scheme:
    how = f"a key in the header {name}"
    return HeaderScheme(name, read_any if name.lower() == "authorization" else partial(_plain, name), how)


def _http(name: str) -> Scheme | None:
    """Return a scheme of HTTP by its name, which no case matters in (RFC 9110 11.1)."""
    if not is_token(name):
        return None
    match name.lower():
        case "bearer":
            return _token("bearer")
        case "basic":
            how = "a user and a password as Authorization: Basic, and behind it USER:PASSWORD in base64"
            return HeaderScheme("Authorization", partial(read_as, ("basic",)), how, "Basic")
    how = f"credentials as Authorization: {name} CREDENTIALS"
    return HeaderScheme("Authorization", partial(read_as, (name.lower(),)), how, name)


def _token(*names: str) -> Scheme:
    how = "a token as Authorization: Bearer TOKEN"
    return HeaderScheme("Authorization", partial(read_as, names), how, "Bearer")


def _plain(name: str, value: str) -> Keys | Problem:
    key = value.strip(" \t")
    return (key,) if key else Problem(f"The header {name} is empty.", has_token=False)


def requirements(document: Document, operation: Operation) -> list[Requirement]:
    """Return the alternatives of security of an operation, else those of the document; none if it is public.

    The list of an operation, even an empty one, goes before that of the document (OpenAPI 3.0.4,
    "Operation Object").
    """
    return _alternatives(node_at(document, operation.pointer), document)


def _alternatives(operation: dict[str, Json], document: Document) -> list[Requirement]:
    written = operation["security"] if "security" in operation else document.data.get("security")
    return [
        {name: _scopes(scopes) for name, scopes in each.items()}
        for each in (written if isinstance(written, list) else ())
        if isinstance(each, dict)
    ]


def _scopes(written: Json) -> tuple[str, ...]:
    return tuple(each for each in written if isinstance(each, str)) if isinstance(written, list) else ()
