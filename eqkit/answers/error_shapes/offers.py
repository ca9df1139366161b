"""The media types that a contract offers for an error: of those, the best that a client takes."""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.contents import MediaType

TEXTS = ("text/plain", "text/markdown", "text/html")
"""Media types of which a sentence is the body, the best first."""

_BYTES = re.compile(
    r"(?:image|audio|video|font|model|multipart)/.+"
    r"|application/(?:octet-stream|pdf|zip|gzip|x-www-form-urlencoded)|text/(?:csv|event-stream)"
)
"""Media types of which no sentence is the body, whatever a schema says."""

_RANGES = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}
"""The media types that answers have which a contract declares by a range."""

_WRITTEN = re.compile(r"(?:application|text)/(?:xml|(?:x-|vnd\.)?yaml)|.+\+(?:xml|yaml)")
"""Media types that an object can be written in, besides JSON."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A declared media type of an error answer, as it is sent."""

    media_type: MediaType
    kind: str
    """The media type without its parameters."""
    schema: str | None
    """The pointer to where its schema really stands; None if it has none."""

    @classmethod
    def of(cls, declared: MediaType, name: str, schema: str | None) -> "Offer":
        """Return the offer of a declared media type by the name that it is sent with."""
        sent = MediaType(name, declared.pointer, declared.schema, declared.items, declared.encoding)
        return cls(sent, essence(name) or "", schema)

    @property
    def name(self) -> str:
        """The media type to send."""
        return self.media_type.name

    @property
    def is_json(self) -> bool:
        """Whether its document is written as JSON."""
        return is_json(self.kind)

    @property
    def is_text(self) -> bool:
        """Whether its document is a sentence: in a text, or where a schema says that its body is one."""
        if self.is_json or self.is_written or _BYTES.fullmatch(self.kind):
            return False
        return self.schema is not None or self.kind.startswith("text/") or self.kind == "application/text"

    @property
    def is_written(self) -> bool:
        """Whether its document is an object that is not written as JSON."""
        return _WRITTEN.fullmatch(self.kind) is not None


def concrete(media_type: str) -> str:
    """Return the media type to send for one of a contract, which may be a range."""
    kind = essence(media_type) or ""
    if kind.startswith("application/*+"):  # the type of the suffix itself is not within the range
        return "application/problem+json" if kind.endswith("+json") else kind.replace("*", "x")
    return _RANGES.get(kind, media_type)


def preferred(offers: Iterable[Offer], accepted: tuple[str, ...]) -> list[Offer]:
    """Return offers, the best first: accepted ones, JSON before others, texts at last.

    `accepted` are the media types and ranges that the client takes, the best first. An error is sent though
    none is (RFC 9110 12.5.1): then, all are returned.
    """
    by_name: dict[str, Offer] = {}
    for each in offers:
        by_name.setdefault(each.name, each)
    if len(by_name) < 2:
        return list(by_name.values())
    return [by_name[each] for each in _ordered(tuple(by_name), accepted)]


@functools.lru_cache(maxsize=1024)
def _ordered(declared: tuple[str, ...], accepted: tuple[str, ...]) -> list[str]:
    ranks = {each: rank for each in declared if (rank := _rank(each, accepted)) is not None}
    chosen = ranks or dict.fromkeys(declared, 0)
    return sorted(chosen, key=lambda each: (_class_of(essence(each) or ""), chosen[each]))


def _class_of(kind: str) -> int:
    if is_json(kind):
        return 0
    if _WRITTEN.fullmatch(kind):
        return 1
    return 2 + TEXTS.index(kind) if kind in TEXTS else 9


def _rank(media_type: str, accepted: Sequence[str]) -> int | None:
    """Return the place of the first range that covers a media type; None if none does."""
    if not accepted:
        return 0
    kind = essence(media_type) or ""
    # A client that takes JSON takes every kind of it.
    own = {kind, f"{kind.partition('/')[0]}/*", "*/*"} | ({"application/json"} if is_json(kind) else set())
    return next((rank for rank, each in enumerate(accepted) if essence(each) in own), None)
