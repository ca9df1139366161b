"""The answer that a fault or a preference gives: the contract's own for a status, or one made up."""

import base64
import html
import re
from collections.abc import Mapping
from typing import Any

import orjson

from eqkit.contract.messages.compiled import WITHOUT_CONTENT
from eqkit.contract.runtime_expressions import RequestValues, fill_expressions
from eqkit.reason_phrases import reason_phrase
from eqkit.sandbox.faults.fault_rules import CONTENT
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.documented import DocumentedAnswers

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TYPES = {"json": b"application/json", "base64": b"application/octet-stream"}


def fault_response(
    wanted: Mapping[str, Any], documented: DocumentedAnswers, context: RequestContext
) -> Response:
    """Return the answer that a document of schema ``FaultAnswer`` describes for one request.

    It has the content that `wanted` gives; else the contract's example for the status, the first where none
    is named; else, for an error, a page as a gateway makes them.
    """
    status: int = wanted["status"]
    values = _values(context)
    given = {
        name.lower().encode(): _header_value(fill_expressions(text, values))
        for name, text in wanted.get("headers", {}).items()
    }
    member = next((name for name in CONTENT if name in wanted), None)
    if member is None and documented.has(status):
        response = documented.response(status, wanted.get("example", ""), context)
        response.headers, response.is_made_up = _merged(response.headers, given), bool(given)
        return response
    if member is not None:
        body = _content(member, wanted[member], values)
        headers = {b"content-type": _TYPES.get(member) or _text_type(body)}
    elif status < 400:
        body, headers = b"", {}
    else:
        body, headers = gateway_page(status), {b"content-type": b"text/html"}
    return Response(
        status,
        headers=list((headers | given).items()),
        body=None if status in WITHOUT_CONTENT else body,
        is_made_up=True,
    )


def gateway_page(status: int) -> bytes:
    """Return the page that a gateway such as nginx sends for a status, in place of any JSON."""
    title = html.escape(f"{status} {reason_phrase(status)}".rstrip())
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n<hr><center>gateway</center>\r\n</body>\r\n</html>\r\n"
    ).encode()


def _content(member: str, given: Any, values: RequestValues) -> bytes:
    if member == "base64":
        return base64.b64decode(given)
    filled = fill_expressions(given, values)
    if member == "json":
        return orjson.dumps(filled)
    return (filled if isinstance(filled, str) else orjson.dumps(filled).decode()).encode()


def _header_value(filled: Any) -> bytes:
    """Return a value as a header can have it: values from the request may have line ends."""
    text = filled if isinstance(filled, str) else orjson.dumps(filled).decode()
    return _CONTROL.sub(" ", text).encode("latin-1", "replace").strip()


def _text_type(body: bytes) -> bytes:
    return b"text/html; charset=utf-8" if body.lstrip()[:1] == b"<" else b"text/plain; charset=utf-8"


def _merged(own: Any, given: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    return [*(line for line in own if line[0] not in given), *given.items()]


def _values(context: RequestContext) -> RequestValues:
    query = context.scope["query_string"].decode("latin-1")
    base = context.links.base or ""
    headers = {name: value for name, value in context.headers.items() if name != b"authorization"}
    return RequestValues(
        method=context.method,
        url=f"{base}{context.sent_path}{'?' if query else ''}{query}",
        path=context.parameters,
        query=query,
        headers=headers,
        document=context.document,
    )
