"""The names that client generators make: of schemas, of operations, and the words that are taken."""

import keyword
from collections.abc import Iterator

_OPERATION_TYPES = (
    *("Request", "Response", "Responses", "Data", "Error", "Errors"),
    *("Params", "QueryParams", "Body", "JSONBody", "JSONRequestBody", "Payload", "Result"),
)
"""The ends of the types that are made of an operation, by one generator or another."""

_KEYWORDS = """
abstract boolean byte case catch char chan const crate default delegate delete do double enum event export
extends extern final float fn fallthrough func function go goto impl implements instanceof int interface
internal let long match mod module move mut namespace native new null object operator package private
protected public readonly ref sealed select short static string struct super switch synchronized this throw
throws trait transient type typeof undefined unsafe use using var virtual void volatile where
"""
"""Keywords of TypeScript, Java, C#, Go and Rust; those of Python are the standard library's to list."""

_TYPES = """
any apiclient apiexception apiresponse array basemodel blob configuration date datetime decimal dict error
exception field file formdata headers integer list map model none number optional promise record request
response self set symbol tuple union url uuid
"""
"""Types that are built in, or that generated clients bring along."""

RESERVED = frozenset(map(str.casefold, (*keyword.kwlist, *_KEYWORDS.split(), *_TYPES.split())))
"""Words that no schema should be called by, in any case."""


def mangled(name: str) -> str:
    """Return the letters and digits of a name in one case: generators choose case and punctuation."""
    return "".join(each for each in name if each.isalnum()).casefold()


def made_from_model(name: str) -> Iterator[str]:
    """Yield the names that Go declares beside the type of a schema."""
    for begin in ("New", "Nullable", "NewNullable"):
        yield f"{begin}{name}"
    yield f"New{name}WithDefaults"


def made_from_operation(operation_id: str) -> Iterator[str]:
    """Yield the types that generators make of an operation, beside its function."""
    for end in _OPERATION_TYPES:
        yield f"{operation_id}{end}"
    yield f"Api{operation_id}Request"
