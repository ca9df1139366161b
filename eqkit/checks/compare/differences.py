"""The same traffic sent to two servers: where they differ from each other, and from the contract."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eqkit.checks.conformance import Conformance
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.contract.document import Json, escaped
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.media_types import essence
from eqkit.contract.operations import Contract
from eqkit.traffic.curl import curl_line
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.routes import Routes
from eqkit.traffic.sending import Unsendable, run_error, send_again

CHECK = "diff-servers"

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ID = re.compile(r"(?<![\w-])\d{11,19}(?![\w-])")
_ORIGIN = re.compile(r"https?://[^/\s]+")
_ERROR_ID = re.compile(r"/errors/\d+/id")
_TEXTS = re.compile(r"/errors/\d+/(detail|title)")
"""Texts for people, in which two servers may differ."""

_STATE = re.compile(r".*/meta/state")
"""It is chance whether a message that is due had been delivered when it was read."""


def diff_servers(
    file: ContractFile,
    servers: tuple[str, str],
    key: str,
    asked: Sequence[RecordedExchange],
    *,
    of_first: bool = False,
) -> Run:
    """Send requests to both servers; raises StartupError for one that does not answer.

    They were sent to the servers of the contract, or, where they are `of_first`, to the first server.
    """
    first, second = servers
    contract = Contract(file.document).complete()
    routes = [Routes(contract, [server]) for server in servers]
    recorder = routes[0] if of_first else Routes(contract)
    validators = [Conformance(file, each) for each in routes]
    ids: list[dict[str, str]] = [{}, {}]
    sent: list[list[tuple[RecordedExchange, RecordedExchange]]] = [[], []]
    tested: list[str] = []
    findings: list[Finding] = []
    for exchange in asked:
        try:
            pair = [
                send_again(_with_ids(exchange, ids[index]), servers[index], recorder, key) for index in (0, 1)
            ]
        except Unsendable as error:
            detail = f"{exchange.name}: was not sent: {error}"
            findings.append(Finding("not-sent", detail, Severity.WARNING))
            continue
        tested.append(exchange.name)
        for index, answered in enumerate(pair):
            sent[index].append((exchange, answered))
            ids[index] |= dict(zip(_ids(exchange), _ids(answered), strict=False))
            findings += [
                replace(found, message=f"{found.message} (at {servers[index]})")
                for found in validators[index].validate(answered)
                if found.severity is Severity.ERROR
            ]
        for detail in differences(*pair):
            advice = f"The first is {first}, the second {second}."
            message = f"{exchange.name}: {detail}"
            request = curl_line(pair[1], file.document, recorder.operation(exchange))
            findings.append(Finding("servers-differ", message, advice=advice, request=request))
    silent = run_error(sent[0], first, recorder) or run_error(sent[1], second, recorder)
    return Run(CHECK, tested=tested, findings=findings, error=silent)


def differences(first: RecordedExchange, second: RecordedExchange) -> Iterator[str]:
    """Yield where two answers to the same request differ, but for ids, instants, origins and wording."""
    if first.status != second.status:
        yield f"the first answered {first.status}, the second {second.status}"
        return
    media_types = [essence(each.response_header("content-type")) for each in (first, second)]
    if media_types[0] != media_types[1]:
        yield f"the first is {media_types[0]}, the second {media_types[1]}"
        return
    for name in ("location", "content-location", "allow", "www-authenticate", "retry-after"):
        values = [each.response_header(name) for each in (first, second)]
        if [_neutral(value) for value in values[:1]] != [_neutral(value) for value in values[1:]]:
            yield f"the header {name} is {values[0]!r} and {values[1]!r}"
    yield from _in_bodies(first.response_body or b"", second.response_body or b"")


def _in_bodies(first: bytes, second: bytes) -> Iterator[str]:
    try:
        documents = [json_of(each) if each else None for each in (first, second)]
    except NotJson:
        if first != second:
            yield "the bodies differ, and one of them is not JSON"
        return
    yield from _in_values(documents[0], documents[1], "")


def _in_values(first: Json, second: Json, pointer: str) -> Iterator[str]:
    if _ERROR_ID.fullmatch(pointer) or _TEXTS.fullmatch(pointer):
        return
    where = pointer or "the document"
    if _STATE.fullmatch(pointer) and first != second and "delayed" not in (first, second):
        return
    match first, second:
        case dict(), dict():
            for name in dict.fromkeys([*first, *second]):
                below = f"{pointer}/{escaped(name)}"
                if below.endswith("/meta/delivered-at"):
                    continue
                if name not in second:
                    yield f"{below} is in the first alone"
                elif name not in first:
                    yield f"{below} is in the second alone"
                else:
                    yield from _in_values(first[name], second[name], below)
        case list(), list():
            if len(first) != len(second):
                yield f"{where} has {len(first)} items in the first, and {len(second)} in the second"
            for index, (one, other) in enumerate(zip(first, second, strict=False)):
                yield from _in_values(one, other, f"{pointer}/{index}")
        case _ if _neutral(first) != _neutral(second):
            yield f"{where} is {_format_value(first)} in the first, and {_format_value(second)} in the second"


def _neutral(value: Json) -> Json:
    """Return a value with its ids, instants and origins replaced: they differ from server to server."""
    if not isinstance(value, str):
        return (type(value), value)
    return _ORIGIN.sub("", _ID.sub("ID", _INSTANT.sub("INSTANT", value)))


def _format_value(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _ids(exchange: RecordedExchange) -> list[str]:
    """Return the ids of the resources in an answer."""
    try:
        document = json_of(exchange.response_body or b"null")
    except NotJson:
        return []
    # A resource of JSON:API stands in `data`, one of most other APIs by itself.
    data = document.get("data", document) if isinstance(document, dict) else document
    items = data if isinstance(data, list) else [data]
    return [str(item["id"]) for item in items if isinstance(item, dict) and "id" in item]


def _with_ids(exchange: RecordedExchange, ids: dict[str, str]) -> RecordedExchange:
    """Return a request for the message that a server knows by another id than the recorded one."""
    head, slash, last = exchange.url.rpartition("/")
    return replace(exchange, url=head + slash + ids.get(last, last))
