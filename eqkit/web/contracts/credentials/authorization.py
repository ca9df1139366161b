"""The values of the header Authorization, by the names of their schemes (RFC 9110 11.4)."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from eqkit.web.messages.header_fields import elements, is_token, unquoted

Keys = tuple[str, ...]
"""The texts that credentials may be known by, the one that opens a sandbox first; none for mutual TLS."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The reason why credentials that were sent are none, in a sentence without them.

    `is_meant` tells whether they were surely meant for the scheme: one that is optional is not refused for
    the credentials of another. `has_token` tells whether there is a token that was refused.
    """

    detail: str
    is_meant: bool = True
    has_token: bool = True


Found = Keys | Problem | None
"""The credentials of a request by one scheme; None if it has none at all."""

KNOWN = frozenset((
    "apikey", "aws4-hmac-sha256", "basic", "bearer", "concealed", "digest", "dpop", "gnap", "hawk", "hmac",
    "hoba", "mutual", "negotiate", "ntlm", "oauth", "privatetoken", "scram-sha-1", "scram-sha-256",
    "signature", "token", "vapid",
))  # fmt: skip
"""Schemes that an error may name: IANA's, and others in use. Any other word may be a secret."""

_IDENTITIES = ("username", "id", "keyid", "credential", "token", "oauth_token", "oauth_consumer_key", "k")
"""The parameters by which a scheme names its user: the others change with each request."""

_TOKEN = re.compile(r"[!-+\--~]+")
"""A token: visible ASCII without the comma of lists. RFC 6750 2.1 allows less, and services send more."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_BLANKS = " \t"


def read_as(names: tuple[str, ...], value: str) -> Keys | Problem:
    """Return the keys of a value whose scheme has one of some names, in lower case."""
    value = value.strip(_BLANKS)
    if not value:
        return Problem("The header Authorization is empty.", has_token=False)
    sent, _, credentials = value.partition(" ")
    name, credentials = sent.lower(), credentials.strip(_BLANKS)
    if name not in names:
        if name in KNOWN:
            return Problem(f"The header Authorization has the scheme {sent}.", is_meant=False)
        return Problem("The header Authorization does not begin with the name of that scheme.")
    if not credentials:
        return Problem(f"There is nothing behind {sent}.", has_token=False)
    return _READERS.get(name, _other)(credentials)


def read_any(value: str) -> Keys | Problem:
    """Return the keys of a value of any scheme, or of none."""
    value = value.strip(_BLANKS)
    name, _, credentials = value.partition(" ")
    if not value:
        return Problem("The header Authorization is empty.", has_token=False)
    if not credentials and name.lower() in _READERS:
        return Problem(f"There is nothing behind {name}.", has_token=False)
    if credentials and is_token(name):
        found = _READERS.get(name.lower(), _other)(credentials.strip(_BLANKS))
        return found if isinstance(found, Problem) else (*found, value)
    return (value,)


def _bearer(credentials: str) -> Keys | Problem:
    """Read a token (RFC 6750 2.1)."""
    if _TOKEN.fullmatch(credentials):
        return (credentials,)
    return Problem("The token has characters that no token has, such as a blank or a comma.")


def _basic(credentials: str) -> Keys | Problem:
    """Read a user and a password (RFC 7617 2); without a user, the password is the key."""
    try:
        text = base64.b64decode(credentials, validate=True).decode("latin-1")
    except ValueError:
        return Problem("The credentials behind Basic are not base64.")
    user, colon, password = text.partition(":")
    if not colon:
        return Problem("The credentials behind Basic have no colon between user and password.")
    if _CONTROLS.search(text):
        return Problem("The credentials behind Basic have a control character.")
    if not user:
        return (password,) if password else Problem("The credentials behind Basic have an empty user.")
    return (user, text)


def _other(credentials: str) -> Keys | Problem:
    """Read the credentials of any other scheme: a token, or parameters, of which one names the user."""
    if "=" not in credentials.rstrip("="):
        return (credentials,)
    parameters: dict[str, str] = {}
    for element in elements(credentials):
        name, _, value = element.partition("=")
        parameters.setdefault(name.strip(_BLANKS).lower(), unquoted(value.strip(_BLANKS)))
    if extended := parameters.get("username*"):  # RFC 7616 3.4.2
        parameters["username"] = unquote_to_bytes(extended.rpartition("'")[2]).decode("latin-1")
    name = next((each for each in _IDENTITIES if parameters.get(each)), "")
    found = parameters.get(name, credentials)
    # AWS has the date and the service behind the key.
    return ((found.partition("/")[0] or found) if name == "credential" else found,)


_READERS: dict[str, Callable[[str], Keys | Problem]] = {"bearer": _bearer, "dpop": _bearer, "basic": _basic}
