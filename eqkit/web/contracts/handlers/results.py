"""The values that handlers return, as responses: documents, bytes, texts, and nothing at all."""

import re
from collections.abc import Mapping
from typing import Any

from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.compiled import FIRST_FINAL
from eqkit.contract.operations import Operation
from eqkit.contract.signatures import usual_status
from eqkit.web.messages.context import Headers, Response

CONTENT_TYPE = b"content-type"
NO_CONTENT = 204
_ENDS_LINE = re.compile(rb"[\r\n\0]")


class WrongResult(TypeError):
    """A value that no response can be made of; the text says which is meant."""


def response_of(result: Any, operation: Operation) -> Response:
    """Return the response for a value; raises WrongResult.

    One with a document has no Content-Type yet unless the handler has set it: that is negotiated later.
    """
    match result:
        case Response():
            return result
        case tuple():
            return _of_tuple(result, operation)
        case None if NO_CONTENT in operation.responses:
            return Response(NO_CONTENT)
    return _response(usual_status(operation), result, (), operation)


def _of_tuple(result: tuple[Any, ...], operation: Operation) -> Response:
    if len(result) not in (2, 3) or type(result[0]) is not int:
        raise WrongResult(
            f"a tuple is (status, document) or (status, document, headers), and not {result!r:.200}"
        )
    status: int = result[0]
    document, headers = result[1], result[2] if len(result) == 3 else {}
    if not FIRST_FINAL <= status <= 599:
        raise WrongResult(f"a status is a number from {FIRST_FINAL} to 599, and not {status}")
    return _response(status, document, _lines(headers), operation)


def _lines(headers: Any) -> Headers:
    """Return headers as lines; raises WrongResult unless they are a mapping, or pairs, of texts."""
    pairs = list(headers.items()) if isinstance(headers, Mapping) else headers
    try:
        return [(_field(name).lower(), _field(value)) for name, value in pairs]
    except (TypeError, ValueError, AttributeError):
        raise WrongResult(
            f"headers are a mapping of names to one line of ISO 8859-1 each, and not {headers!r:.200}"
        ) from None


def _field(text: str | bytes) -> bytes:
    """Return a name or value as bytes; raises ValueError for one that would end its line."""
    field = text if isinstance(text, bytes) else text.encode("latin-1")
    if _ENDS_LINE.search(field):
        raise ValueError
    return field


def _response(status: int, value: Any, headers: Headers, operation: Operation) -> Response:
    """Return a response with a value for its body; a text is a document where the contract has JSON there."""
    match value:
        case bytes() | bytearray() | memoryview():
            body = bytes(value)
        case str() if not _wants_json(status, headers, operation):
            body = value.encode()
        case _:
            return Response(status, value, headers)
    if not any(name == CONTENT_TYPE for name, _ in headers):
        headers = [(CONTENT_TYPE, _media_type(status, value, operation)), *headers]
    return Response(status, None, headers, body=body)


def _wants_json(status: int, headers: Headers, operation: Operation) -> bool:
    set_here = [value.decode("latin-1") for name, value in headers if name == CONTENT_TYPE]
    return any(is_json(each) for each in set_here or _documented(status, operation))


def _media_type(status: int, value: Any, operation: Operation) -> bytes:
    """Return the first documented media type that is one; of a text with its charset."""
    named = (each for each in _documented(status, operation) if "*" not in each and not is_json(each))
    if not isinstance(value, str):
        return next(named, "application/octet-stream").encode("latin-1")
    found = next(named, "text/plain")
    is_text = (essence(found) or "").startswith("text/") and "charset" not in found.lower()
    return (f"{found}; charset=utf-8" if is_text else found).encode("latin-1")


def _documented(status: int, operation: Operation) -> list[str]:
    answer = operation.answer(status)
    return [] if answer is None else list(answer.content)
