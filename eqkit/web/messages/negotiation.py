"""Content negotiation: which Content-Type is taken, which Accept can be served (JSON:API 1.1, RFC 9110)."""

import functools
import re

from eqkit.errors import Code, ErrorObject
from eqkit.web.messages.header_fields import elements, is_quoted, is_token, parts, unquoted

MEDIA_TYPE = b"application/vnd.api+json"
JSON_API, JSON = MEDIA_TYPE.decode(), "application/json"

_PLAIN = re.compile(r"[^\s,\"]*")
"""A value without quotes; more than a token, since a profile is often sent so."""

_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def _parse(media_range: str) -> tuple[str, dict[str, str]] | None:
    """Split a media range into its lower-case name and parameters; None if it is not one."""
    name, *rest = parts(media_range)
    parameters: dict[str, str] = {}
    for part in rest:
        key, equals, value = (each.strip() for each in part.partition("="))
        if not equals or not is_token(key) or not (is_quoted(value) or _PLAIN.fullmatch(value)):
            return None
        parameters[key.lower()] = unquoted(value)
    return name.lower(), parameters


@functools.lru_cache(maxsize=256)
def media_type_error(content_type: bytes | None, wanted: str) -> ErrorObject | None:
    """Return why a Content-Type is refused (ruling H5), or None for the right one."""
    if content_type is None:
        return _unsupported(f"The request has a body but no Content-Type; send {wanted}.")
    parsed = _parse(content_type.decode("latin-1"))
    if parsed is None or parsed[0] != wanted:
        return _unsupported(f"The Content-Type must be {wanted}.")
    if wanted != JSON_API:
        charset = parsed[1].get("charset", "utf-8").lower()
        return None if charset == "utf-8" else _unsupported("The charset must be utf-8.")
    for name in parsed[1]:
        if name == "ext":
            return _unsupported("No extension of JSON:API is supported; leave 'ext' out.")
        if name != "profile":
            return _unsupported(f"{wanted} takes no parameter but ext and profile, and no '{name[:40]}'.")
    return None


def _unsupported(detail: str) -> ErrorObject:
    return ErrorObject(Code.UNSUPPORTED_MEDIA_TYPE, detail, header="Content-Type")


@functools.lru_cache(maxsize=256)
def accept_error(accept: bytes | None, offered: tuple[str, ...]) -> ErrorObject | None:
    """Return why an Accept header rules out all that is offered (ruling H6), or None.

    The most specific range that covers a type has the say about it (RFC 9110 12.5.1). A range of JSON:API's
    own type with parameters but `profile` does not count (JSON:API 1.1), and one that nobody can
    read rules nothing out.
    """
    if accept is None or not accept.strip():
        return None
    weights = _weights(accept)
    if not weights or _acceptable(weights, offered):
        return None
    detail = f"Every answer is {offered[0]}, which the Accept header rules out."
    return ErrorObject(Code.NOT_ACCEPTABLE, detail, header="Accept")


@functools.lru_cache(maxsize=256)
def wants(accept: bytes | None, media_type: str) -> bool:
    """Return whether an Accept header asks for a media type by its own name."""
    return accept is not None and _weights(accept).get(media_type, 0.0) > 0


@functools.lru_cache(maxsize=1024)
def preferred(accept: bytes | None, offered: tuple[str, ...]) -> str | None:
    """Return which of some media types an Accept header prefers, or None if it rules out all of them.

    The most specific range that covers a type has the say about it, and of equally wanted ones the first that
    is offered goes first (RFC 9110 12.5.1). A client that takes JSON takes every ``+json``.
    """
    weights = _weights(accept) if accept is not None else {}
    if not weights:
        return next(iter(offered), None)
    weighed = [(_weight(weights, each), each) for each in offered]
    best, chosen = max(weighed, key=lambda each: each[0], default=(0.0, ""))
    return chosen if best > 0 else None


@functools.lru_cache(maxsize=256)
def by_preference(accept: bytes | None) -> tuple[str, ...]:
    """Return the media ranges of an Accept header, the most wanted first."""
    weights = _weights(accept) if accept is not None else {}
    return tuple(sorted((each for each in weights if weights[each] > 0), key=lambda each: -weights[each]))


def _weight(weights: dict[str, float], media_type: str) -> float:
    """Return the weight of a media type; that of a range of the contract is of anything within it."""
    name = media_type.partition(";")[0].strip().lower()
    kind = name.partition("/")[0]
    if name.endswith("/*"):
        within = [each for wanted, each in weights.items() if kind == "*" or wanted.startswith(f"{kind}/")]
        return max([*within, weights.get("*/*", 0.0)])
    also = (JSON,) if name.endswith("+json") else ()
    for each in (name, *also, f"{kind}/*", "*/*"):
        if each in weights:
            return weights[each]
    return 0.0


def _weights(accept: bytes) -> dict[str, float]:
    """Return the weight of each media range that can be read, by its name."""
    weights: dict[str, float] = {}
    for element in elements(accept.decode("latin-1")):
        parsed = _parse(element)
        if parsed is None or "/" not in parsed[0]:
            continue
        name, parameters = parsed
        weight = parameters.pop("q", "1")
        if name == JSON_API and set(parameters) - {"profile"}:
            weight = "0"
        quality = float(weight) if _WEIGHT.fullmatch(weight) else 1.0
        weights[name] = max(weights.get(name, 0.0), quality)
    return weights


def _acceptable(weights: dict[str, float], offered: tuple[str, ...]) -> bool:
    # A client that takes JSON takes JSON:API.
    for own in (*offered, JSON):
        for name in (own, f"{own.partition('/')[0]}/*", "*/*"):
            if name in weights:
                if weights[name] > 0:
                    return True
                break
    return False
