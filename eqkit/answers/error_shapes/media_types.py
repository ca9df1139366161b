"""The media type of an error answer: of those that a contract declares, the best that a client takes."""

import functools
from collections.abc import Sequence

from eqkit.contract.media_types import essence, is_json

_TEXTS = ("text/plain", "text/markdown", "text/html")
_RANGES = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}
"""The media types that answers have which a contract declares by a range."""


def concrete(media_type: str) -> str:
    """Return the media type to send for one of a contract, which may be a range."""
    kind = essence(media_type) or ""
    if kind.startswith("application/*+"):  # the type of the suffix itself is not within the range
        return "application/problem+json" if kind.endswith("+json") else kind.replace("*", "x")
    return _RANGES.get(kind, media_type)


def is_text(media_type: str) -> bool:
    """Return whether a sentence can be the body of a media type."""
    return essence(media_type) in _TEXTS


@functools.lru_cache(maxsize=1024)
def ordered(declared: tuple[str, ...], accepted: tuple[str, ...]) -> list[str]:
    """Return declared media types, the best first: accepted ones, JSON before others, texts at last.

    `accepted` are the media types and ranges that the client takes, the best first. An error is sent though
    none is (RFC 9110 12.5.1): then, all are returned.
    """
    ranks = {each: rank for each in declared if (rank := _rank(concrete(each), accepted)) is not None}
    chosen = ranks or dict.fromkeys(declared, 0)
    return sorted(chosen, key=lambda each: (_class_of(concrete(each)), chosen[each]))


def _class_of(media_type: str) -> int:
    if is_json(media_type):
        return 0
    return 1 + _TEXTS.index(essence(media_type) or "") if is_text(media_type) else 9


def _rank(media_type: str, accepted: Sequence[str]) -> int | None:
    """Return the place of the first range that covers a media type; None if none does."""
    if not accepted:
        return 0
    kind = essence(media_type) or ""
    # A client that takes JSON takes every kind of it.
    own = {kind, f"{kind.partition('/')[0]}/*", "*/*"} | ({"application/json"} if is_json(kind) else set())
    return next((rank for rank, each in enumerate(accepted) if essence(each) in own), None)
