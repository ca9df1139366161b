"""Media types as contracts and messages name them."""

from collections.abc import Iterable

JSON_API = "application/vnd.api+json"


def essence(media_type: str | None) -> str | None:
    """Return a media type without its parameters, in lower case."""
    return None if media_type is None else media_type.partition(";")[0].strip().lower()


def is_json(media_type: str | None) -> bool:
    """Tell whether a body of a media type is JSON (RFC 6839 3.1)."""
    return (essence(media_type) or "").endswith(("/json", "+json"))


def documented(media_types: Iterable[str], sent_as: str | None) -> str | None:
    """Return which of the media types of a contract a message has: itself, else the narrowest range of it."""
    found = essence(sent_as)
    if found is None:
        return None
    known = {essence(each): each for each in media_types}
    ranges = (found, f"{found.partition('/')[0]}/*", "*/*")
    return next((known[each] for each in ranges if each in known), None)
