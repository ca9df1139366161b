"""Content negotiation: which Content-Type is taken, which Accept can be served (JSON:API 1.1, RFC 9110)."""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

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

    The most specific range that covers a type has the say about it, its parameters included; of equally
    wanted types the one that is asked for most specifically goes first, then the first that is offered
    (RFC 9110 12.5.1). A client that takes JSON takes every ``+json``; one that asks for parameters that a
    type has not is given the type without them.
    """
    ranges = _ranges(accept) if accept is not None else []
    if not ranges:
        return next(iter(offered), None)
    weighed = [(_weight(ranges, each), each) for each in offered]
    (best, _), chosen = max(weighed, key=lambda each: each[0], default=((0.0, 0), ""))
    return chosen if best > 0 else None


@functools.lru_cache(maxsize=256)
def preferred_within(accept: bytes | None, offered: str) -> str | None:
    """Return the media type that an Accept header prefers within an offered range, such as ``image/*``.

    None if it asks for no single one of them.
    """
    ranges = _ranges(accept) if accept is not None else []
    known = [each for each in ranges if each.weight > 0 and "*" not in each.name and _covers(offered, each)]
    return max(known, key=lambda each: each.weight).name if known else None


@functools.lru_cache(maxsize=256)
def by_preference(accept: bytes | None) -> tuple[str, ...]:
    """Return the media ranges of an Accept header, the most wanted first."""
    weights = _weights(accept) if accept is not None else {}
    return tuple(sorted((each for each in weights if weights[each] > 0), key=lambda each: -weights[each]))


class _Range(NamedTuple):
    """One media range of an Accept header, with its parameters and its weight."""

    name: str
    parameters: dict[str, str]
    weight: float


def _weight(ranges: Sequence[_Range], media_type: str) -> tuple[float, int]:
    """Return the weight of a media type, and how specifically it is asked for."""
    if "*" in media_type:
        # That of a range of the contract is of anything within it.
        within = [each.weight for each in ranges if each.name == "*/*" or _covers(media_type, each)]
        return max(within, default=0.0), _ANY_OF_KIND
    name, parameters = _parse(media_type) or (media_type.partition(";")[0].strip().lower(), {})
    found = [(_specificity(each, name, parameters), each.weight) for each in ranges]
    specificity, weight = max(found)
    return (weight, specificity) if specificity else (0.0, 0)


_ANY, _ANY_OF_KIND, _ANY_JSON, _BY_NAME, _WITH_PARAMETERS = range(1, 6)
"""How specific a range is about a type that it covers; 0 is for one that it does not."""


def _specificity(wanted: _Range, name: str, parameters: dict[str, str]) -> int:
    if wanted.name == name:
        if wanted.parameters.items() <= parameters.items():
            return _WITH_PARAMETERS + len(wanted.parameters)
        return _BY_NAME if wanted.weight else 0
    if wanted.name == JSON and name.endswith("+json"):
        return _ANY_JSON
    if wanted.name == f"{name.partition('/')[0]}/*":
        return _ANY_OF_KIND
    return _ANY if wanted.name == "*/*" else 0


def _covers(offered: str, wanted: _Range) -> bool:
    """Return whether an offered range, such as ``text/*`` or ``application/*+json``, has a type or range."""
    kind, _, subtype = offered.partition(";")[0].strip().lower().partition("/")
    suffix = subtype.partition("*")[2]
    return kind == "*" or (wanted.name.startswith(f"{kind}/") and wanted.name.endswith(suffix))


def _weights(accept: bytes) -> dict[str, float]:
    """Return the weight of each media range that can be read, by its name."""
    weights: dict[str, float] = {}
    for each in _ranges(accept):
        weights[each.name] = max(weights.get(each.name, 0.0), each.weight)
    return weights


def _ranges(accept: bytes) -> list[_Range]:
    """Return the media ranges that can be read."""
    ranges = []
    for element in elements(accept.decode("latin-1")):
        parsed = _parse(element)
        if parsed is None or "/" not in parsed[0]:
            continue
        name, parameters = parsed
        weight = parameters.pop("q", "1")
        if name == JSON_API and set(parameters) - {"profile"}:
            weight = "0"
        quality = float(weight) if _WEIGHT.fullmatch(weight) else 1.0
        ranges.append(_Range(name, parameters, quality))
    return ranges


def _acceptable(weights: dict[str, float], offered: tuple[str, ...]) -> bool:
    # A client that takes JSON takes JSON:API.
    for own in (*offered, JSON):
        for name in (own, f"{own.partition('/')[0]}/*", "*/*"):
            if name in weights:
                if weights[name] > 0:
                    return True
                break
    return False
