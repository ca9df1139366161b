"""The values that handlers return, as responses: documents, bytes, texts, and nothing at all."""

import re
from collections.abc import Mapping
from typing import Any

from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.compiled import FIRST_FINAL, WITHOUT_CONTENT
from eqkit.contract.operations import Operation
from eqkit.contract.signatures import usual_status
from eqkit.web.messages.context import Headers, Response
from eqkit.web.messages.header_fields import is_token

CONTENT_TYPE = b"content-type"
NO_CONTENT = 204
_ENDS_LINE = re.compile(rb"[\r\n\0]")
_OF_THE_SERVER = (b"connection", b"content-length", b"transfer-encoding")
"""Headers that frame a message, which the server writes itself: twice, they would contradict each other."""


class WrongResult(TypeError):
    """A value that no response can be made of; the text says which is meant."""


def response_of(result: Any, operation: Operation) -> Response:
    """Return the response for a value; raises WrongResult.

    One with a document has no Content-Type yet unless the handler has set it: that is negotiated later.
    """
    match result:
        case Response():
            return _sound(result)
        case tuple():
            return _of_tuple(result, operation)
        case None if NO_CONTENT in operation.responses:
            return Response(NO_CONTENT)
    return _response(usual_status(operation), result, (), operation)


def _of_tuple(result: tuple[Any, ...], operation: Operation) -> Response:
    if len(result) not in (2, 3) or not _is_number(result[0]):
        raise WrongResult(
            f"a tuple is (status, document) or (status, document, headers), and not {result!r:.200}"
        )
    headers = lines_of(result[2] if len(result) == 3 else {})
    return _response(_status(result[0]), result[1], headers, operation)


def _sound(response: Response) -> Response:
    """Return a response that a handler has made whole, its headers as lines; raises WrongResult."""
    status = _status(response.status)
    body: Any = response.body  # of whatever type a handler has given it
    if not (body is None or type(body) is bytes):
        raise WrongResult(f"the body of a Response is bytes, and not {body!r:.200}")
    if status in WITHOUT_CONTENT and (body or response.document is not None):
        raise WrongResult(f"an answer of {status} has no content")
    return response.with_headers(lines_of(response.headers))


def _status(status: Any) -> int:
    if not _is_number(status) or not FIRST_FINAL <= status <= 599:
        raise WrongResult(f"a status is a number from {FIRST_FINAL} to 599, and not {status!r:.200}")
    return int(status)


def _is_number(status: Any) -> bool:
    """Return whether a value is a whole number, such as one of `http.HTTPStatus`."""
    return isinstance(status, int) and not isinstance(status, bool)


def lines_of(headers: Any) -> Headers:
    """Return headers as lines, without those of the server.

    Raises WrongResult unless they are a mapping, or pairs, of names to texts that fit a line.
    """
    try:
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        lines = [(_name(name), _field(value)) for name, value in pairs]
    except (TypeError, ValueError, AttributeError):
        raise WrongResult(
            f"headers are a mapping of names to one line of ISO 8859-1 each, and not {headers!r:.200}"
        ) from None
    return [each for each in lines if each[0] not in _OF_THE_SERVER]


def _name(text: str | bytes) -> bytes:
    """Return a name as bytes; raises ValueError for one that is no token (RFC 9110 5.1)."""
    name = _field(text)
    if not is_token(name.decode("latin-1")):
        raise ValueError
    return name.lower()


def _field(text: str | bytes) -> bytes:
    """Return a text of a header as bytes; raises ValueError for one that would end its line."""
    field = text if isinstance(text, bytes) else text.encode("latin-1")
    if _ENDS_LINE.search(field):
        raise ValueError
    return field


def _response(status: int, value: Any, headers: Headers, operation: Operation) -> Response:
    """Return a response with a value for its body; a text is a document where the contract has JSON there."""
    if status in WITHOUT_CONTENT:
        if value not in (None, "", b""):
            raise WrongResult(f"an answer of {status} has no content, and not {value!r:.200}")
        return Response(status, None, headers)
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
