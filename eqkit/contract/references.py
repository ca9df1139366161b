"""Where the references of a document's schemas lead: pointers, anchors and addresses (`$id`).

A location is ``URI#/pointer``. `referencing` resolves the same references to a value, and does not
tell its place, which every message needs.
"""

from urllib.parse import quote, unquote, urldefrag, urljoin

from eqkit.contract.document import Json, child, pointer_parts

BASE = "http://contract.invalid/"
"""The address that a document has in its schemas; names below `.invalid` belong to nobody."""

NOWHERE = "http://nowhere.invalid/"
"""The address below which all that is no URI stands."""


class References:
    """The names that the schemas of one document have given themselves so far."""

    def __init__(self, document: Json) -> None:
        """Take the data of a document."""
        self._document = document
        self._ids: dict[str, str] = {}
        self._anchors: dict[str, str] = {}
        self._dynamic: set[tuple[str, str]] = set()

    def add_id(self, uri: str, location: str) -> bool:
        """Keep the address of the schema at a location; return False if another schema has it."""
        if uri == BASE or uri in self._ids:
            return False
        self._ids[uri] = location
        return True

    def add_anchor(self, base: str, name: str, location: str, *, is_dynamic: bool = False) -> None:
        """Keep the anchor of the schema at a location."""
        self._anchors[f"{base}#{name}"] = location
        if is_dynamic:
            self._dynamic.add((base, name))

    def dynamic(self, reference: str, base: str) -> str | None:
        """Return a reference as `$dynamicRef` has it, None for one that leads to no dynamic anchor."""
        uri, anchor = urldefrag(joined(base, reference))
        return f"{uri}#{anchor}" if (uri, anchor) in self._dynamic else None

    def dynamic_anchors(self) -> list[tuple[str, str, str]]:
        """Return all dynamic anchors: base, name and location."""
        return [(base, name, self._anchors[f"{base}#{name}"]) for base, name in sorted(self._dynamic)]

    def target(self, reference: str, base: str) -> str | None:
        """Return the location that a reference leads to; None if there is nothing."""
        uri, fragment = urldefrag(joined(base, reference))
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            return self._anchors.get(f"{uri}#{fragment}")
        start = f"{BASE}#" if uri == BASE else self._ids.get(uri)
        if start is None:
            return None
        try:
            self.at(start + fragment)
        except KeyError:
            return None
        return start + fragment

    def base(self, location: str) -> str:
        """Return the base of the references of a schema at a location."""
        holders = [uri for uri, at in self._ids.items() if location == at or location.startswith(f"{at}/")]
        return max(holders, key=lambda uri: len(self._ids[uri]), default=BASE)

    def at(self, location: str) -> Json:
        """Return the value at a location; raises KeyError if there is none."""
        return descended(self._document, pointer_parts(location.partition("#")[2]))


def joined(base: str, reference: str) -> str:
    """Resolve a reference (RFC 3986 5); of a URN as well, of which `urljoin` knows nothing.

    One that is no URI, such as ``http://[``, leads to a place that is nowhere.
    """
    if reference.startswith("#"):
        return base + reference
    try:
        found = urljoin(base, reference)
        urldefrag(found)
    except ValueError:
        return f"{NOWHERE}{quote(reference)}"
    return found


def written(location: str) -> str:
    """Return a location as a URI reference has it."""
    uri, _, pointer = location.partition("#")
    return f"{uri}#{quote(pointer, safe='/~!$&()*+,;=:@')}" if pointer else uri


def descended(node: Json, parts: list[str]) -> Json:
    """Return the value that some parts of a pointer lead to; raises KeyError."""
    for part in parts:
        node = child(node, part)
    return node
