"""Credentials of every scheme: the sandbox that they open, and the challenges for those without them."""

import asyncio
from typing import Any

import pytest

from eqkit.timing.clock import WallClock
from eqkit.web.contracts.credentials.scopes import TokenScopes
from tests.web.contracts.security.asking import Headers, Served, basic

AUTH = "Authorization"
APP, MORE = ("x-app-id", "a1"), "more than once"
REALM = 'realm="Pets"'
KEY, BASIC, BEARER = f"ApiKey {REALM}", f"Basic {REALM}", f"Bearer {REALM}"
REFUSED = f'{BEARER}, error="invalid_token"'
DEFAULT = "default"
DIGEST = 'username="me", realm="Pets", nonce="1", uri="/a", response="2", cnonce="3", nc=1'


def one(*names: str) -> list[dict[str, list[str]]]:
    """Return the requirement of some schemes together."""
    return [{name: [] for name in names}]


def either(*names: str) -> list[dict[str, list[str]]]:
    """Return the requirement of any of some schemes."""
    return [{name: []} for name in names]


def auth(value: str) -> Headers:
    """Return the header Authorization."""
    return [(AUTH, value)]


LET_IN: list[tuple[str, Any, Headers, str, str]] = [
    # OpenAPI 3.0.4, "Security Scheme Object": type apiKey, in header, query and cookie.
    ("key in a header", one("header"), [("x-api-key", "k1")], "", "k1"),
    ("key in a header, with a comma", one("header"), [("x-api-key", "a, b")], "", "a, b"),
    ("key in the query", one("query"), [], "b=1&api_key=k1", "k1"),
    ("key in the query, encoded", one("query"), [], "api%5Fkey=k%2B1", "k+1"),
    ("key in a cookie", one("cookie"), [("cookie", "a=b; session=k1")], "", "k1"),
    # RFC 6265 4.1.1: the value of a cookie may be quoted.
    ("key in a cookie with quotes", one("cookie"), [("cookie", 'session="k1"; a="b"')], "", "k1"),
    # RFC 9113 8.2.3: HTTP/2 may split cookies.
    ("cookies in two headers", one("cookie"), [("cookie", "session=k1"), ("cookie", "a=b")], "", "k1"),
    # Many contracts describe bearer tokens as keys in Authorization.
    ("bare key in Authorization", one("bare"), auth("k1"), "", "k1"),
    ("token as key in Authorization", one("bare"), auth("Bearer k1"), "", "k1"),
    ("user as key in Authorization", one("bare"), auth(basic("me:pass")), "", "me"),
    # RFC 7617 2: the user is up to the first colon, and both may be empty.
    ("basic", one("basic"), auth(basic("me:pass")), "", "me"),
    ("basic with colons in the password", one("basic"), auth(basic("me:a:b")), "", "me"),
    ("basic without a password", one("basic"), auth(basic("me:")), "", "me"),
    ("basic without a user", one("basic"), auth(basic(":pat")), "", "pat"),
    # RFC 9110 11.1: the name of a scheme is case-insensitive; 11.4: one or more blanks follow.
    ("basic in capitals", one("basic"), auth(basic("me:pass").replace("Basic", "BASIC")), "", "me"),
    ("bearer in any case", one("bearer"), auth("bEaReR k1"), "", "k1"),
    ("bearer behind two blanks", one("bearer"), auth("Bearer  k1"), "", "k1"),
    # RFC 6750 2.1: b64token.
    ("bearer with padding", one("bearer"), auth("Bearer a-b._~+/1=="), "", "a-b._~+/1=="),
    # Services issue tokens of other characters, too.
    ("bearer of a number and a bar", one("bearer"), auth("Bearer 1|abc"), "", "1|abc"),
    # OpenAPI 3.0.4: http with any scheme of the IANA registry; RFC 7616 3.4: the user is a parameter.
    ("digest", one("digest"), auth(f"Digest {DIGEST}"), "", "me"),
    ("digest, the next request", one("digest"), auth(f"digest {DIGEST}".replace('"2"', '"9"')), "", "me"),
    ("digest with a coded user", one("digest"), auth("Digest username*=UTF-8''m%65, nc=1"), "", "me"),
    ("digest of one word", one("digest"), auth("Digest anything"), "", "anything"),
    ("aws", one("aws"), auth("AWS4-HMAC-SHA256 Credential=AK/20/s3, Signature=f"), "", "AK"),
    # OpenAPI 3.0.4: oauth2 and openIdConnect; RFC 6749 7.1: their tokens go as their types have it.
    ("oauth2", [{"oauth": ["read"]}], auth("Bearer k1"), "", "k1"),
    ("openIdConnect", one("openid"), auth("Bearer k1"), "", "k1"),
    ("oauth2 with DPoP (RFC 9449 7.1)", one("oauth"), auth("DPoP k1"), "", "k1"),
    # OpenAPI 3.1.1: mutualTLS, of which no request tells.
    ("mutual TLS", one("tls"), [], "", DEFAULT),
    ("mutual TLS, with a token", one("tls"), auth("Bearer k1"), "", "k1"),
    # OpenAPI 3.0.4, "Security Requirement Object": members are wanted together, items are alternatives.
    ("and", one("app", "header"), [("x-app-id", "a1"), ("x-api-key", "k1")], "", "a1"),
    ("and with mutual TLS", one("tls", "header"), [("x-api-key", "k1")], "", "k1"),
    ("or, the first", either("header", "query"), [("x-api-key", "k1")], "", "k1"),
    ("or, the second", either("header", "query"), [], "api_key=k2", "k2"),
    ("or, both", either("header", "query"), [("x-api-key", "k1")], "api_key=k2", "k1"),
    ("or, the first is wrong", either("basic", "header"), [(AUTH, "Basic !"), ("x-api-key", "k1")], "", "k1"),
    ("or of ands", [*one("app", "query"), *one("bearer")], [APP, (AUTH, "Bearer k1")], "", "k1"),
    # The same: {} makes security optional.
    ("optional, without", [{}, *one("bearer")], [], "", DEFAULT),
    ("optional, with", [{}, *one("bearer")], auth("Bearer k1"), "", "k1"),
    ("optional, at the end", [*one("bearer"), {}], auth("Bearer k1"), "", "k1"),
    ("optional, of another scheme", [{}, *one("bearer")], auth(basic("me:pass")), "", "me"),
    ("optional, and half of it", [{}, *one("app", "header")], [("x-app-id", "a1")], "", "a1"),
    # "Operation Object": an empty list removes the security of the document.
    ("public", [], [], "", DEFAULT),
    ("public, with a token", [], auth("Bearer k1"), "", "k1"),
    ("public, with a key", [], [("x-api-key", "k1")], "", "k1"),
    ("public, with half a token", [], auth("Bearer"), "", DEFAULT),
    ("the document's security", None, [("x-api-key", "k1")], "", "k1"),
    # "Reference Object", and documents that are wrong: any credentials are taken.
    ("a referenced scheme", one("referred"), [("x-api-key", "k1")], "", "k1"),
    ("a scheme by its URI", one("#/components/securitySchemes/header"), [("x-api-key", "k1")], "", "k1"),
    ("a unresolved reference", one("lost"), auth("Bearer k1"), "", "k1"),
    ("a reference to itself", one("round"), auth("k1"), "", "k1"),
    ("an unknown type", one("odd"), [], "api_key=k1", "k1"),
    ("an undefined scheme", one("undefined"), [("x-api-key", "k1")], "", "k1"),
    ("a scheme that is a list", one("list"), auth(basic("me:pass")), "", "me"),
    ("a key without a name", one("nameless"), auth("k1"), "", "k1"),
    ("a scheme with a line end", one("forged"), auth("k1"), "", "k1"),
    ("security that is no list", "bearer", [], "", DEFAULT),
    ("alternatives that are none", [None, "bearer", 1], [], "", DEFAULT),
    ("scopes that are no list", [{"oauth": "read"}], auth("Bearer k1"), "", "k1"),
    # The header of eqkit goes first.
    ("named", one("bearer"), [(AUTH, "Bearer k1"), ("Eqkit-Sandbox", "mine")], "", "mine"),
    ("named, public", [], [("Eqkit-Sandbox", "mine")], "", "mine"),
]  # fmt: skip


@pytest.mark.parametrize(("security", "headers", "query", "key"), [each[1:] for each in LET_IN],
                         ids=[each[0] for each in LET_IN])  # fmt: skip
def test_credentials_open_their_sandbox(security: Any, headers: Headers, query: str, key: str) -> None:
    """Whichever scheme carries them; and the default one is for requests without any."""
    asked = Served(security, of_document=one("header")).ask(headers, query)
    assert (asked.status, asked.key) == (200, key)


OUT: list[tuple[str, Any, Headers, str, list[str] | None, list[str | None], str]] = [
    # RFC 9110 11.6.1: a 401 has at least one challenge; RFC 6750 3.1: no error code without a token.
    ("key in a header", one("header"), [], "", [KEY], ["X-API-Key"], "Send a key in the header X-API-Key."),
    ("key in the query", one("query"), [], "b=1", [KEY], ["api_key"], "in the query parameter api_key"),
    ("key in a cookie", one("cookie"), [("cookie", "a=b")], "", [KEY], ["Cookie"], "in the cookie session"),
    ("basic", one("basic"), [], "", [BASIC], [AUTH], "USER:PASSWORD in base64"),
    ("bearer", one("bearer"), [], "", [BEARER], [AUTH], "Send a token as Authorization: Bearer TOKEN."),
    ("oauth2", one("oauth"), [], "", [BEARER], [AUTH], "Bearer TOKEN"),
    ("openIdConnect", one("openid"), [], "", [BEARER], [AUTH], "Bearer TOKEN"),
    ("another scheme", one("aws"), [], "", [f"AWS4-HMAC-SHA256 {REALM}"], [AUTH], "CREDENTIALS"),
    ("an unknown type", one("odd"), [], "", [BEARER], [AUTH], "any credentials"),
    ("a scheme with a line end", one("forged"), [], "", [BEARER], [AUTH], "any credentials"),
    # RFC 6750 3.1: invalid_token, where the token is malformed or wrong for other reasons.
    ("two tokens", one("bearer"), auth("Bearer a, Bearer b"), "", [REFUSED], [AUTH], "a blank or a comma"),
    ("a token with a blank", one("bearer"), auth("Bearer a b"), "", [REFUSED], [AUTH], "a blank or a comma"),
    ("a token beyond ASCII", one("bearer"), auth("Bearer ä"), "", [REFUSED], [AUTH], "characters"),
    ("a bare token", one("bearer"), auth("k1"), "", [REFUSED], [AUTH], "does not begin with the name"),
    ("no token", one("bearer"), auth("Bearer"), "", [BEARER], [AUTH], "There is nothing behind Bearer."),
    ("blanks", one("bearer"), auth("Bearer   "), "", [BEARER], [AUTH], "There is nothing behind Bearer."),
    ("an empty header", one("bearer"), auth(""), "", [BEARER], [AUTH], "is empty"),
    ("of another scheme", one("bearer"), auth(basic("me:p")), "", [BEARER], [AUTH], "has the scheme Basic"),
    ("bearer for basic", one("basic"), auth("Bearer k1"), "", [BASIC], [AUTH], "has the scheme Bearer"),
    # RFC 7617 2.
    ("not base64", one("basic"), auth("Basic me:pass"), "", [BASIC], [AUTH], "not base64"),
    ("base64 without its padding", one("basic"), auth("Basic bWU6cGFzcw"), "", [BASIC], [AUTH], "not base64"),
    ("no colon", one("basic"), auth(basic("me")), "", [BASIC], [AUTH], "no colon"),
    ("neither user nor password", one("basic"), auth(basic(":")), "", [BASIC], [AUTH], "empty user"),
    ("a control character", one("basic"), auth(basic("m\ne:pass")), "", [BASIC], [AUTH], "control"),
    # RFC 9110 5.3: a field that is no list must not be sent twice.
    ("two headers", one("header"), [("x-api-key", "a"), ("x-api-key", "b")], "", [KEY], ["X-API-Key"], MORE),
    ("two Authorizations", one("digest"), [*auth("Digest a"), *auth("Digest b")], "", None, [AUTH], MORE),
    ("two parameters", one("query"), [], "api_key=a&api_key=a", [KEY], ["api_key"], MORE),
    ("two cookies", one("cookie"), [("cookie", "session=a; session=b")], "", [KEY], ["Cookie"], MORE),
    ("an empty key", one("header"), [("x-api-key", " ")], "", [KEY], ["X-API-Key"], "is empty"),
    ("an empty parameter", one("query"), [], "api_key=", [KEY], ["api_key"], "is empty"),
    ("an empty cookie", one("cookie"), [("cookie", 'session=""')], "", [KEY], ["Cookie"], "is empty"),
    # OpenAPI 3.0.4, "Security Requirement Object": all members of one alternative.
    ("and, neither", one("app", "header"), [], "", [KEY], ["X-App-Id", "X-API-Key"], "X-App-Id"),
    ("and, half of it", one("app", "header"), [("x-app-id", "a1")], "", [KEY], ["X-API-Key"], "X-API-Key"),
    ("and, two places", one("basic", "query"), [], "", [BASIC, KEY], [AUTH, "api_key"], "USER:PASSWORD"),
    # RFC 9110 11.6.1: a challenge for each scheme, here each in a header of its own.
    ("or", either("bearer", "basic", "header"), [], "", [BEARER, BASIC, KEY], [AUTH], "; or a user and"),
    ("or, a wrong one", either("basic", "bearer"), auth("Bearer ä"), "", [BASIC, REFUSED], [AUTH], "char"),
    ("or of tokens", either("bearer", "oauth"), auth("Bearer a b"), "", [REFUSED], [AUTH], "a blank"),
    ("or of ands, half", [*one("bearer"), *one("app", "query")], [("x-app-id", "a1")], "", [BEARER, KEY],
     ["api_key"], "api_key"),
    # Optional security forgives no credentials, and no wrong ones.
    ("optional, wrong", [{}, *one("bearer")], auth("Bearer a b"), "", [REFUSED], [AUTH], "a blank"),
    ("optional, empty", [{}, *one("header")], [("x-api-key", "")], "", [KEY], ["X-API-Key"], "is empty"),
    ("the document's security", None, [], "", [KEY], ["X-API-Key"], "X-API-Key"),
    # The name of a sandbox is no credential.
    ("named", one("bearer"), [("Eqkit-Sandbox", "mine")], "", [BEARER], [AUTH], "Bearer TOKEN"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("security", "headers", "query", "challenges", "places", "detail"),
    [each[1:] for each in OUT], ids=[each[0] for each in OUT],
)  # fmt: skip
def test_credentials_are_asked_for(
    security: Any, headers: Headers, query: str, challenges: list[str] | None, places: list[str], detail: str
) -> None:
    """401 with a challenge for each scheme, the place of what is missing, and how to send it."""
    asked = Served(security, of_document=one("header")).ask(headers, query)
    assert asked.status == 401
    assert challenges is None or asked.challenges == challenges
    assert asked.places == places
    assert detail in asked.details[0]


KEYS = ("k1", "k2", "ann:s3cret")
CLOSED: list[tuple[str, Any, Headers, str, int, str | None]] = [
    ("a listed token", one("bearer"), auth("Bearer k1"), "", 200, "k1"),
    ("another token", one("bearer"), auth("Bearer k3"), "", 401, None),
    ("a listed key in the query", one("query"), [], "api_key=k%31", 200, "k1"),
    ("another key in the query", one("query"), [], "api_key=k3", 401, None),
    ("a listed cookie", one("cookie"), [("cookie", "session=k2")], "", 200, "k2"),
    ("a listed user, any password", one("basic"), auth(basic("k1:any")), "", 200, "k1"),
    ("a listed user with its password", one("basic"), auth(basic("ann:s3cret")), "", 200, "ann:s3cret"),
    ("the wrong password", one("basic"), auth(basic("ann:wrong")), "", 401, None),
    ("a listed user in a digest", one("digest"), auth('Digest username="k1", nc=1'), "", 200, "k1"),
    ("and, both listed", one("app", "header"), [("x-app-id", "k2"), ("x-api-key", "k1")], "", 200, "k2"),
    ("and, one listed", one("app", "header"), [("x-app-id", "k2"), ("x-api-key", "k3")], "", 401, None),
    ("or, the second listed", either("header", "bearer"), [("x-api-key", "k3"), *auth("Bearer k1")], "", 200,
     "k1"),
    ("mutual TLS", one("tls"), [], "", 200, "k1"),
    ("public", [], [], "", 200, "k1"),
    ("public, another token", [], auth("Bearer k3"), "", 200, "k1"),
    ("public, a listed token", [], auth("Bearer k2"), "", 200, "k2"),
    ("optional, without", [{}, *one("bearer")], [], "", 200, "k1"),
    ("optional, another token", [{}, *one("bearer")], auth("Bearer k3"), "", 401, None),
    ("unknown, listed", one("odd"), auth("Bearer k2"), "", 200, "k2"),
    ("unknown, another", one("odd"), auth("Bearer k3"), "", 401, None),
    ("named, listed", one("bearer"), [*auth("Bearer k1"), ("eqkit-sandbox", "k2")], "", 200, "k2"),
    ("named, another", one("bearer"), [*auth("Bearer k1"), ("eqkit-sandbox", "k3")], "", 401, None),
    ("named, without a token", one("bearer"), [("eqkit-sandbox", "k2")], "", 401, "k2"),
]  # fmt: skip


@pytest.mark.parametrize(("security", "headers", "query", "status", "key"), [each[1:] for each in CLOSED],
                         ids=[each[0] for each in CLOSED])  # fmt: skip
def test_a_closed_server_lets_the_listed_credentials_in(
    security: Any, headers: Headers, query: str, status: int, key: str | None
) -> None:
    """`--key`: no others, by any scheme; an operation that wants none is open all the same."""
    served = Served(security, keys=KEYS)
    asked = served.ask(headers, query)
    assert (asked.status, asked.key) == (status, key)
    assert bool(asked.challenges) is (status == 401)
    assert set(served.sandboxes.names()) <= {"key-1", "key-2", "key-3"}


def test_a_refused_token_is_called_invalid() -> None:
    """RFC 6750 3.1: invalid_token; and no error says more of it than that it is not listed."""
    asked = Served(one("bearer"), keys=KEYS).ask(auth("Bearer k3"))
    assert asked.challenges == [REFUSED]
    assert "none of those that the server was started with" in asked.details[0]


TABLE = TokenScopes({"reader": ["read"], "admin": ["read", "write"], "ann": ["write"]})
SHORT = f'{BEARER}, error="insufficient_scope", scope='
SCOPED: list[tuple[str, Any, Headers, int, list[str]]] = [
    # RFC 6750 3.1: insufficient_scope, with the wanted scopes.
    ("all of them", [{"oauth": ["read", "write"]}], auth("Bearer admin"), 200, []),
    ("one of two", [{"oauth": ["read", "write"]}], auth("Bearer reader"), 403, [f'{SHORT}"read write"']),
    ("no scope wanted", [{"oauth": []}], auth("Bearer reader"), 200, []),
    ("a token that is not listed", [{"oauth": ["read"]}], auth("Bearer other"), 403, [f'{SHORT}"read"']),
    ("openIdConnect", [{"openid": ["write"]}], auth("Bearer reader"), 403, [f'{SHORT}"write"']),
    ("without a token", [{"oauth": ["read"]}], [], 401, [BEARER]),
    ("or, the second", [{"oauth": ["write"]}, {"openid": ["read"]}], auth("Bearer reader"), 200, []),
    ("or, neither", [{"oauth": ["write"]}, {"openid": ["delete"]}], auth("Bearer reader"), 403,
     [f'{SHORT}"write"']),
    ("and with a key", [{"header": [], "oauth": ["write"]}], [("x-api-key", "k"), *auth("Bearer reader")],
     403, [f'{SHORT}"write"']),
    ("optional", [{}, {"oauth": ["write"]}], auth("Bearer reader"), 200, []),
    # OpenAPI 3.1.1, "Security Requirement Object": roles of other schemes, which HTTP has no challenge for.
    ("a role", [{"basic": ["write"]}], auth(basic("ann:pass")), 200, []),
    ("a missing role", [{"header": ["admin"]}], [("x-api-key", "reader")], 403, []),
    # RFC 6749 3.3: no quote and no line end in a scope.
    ("odd scopes", [{"oauth": ['a"b', "c\r\nd", ""]}], auth("Bearer reader"), 403, [f'{SHORT}"ab cd"']),
]  # fmt: skip


@pytest.mark.parametrize(("security", "headers", "status", "challenges"), [each[1:] for each in SCOPED],
                         ids=[each[0] for each in SCOPED])  # fmt: skip
def test_scopes_are_those_of_the_table(
    security: Any, headers: Headers, status: int, challenges: list[str]
) -> None:
    """403 for credentials without the scopes; a request that was refused so is one of its sandbox."""
    asked = Served(security, scopes=TABLE).ask(headers)
    assert (asked.status, asked.challenges) == (status, challenges)
    assert (asked.key is None) is (status == 401)


def test_without_a_table_any_token_has_every_scope() -> None:
    """So that a contract is served without any settings."""
    assert Served([{"oauth": ["read", "write"]}]).ask(auth("Bearer k1")).status == 200


def test_digest_gets_a_nonce() -> None:
    """RFC 7616 3.3: no client sends credentials without one; it is the same at each start."""
    first, again = (Served(one("digest")).ask().challenges for _ in range(2))
    assert first == again
    assert first[0].startswith(f'Digest {REALM}, qop="auth", nonce="')


@pytest.mark.parametrize(
    ("title", "realm"),
    [
        ('A "B" \\ C', r"A \"B\" \\ C"),
        ("Café", "Cafe"),
        ("日本", "??"),
        ("a\r\nb\tc", "a b c"),
        ("", "API"),
        (None, "API"),
        (["x"], "API"),
        ("x" * 5_000, "x" * 200),
    ],
)
def test_the_realm_is_the_title(title: Any, realm: str) -> None:
    """RFC 9110 5.6.4: quotes and backslashes are escaped; a header is one line of ASCII."""
    assert Served(one("header"), title=title).ask().challenges == [f'ApiKey realm="{realm}"']


@pytest.mark.parametrize("name", ["", "a b", "a" * 201, "ä", "a,\tb"])
def test_a_name_that_no_sandbox_can_have_is_an_error(name: str) -> None:
    """400, with the header as its place."""
    asked = Served([]).ask([("Eqkit-Sandbox", name)])
    assert (asked.status, asked.places) == (400, ["Eqkit-Sandbox"])


def test_an_own_parameter_of_a_public_operation_is_no_credential() -> None:
    """A parameter `api_key` that an operation declares itself means something else there."""
    parameter = {"name": "api_key", "in": "query", "schema": {"type": "string"}}
    assert Served([]).ask(query="api_key=k1").key == "k1"
    assert Served([], parameters=[parameter]).ask(query="api_key=k1").key == DEFAULT


@pytest.mark.parametrize(("method", "is_due"), [("get", True), ("query", True), ("post", False)])
def test_a_request_that_reads_runs_due_events_first(method: str, is_due: bool) -> None:
    """Before the next turn of the event loop, which may come after the answer."""

    async def ask() -> list[str]:
        served = Served([], method=method, make_clock=WallClock)
        sandbox = served.sandboxes.of(DEFAULT)
        assert sandbox is not None
        rung: list[str] = []
        sandbox.clock.call_at(0, lambda: rung.append("due"))
        await served.handler(served.context())
        return [*rung]

    assert asyncio.run(ask()) == (["due"] if is_due else [])
