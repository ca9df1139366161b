"""Names of a contract as Python identifiers: ``getPet`` is ``get_pet``, and "Pet Store" ``pet_store``.

The author of a contract is free in the names of tags, operations and parameters; a Python name is not:

1. The text is put into Unicode's form NFKC, as Python reads identifiers itself.
2. Words end where the case changes (``listPetsV2``, ``HTTPStatus``, ``petIDs``; OAuth is one word), and at
   every character that no identifier has; they are joined by ``_``, in lower case.
3. A name that begins with a digit, or of which nothing is left, gets its kind in front: ``operation_3ds``.
4. A keyword, a name that no file may have on Windows, and the names that the stubs of handlers use themselves
   get ``_`` behind: ``class_``.
5. A name longer than MAX_BYTES ends in a digest of the whole text instead.
"""

import hashlib
import keyword
import re
import unicodedata
from collections.abc import Collection

MAX_BYTES = 100
"""The longest identifier in bytes of UTF-8: with a few words around it, a file may have it for a name."""

LONGEST_TEXT = 2_000
"""Up to where a text is looked at in characters; its digest tells it from others with the same beginning."""

_DIGEST_BYTES = 4
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that identifiers may have and nobody sees, such as the selector behind many an emoji."""

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])(?![A-Z]s(?![a-z]))")
_FILES = frozenset(
    ("aux", "con", "nul", "prn", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)))
)
"""Names of devices, which no file has on Windows, with any extension."""

TYPES = frozenset(("bool", "bytes", "dict", "float", "int", "list", "str"))
"""The types that stubs name: a function of such a name would take its place in the module."""


def identifier(text: str, kind: str, taken: Collection[str] = ()) -> str:
    """Return the identifier for a name of the contract, as the rules of this module have it.

    `kind` is a word such as ``operation`` for names that begin with no letter. Names in `taken` get ``_``.
    """
    whole = unicodedata.normalize("NFKC", text[:LONGEST_TEXT].replace("OAuth", "Oauth"))
    name = _joined(_WORDS.sub("_", _INVISIBLE.sub("", whole)))
    # Lower case may leave the form again: "İ" becomes two characters.
    name = _joined(unicodedata.normalize("NFKC", name.lower()))
    if not name.isidentifier():
        name = f"{kind}_{name}" if name else kind
    if keyword.iskeyword(name) or name in _FILES or name in TYPES or name in taken:
        name += "_"
    return name if len(name.encode()) <= MAX_BYTES and len(text) <= LONGEST_TEXT else _cut(name, text)


def _joined(text: str) -> str:
    """Return a text with each run of characters that no identifier has, and of ``_``, as one ``_``."""
    parts = "".join(each if f"a{each}".isidentifier() else "_" for each in text).split("_")
    return "_".join(filter(None, parts))


def _cut(name: str, text: str) -> str:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()
    room = MAX_BYTES - len(digest) - 1
    return f"{name.encode()[:room].decode(errors='ignore').rstrip('_')}_{digest}"
