"""The errors for requests without the credentials of any alternative, and for those without the scopes.

Each 401 has a challenge for every scheme (RFC 9110 11.6.1), each in a header of its own.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from eqkit.errors import ApiError, Code, ErrorObject, api_error
from eqkit.web.contracts.credentials.authorization import Found, Problem
from eqkit.web.contracts.credentials.schemes import Scheme

CHALLENGE = b"www-authenticate"
LONGEST_REALM = 200

_NO_SCOPE = re.compile(r"[^!#-\[\]-~]")
"""The characters that no scope has (RFC 6749 3.3)."""

Alternative = Sequence[Scheme]


class Refusals:
    """Makes the errors of one contract."""

    def __init__(self, title: str) -> None:
        """Take the title of the contract, which is the realm of its credentials."""
        realm = realm_of(title)
        self._realm = f'realm="{realm}"'
        nonce = hashlib.blake2b(realm.encode(), digest_size=16).hexdigest()
        # No client sends an answer to Digest without a nonce (RFC 7616 3.3).
        self._more = {"digest": f', qop="auth", nonce="{nonce}"'}

    def unauthorized(self, alternatives: Sequence[Alternative], found: Callable[[Scheme], Found]) -> ApiError:
        """Return the 401 for a request; `found` returns its credentials by a scheme of an alternative."""
        lines = dict.fromkeys(
            self._challenge(scheme, found(scheme))
            for alternative in alternatives
            for scheme in alternative
            if scheme.challenge is not None
        )
        with_error = [line.partition(", error=")[0] for line in lines if ", error=" in line]
        headers = [(CHALLENGE, line.encode()) for line in lines if line not in with_error]
        begun = next((each for each in alternatives if any(map(_is_sent, map(found, each)))), None)
        if begun is None and len(alternatives) > 1:
            first = alternatives[0][0]
            return _error(f"Send {'; or '.join(map(_ways, alternatives))}.", first, headers)
        return ApiError(_errors(begun or alternatives[0], found), headers)

    def forbidden(self, scheme: Scheme, has: Iterable[str], wanted: Sequence[str]) -> ApiError:
        """Return the 403 for credentials that do not have the `wanted` scopes (RFC 6750 3.1)."""
        scopes = " ".join(each for scope in wanted if (each := _NO_SCOPE.sub("", scope)))
        line = f'Bearer {self._realm}, error="insufficient_scope", scope="{scopes}"'
        headers = [(CHALLENGE, line.encode())] if scheme.challenge == "Bearer" else []
        has = set(has)
        detail = (
            f"This operation wants the scopes {', '.join(wanted)}. The credentials have "
            f"{', '.join(sorted(has)) or 'none'}: {', '.join(each for each in wanted if each not in has)} "
            f"is missing in the table of --scopes."
        )
        return api_error(
            Code.FORBIDDEN, detail, header=_header(scheme), parameter=scheme.parameter, headers=headers
        )

    def unknown_sandbox(self, header: str) -> ApiError:
        """Return the 401 for a name of a sandbox that is no key of a closed server."""
        detail = "The sandbox is none of the keys that the server was started with; leave the header out."
        headers = [(CHALLENGE, f"ApiKey {self._realm}".encode())]
        return api_error(Code.UNAUTHORIZED, detail, header=header, headers=headers)

    def _challenge(self, scheme: Scheme, found: Found) -> str:
        name = str(scheme.challenge)
        line = f"{name} {self._realm}{self._more.get(name.lower(), '')}"
        is_refused = isinstance(found, Problem) and found.has_token and found.is_meant
        # Only where a token was sent (RFC 6750 3.1).
        return f'{line}, error="invalid_token"' if name == "Bearer" and is_refused else line


def realm_of(title: str) -> str:
    """Return a title as it stands between the quotes of a realm: in ASCII, on one line (RFC 9110 5.6.4)."""
    plain = unicodedata.normalize("NFKD", title[: 4 * LONGEST_REALM])
    text = "".join(each for each in plain if not unicodedata.combining(each))
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    ascii_only = line.encode("ascii", "replace").decode()[:LONGEST_REALM]
    return re.sub(r'(["\\])', r"\\\1", ascii_only) or "API"


def _is_sent(found: Found) -> bool:
    """Return whether there is anything of an alternative, be it right or wrong."""
    return found.is_meant if isinstance(found, Problem) else bool(found)


def _errors(alternative: Alternative, found: Callable[[Scheme], Found]) -> Iterator[ErrorObject]:
    for scheme in alternative:
        each = found(scheme)
        if each is None or isinstance(each, Problem):
            detail = f"Send {scheme.how}." if each is None else f"{each.detail} Send {scheme.how}."
            yield ErrorObject(Code.UNAUTHORIZED, detail, header=_header(scheme), parameter=scheme.parameter)


def _error(detail: str, scheme: Scheme, headers: Sequence[tuple[bytes, bytes]]) -> ApiError:
    return api_error(
        Code.UNAUTHORIZED, detail, header=_header(scheme), parameter=scheme.parameter, headers=headers
    )


def _header(scheme: Scheme) -> str | None:
    return None if scheme.parameter is not None else scheme.header


def _ways(alternative: Alternative) -> str:
    return " and ".join(dict.fromkeys(scheme.how for scheme in alternative))
