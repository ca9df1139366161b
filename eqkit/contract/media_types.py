"""Media types as contracts and messages name them."""

import re
from collections.abc import Iterable

JSON_API = "application/vnd.api+json"
OCTETS = "application/octet-stream"
_XML = re.compile(r"(?:application|text)/xml|.+\+xml")


def essence(media_type: str | None) -> str | None:
    """Return a media type without its parameters, in lower case."""
    return None if media_type is None else media_type.partition(";")[0].strip().lower()


def is_json(media_type: str | None) -> bool:
    """Return whether a body of a media type is JSON (RFC 6839 3.1)."""
    return (essence(media_type) or "").endswith(("/json", "+json"))


def is_xml(media_type: str | None) -> bool:
    """Return whether a body of a media type is XML (RFC 7303 9, RFC 6839 3.7)."""
    return _XML.fullmatch(essence(media_type) or "") is not None


def with_charset(media_type: str, body: bytes) -> str:
    """Return a media type that says that a text beyond ASCII is in UTF-8, where it would say nothing of it.

    ASCII is the default (RFC 2046 4.1.2); without a word, browsers take a guess. An event stream is always
    in UTF-8 (HTML 9.2.4).
    """
    kind = essence(media_type) or ""
    if body.isascii() or not kind.startswith("text/") or kind == "text/event-stream":
        return media_type
    return media_type if "charset=" in media_type.lower() else f"{media_type}; charset=utf-8"


def documented(media_types: Iterable[str], sent_as: str | None) -> str | None:
    """Return which of the media types of a contract a message has: itself, else the narrowest range of it.

    Of several that differ in their parameters alone, it is the one of which a message has the most. A
    message that names none is taken for bytes (RFC 9110 8.3).
    """
    sent_as = OCTETS if sent_as is None else sent_as
    found = essence(sent_as)
    if found is None:
        return None
    known = list(media_types)
    kind, _, subtype = found.partition("/")
    of_suffix = [f"{kind}/*+{subtype.rpartition('+')[2]}"] if "+" in subtype else []
    for wanted in (found, *of_suffix, f"{kind}/*", "*/*"):
        fitting = [each for each in known if essence(each) == wanted]
        if fitting:
            sent = _parameters(sent_as)
            # One that wants other parameters is still nearer than a range.
            return max(fitting, key=lambda each: _nearness(_parameters(each), sent))
    return None


def _parameters(media_type: str) -> dict[str, str]:
    pairs = (each.partition("=") for each in media_type.split(";")[1:])
    return {name.strip().lower(): value.strip().strip('"').lower() for name, _, value in pairs}


def _nearness(wanted: dict[str, str], sent: dict[str, str]) -> tuple[bool, int]:
    return wanted.items() <= sent.items(), len(wanted)
