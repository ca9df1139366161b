"""How schemas want values in XML (OpenAPI 3.0.4, 3.1.1 and 3.2, "XML Object")."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from eqkit.contract.document import Json

_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e"
    "\u0391-\u03a1\u03a3-\u03ce\u0410-\u044f\u05d0-\u05ea\u0621-\u063a\u3041-\u3094\u30a1-\u30fa\u4e00-\u9fa5"
    "\uac00-\ud7a3"
)
"""The letters of names that parsers of each edition take: the fifth has more, and some read by the fourth."""

_REST = rf"{_START}0-9.\xb7-"
_NAME = re.compile(f"[{_START}][{_REST}]*")
_NO_REST = re.compile(f"[^{_REST}]")
_KINDS = ("element", "attribute", "text", "cdata", "none")


def is_name(text: str) -> bool:
    """Return whether a text is the name of an element or an attribute, without a prefix."""
    return _NAME.fullmatch(text) is not None


def local_name(name: str) -> str:
    """Return the name of an element or an attribute for a member, in which other characters are ``_``."""
    local = _NO_REST.sub("_", name)
    return local if is_name(local) else f"_{local}"


class Hints(NamedTuple):
    """The members of an XML Object; `kind` is its `nodeType`, None where nothing is said of it."""

    name: str | None = None
    namespace: str | None = None
    prefix: str | None = None
    kind: str | None = None
    is_wrapped: bool = False

    @classmethod
    def of(cls, node: Mapping[str, Json], name: str | None) -> "Hints":
        """Read an XML Object that may have anything in it."""
        namespace, prefix, kind = node.get("namespace"), node.get("prefix"), node.get("nodeType")
        if kind not in _KINDS:
            kind = "attribute" if node.get("attribute") is True else None
        return cls(
            name,
            namespace if isinstance(namespace, str) and namespace else None,
            prefix if isinstance(prefix, str) and is_name(prefix) and prefix != "xmlns" else None,
            kind,
            node.get("wrapped") is True,
        )

    @classmethod
    def merged(cls, nodes: Iterable[Mapping[str, Json]]) -> "Hints":
        """Return the hints of some schemas together; of two that say the same, the nearest counts."""
        given = [each["xml"] for each in nodes if isinstance(each.get("xml"), dict)]
        merged = {name: value for each in reversed(given) for name, value in each.items()}
        names = (each.get("name") for each in given)
        # Generators write names that are none, such as ##default.
        name = next((each for each in names if isinstance(each, str) and is_name(each)), None)
        return cls.of(merged, name)
