"""The server's own account of its traffic: a line for each request, and one for each client warning."""

import asyncio
import time
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import orjson

from eqkit.sandbox.client_warnings import ClientWarning
from eqkit.sandbox.journal.entries import SENT
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.logs.lines import escape_controls
from eqkit.web.logs.log_output import LogOutput
from eqkit.web.messages.context import RequestContext

LOOK_S = 0.2
"""How often journals are searched for client warnings while requests come, in real seconds."""

LOOKED_AT_ONCE = 200
"""The requests of one sandbox that one search takes in: the next requests wait for it."""

SHOWN_PATH = 200
"""The characters of a path that a line shows."""

Fields = dict[str, Any]


class RequestLog:
    """Lines about requests, written once in each turn of the event loop.

    Bodies, queries and keys stay out of them; the journal has more.
    """

    def __init__(self, output: LogOutput, form: str, *, requests: bool = True) -> None:
        """Write to `output` as `form`, text or json; without `requests`, write client warnings alone."""
        self._output = output
        self._line: Callable[[Fields], str] = _json_line if form == "json" else _text_line
        self._shows_requests = requests
        self._answered: list[tuple[RequestContext, float]] = []
        self._unsearched: dict[Sandbox, None] = {}
        self._is_searching = False

    def add(self, context: RequestContext) -> None:
        """Take a request whose answer has left."""
        if not self._answered:
            asyncio.get_running_loop().call_soon(self._write)
        self._answered.append((context, perf_counter()))

    def _write(self) -> None:
        answered, self._answered = self._answered, []
        for context, _ in answered:
            if context.sandbox is not None:
                self._unsearched[context.sandbox] = None
        if self._shows_requests:
            self._put([_fields(context, ended_s) for context, ended_s in answered])
        if self._unsearched and not self._is_searching:
            self._is_searching = True
            asyncio.get_running_loop().call_later(LOOK_S, self._search)

    def _search(self) -> None:
        """Search the journals of sandboxes in use for client warnings, a bounded part at a time."""
        unsearched, self._unsearched = self._unsearched, {}
        self._is_searching = False
        for sandbox in unsearched:
            titles = sandbox.linter.titles
            found, is_done = sandbox.linter.news(sandbox.journal, LOOKED_AT_ONCE)
            self._put([_mistake_fields(number, each, titles) for number, each in found])
            if not is_done:
                self._unsearched[sandbox] = None
        if self._unsearched:
            self._is_searching = True
            asyncio.get_running_loop().call_later(LOOK_S, self._search)

    def _put(self, lines: list[Fields]) -> None:
        if lines:
            self._output.write("".join(map(self._line, lines)))


def _fields(context: RequestContext, ended_s: float) -> Fields:
    """Return the line of a request."""
    response, codes = context.response, context.error_codes
    fields: Fields = {
        "level": "info",
        "logger": "eqkit.requests",
        "method": context.method[:40],
        "path": context.shown_path[:SHOWN_PATH],
        "status": None if response is None else response.status,
        "duration-ms": round((ended_s - context.began_s) * 1000, 1),
    }
    if codes:
        fields["error-codes"] = codes
        fields |= _explained(context)
    if context.applied_faults:
        fields["faults"] = [{"name": name, "effect": effect} for name, effect in context.applied_faults]
    if context.outcome != SENT:
        fields["outcome"] = context.outcome
    return fields


def _explained(context: RequestContext) -> Fields:
    """Return the sentence and the place of the first error of an answer."""
    error, response = context.first_error, context.response
    if error is not None:
        places = {"pointer": error.pointer, "parameter": error.parameter, "header": error.header}
        source = {name: place for name, place in places.items() if place is not None}
        faults = {"violations": list(context.violations)} if context.violations else {}
        return {"detail": error.detail, **faults} | ({"source": source} if source else {})
    # An example of the contract, by a fault or a preference.
    document = None if response is None else response.document
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list) or not errors:
        return {}
    first: Any = errors[0]
    return {"detail": first.get("detail", "")} | ({"source": first["source"]} if first.get("source") else {})


def _mistake_fields(number: int, mistake: ClientWarning, titles: Mapping[str, str]) -> Fields:
    """Return the fields of a client warning; `number` is that of its request in the journal."""
    fields: Fields = {
        "level": "warning",
        "logger": "eqkit.clients",
        "client-mistake": mistake.kind,
        "title": titles[mistake.kind],
        "detail": mistake.detail,
        "request": number,
    }
    return fields if mistake.pointer is None else fields | {"source": {"pointer": mistake.pointer}}


def _json_line(fields: Fields) -> str:
    detail = fields | {"time": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "message": _message(fields)}
    return orjson.dumps(detail, default=str).decode() + "\n"


def _text_line(fields: Fields) -> str:
    level = "" if fields["level"] == "info" else f" {fields['level'].upper()}"
    return f"{time.strftime('%H:%M:%S')}{level} {escape_controls(_message(fields))}\n"


def _message(fields: Fields) -> str:
    """Return the line for people, such as ``POST /v1/queues/q/messages 202 0.3 ms``."""
    kind = fields.get("client-mistake")
    if kind is not None:
        return f"request {fields['request']}: {kind}: {fields['detail']}"
    status = fields["status"]
    parts = [
        fields["method"],
        fields["path"],
        "no answer" if status is None else str(status),
        f"{fields['duration-ms']} ms",
    ]
    codes = fields.get("error-codes")
    if codes:
        place = next(iter(fields.get("source", {"": ""}).values()))
        more = f" (and {len(codes) - 1} more)" if len(codes) > 1 else ""
        # A violation says whose fault it is, and the line of the contract.
        said = fields["violations"][0] if "violations" in fields else fields.get("detail", "")
        parts.append(f"{codes[0]}: {said}{f' [{place}]' if place else ''}{more}")
    parts += [f"[fault {each['name']}: {each['effect']}]" for each in fields.get("faults", ())]
    if "outcome" in fields:
        parts.append(f"[{fields['outcome']}]")
    return " ".join(parts)
