"""JSON as the contract demands it: UTF-8, no duplicate key, no lone surrogate, no number out of range."""

import json

import orjson

from eqkit.contract.document import Json


class NotJson(ValueError):
    """A body that is not JSON, or not JSON that two parsers would read alike."""


def json_of(body: bytes) -> Json:
    """Read a body; raises NotJson, which says why."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        orjson.loads(body)
        # It has whole numbers of any size, which the other makes fractions of.
        document = json.loads(body, object_pairs_hook=_unique)
    except orjson.JSONDecodeError as error:
        raise NotJson(str(error)) from None
    except RecursionError:
        raise NotJson("it nests too deep") from None
    except NotJson:
        raise
    except ValueError as error:
        raise NotJson(str(error)) from None
    return document


def document_of(body: bytes | None) -> Json:
    """Return a body as a document; None for no body, and for one that is not JSON."""
    try:
        return json_of(body) if body else None
    except NotJson:
        return None


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for name, value in pairs:
        if name in members:
            raise NotJson(f'the key "{name[:80]}" stands more than once in one object')
        members[name] = value
    return members
