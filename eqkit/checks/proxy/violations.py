"""Violations of an exchange for its client: in headers that stay short, and in a 502."""

import json
from collections.abc import Sequence

from eqkit.checks.findings import Finding
from eqkit.checks.proxy.proxied_exchange import Send
from eqkit.traffic.exchanges import RecordedExchange

OVERRUN = "answer-overrun"
"""The rule of an answer that bytes follow which belong to none."""

HeaderLines = list[tuple[bytes, bytes]]

VIOLATION = "Contract-Violation"
"""The header with a violation, once for each."""

LONGEST_TOLD = 500
"""How long the header of a violation may be, in bytes."""

LONGEST_HEADERS = 4096
"""How long all of these headers may be together, in bytes: clients take heads of 8 to 16 kB."""

MOST_ERRORS = 50
"""The most errors that a 502 lists."""

_NAME = VIOLATION.lower().encode()
_OVERHEAD = len(_NAME) + len(": \r\n")
_SPARE = _OVERHEAD + len("and 18446744073709551615 more")


def overrun(exchange: RecordedExchange, length: int) -> Finding:
    """Return the finding about bytes behind an answer, which the next client takes for its own."""
    has_none = exchange.method == "HEAD" or exchange.status in (204, 304)
    why = "which must not have any body" if has_none else "which has ended before"
    message = f"{exchange.name}: {length} bytes follow the answer of {exchange.status}, {why}"
    advice = "The connection was closed; a client that keeps it reads them as the answer to its next request."
    return Finding(OVERRUN, message, advice=advice)


def headers_of(findings: Sequence[Finding]) -> HeaderLines:
    """Return the headers with the findings; the last one counts those that do not fit in."""
    return _headers([f"{each.severity}; {each.rule}; {each.message}" for each in findings])


def bad_gateway(code: str, messages: Sequence[str]) -> tuple[HeaderLines, bytes]:
    """Return headers and body of the 502 that stands in for an answer."""
    listed = list(messages[:MOST_ERRORS])
    if len(messages) > len(listed):
        listed.append(f"and {len(messages) - len(listed)} more")
    errors = [{"status": "502", "code": code, "title": "Bad gateway", "detail": each} for each in listed]
    body = json.dumps({"jsonapi": {"version": "1.1"}, "errors": errors}).encode()
    headers = [(b"content-type", b"application/vnd.api+json"), (b"content-length", b"%d" % len(body))]
    return headers + _headers([f"error; {code}; {each}" for each in messages]), body


def _headers(messages: Sequence[str]) -> HeaderLines:
    headers: HeaderLines = []
    left = LONGEST_HEADERS - _SPARE
    for number, text in enumerate(messages):
        value = _value(text)
        left -= _OVERHEAD + len(value)
        if left < 0:
            return [*headers, (_NAME, b"and %d more" % (len(messages) - number))]
        headers.append((_NAME, value))
    return headers


def _value(text: str) -> bytes:
    """Return a text as a header's value: ASCII, on one line, without control characters, not too long."""
    start = text[: 2 * LONGEST_TOLD]
    line = " ".join("".join(each if each.isprintable() else " " for each in start).split())
    return line.encode("ascii", "backslashreplace")[:LONGEST_TOLD]


async def refuse(send: Send, code: str, messages: Sequence[str]) -> None:
    """Answer with a 502 that lists the violations."""
    headers, body = bad_gateway(code, messages)
    await send({"type": "http.response.start", "status": 502, "headers": headers})
    await send({"type": "http.response.body", "body": body})
