"""Members of objects that are texts, flags or lists of texts, read from values of another type."""

from collections.abc import Callable

from eqkit.contract.document import Json
from eqkit.contract.kinds import Kind
from eqkit.contract.loading.repairing.notes import Notes, Path, name_of, name_of_type

GONE: Json = object()
"""The value of a member that is left out."""

Reader = Callable[[Notes, Json, Path], Json]

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

_TEXTS = {
    Kind.OPENAPI: "$self jsonSchemaDialect",
    Kind.INFO: "title description version summary",
    Kind.SERVER: "url description name",
    Kind.SERVER_VARIABLE: "default description",
    Kind.PATH_ITEM: "$ref summary description",
    Kind.OPERATION: "operationId summary description",
    Kind.PARAMETER: "name in style description",
    Kind.HEADER: "style description",
    Kind.REQUEST_BODY: "description",
    Kind.ENCODING: "contentType style",
    Kind.RESPONSE: "description summary",
    Kind.EXAMPLE: "summary description externalValue serializedValue",
    Kind.LINK: "operationRef operationId description",
    Kind.TAG: "name description summary parent kind",
    Kind.SECURITY_SCHEME: "type description name in scheme bearerFormat openIdConnectUrl oauth2MetadataUrl",
    Kind.OAUTH_FLOW: "authorizationUrl tokenUrl refreshUrl deviceAuthorizationUrl",
}
_FLAGGED = {
    Kind.OPERATION: "deprecated",
    Kind.PARAMETER: "required deprecated allowEmptyValue explode allowReserved",
    Kind.HEADER: "required deprecated explode allowReserved",
    Kind.REQUEST_BODY: "required",
    Kind.ENCODING: "explode allowReserved",
}
_LISTED = {Kind.OPERATION: "tags", Kind.SERVER_VARIABLE: "enum"}
_NAMED = {Kind.OAUTH_FLOW: "scopes", Kind.LINK: "parameters"}


def text(notes: Notes, value: Json, path: Path) -> Json:
    """Return a member that has to be a text."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, dict | list):
        _leave_out(notes, value, path, "a text")
        return GONE
    found = str(value).lower() if isinstance(value, bool) else str(value)
    notes.repair("type", path, f'{name_of(path)} must be a text, and is {found}: it is read as "{found}"')
    return found


def flag(notes: Notes, value: Json, path: Path) -> Json:
    """Return a member that has to be true or false."""
    if isinstance(value, bool):
        return value
    found = _FLAGS.get(str(value).strip().lower()) if isinstance(value, str | int) else None
    if found is None:
        _leave_out(notes, value, path, "true or false")
        return GONE
    meant = f"`{path[-1]}` must be true or false, and is {name_of_type(value)}"
    notes.repair("type", path, f"{meant}: it is read as {str(found).lower()}")
    return found


def texts(notes: Notes, value: Json, path: Path) -> Json:
    """Return a member that has to be an array of texts; an item that is none is left out."""
    if isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return value
        found = [text(notes, each, (*path, str(index))) for index, each in enumerate(value)]
        return [each for each in found if each is not GONE]
    if isinstance(value, str):
        notes.repair("type", path, f"`{path[-1]}` must be an array, and is a text: it is read as one of it")
        return [value]
    _leave_out(notes, value, path, "an array of texts")
    return GONE


def named(notes: Notes, value: Json, path: Path) -> Json:
    """Return a member that has to be an object; another is left out."""
    if isinstance(value, dict):
        return value
    _leave_out(notes, value, path, "an object")
    return GONE


def _leave_out(notes: Notes, value: Json, path: Path, wanted: str) -> None:
    notes.repair(
        "type", path, f"{name_of(path)} must be {wanted}, and is {name_of_type(value)}: it is left out"
    )


READERS: dict[Kind, dict[str, tuple[type, Reader]]] = {
    kind: {
        name: (expected, reader)
        for table, expected, reader in (
            (_TEXTS, str, text),
            (_FLAGGED, bool, flag),
            (_LISTED, tuple, texts),
            (_NAMED, dict, named),
        )
        for name in table.get(kind, "").split()
    }
    for kind in Kind
}
"""The readers of the members that a server makes use of, and the types of values that need no reader.

An array has to be looked through in any case, so that the type of `texts` is one that JSON has not.
"""
