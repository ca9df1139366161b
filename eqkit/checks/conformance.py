"""A recorded request and its answer held against a contract, with the place in the document it breaks."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from eqkit.checks.findings import Finding, Severity
from eqkit.contract import media_types
from eqkit.contract.document import Json, pointer_of, value_at
from eqkit.contract.json_texts import NotJson, json_of
from eqkit.contract.media_types import JSON_API, essence, is_json
from eqkit.contract.operations import Operation, Parameter, Response
from eqkit.contract.plain_schemas import Side
from eqkit.contract.schemas import Schemas
from eqkit.contract.source_map import ContractFile
from eqkit.errors import MAX_FAULTS
from eqkit.traffic.curl import curl_line
from eqkit.traffic.exchanges import Exchange, is_redacted
from eqkit.traffic.parameters import (
    LEFT_OUT_OF_EXPORTS,
    grouped,
    is_plain,
    items,
    members,
    names,
    query,
    sent,
)
from eqkit.traffic.routes import Route, Routes
from eqkit.traffic.secrets import REDACTED

FORM = "application/x-www-form-urlencoded"

WITHOUT_CONTENT = (204, 205, 304)
"""Statuses that cannot have content (RFC 9110 6.4.1)."""

REFUSALS_OF_METHODS = (401, 403, 404, 405, 501)
"""What HTTP answers to a method that there is not, whether or not a contract speaks of it."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule of the contract that a request or an answer breaks, and the pointer to the rule."""

    rule: str
    told: str
    pointer: str
    severity: Severity = Severity.ERROR
    advice: str | None = None


class Conformance:
    """Judges exchanges one by one; everything about the contract is worked out once."""

    def __init__(self, file: ContractFile, routes: Routes) -> None:
        """Take the contract with its file, and the routes that find the operation of a request."""
        self._file = file
        self._routes = routes
        self._schemas = Schemas(file.document, file.place)

    def judge(self, exchange: Exchange) -> list[Finding]:
        """Return everything that is wrong with an exchange, the request first."""
        route = self._routes.route(exchange)
        asked = list(self.request_breaches(exchange, route))
        breaches = [replace(breach, severity=Severity.WARNING) for breach in asked]
        if exchange.status:
            breaches += self._consistency(exchange, route, asked)
            answered = list(self.response_breaches(exchange, route))
            if exchange.faults:
                answered = [replace(breach, severity=Severity.NOTE) for breach in answered]
            breaches += answered
        operation = None if route is None else route.operations.get(exchange.method)
        request = curl_line(exchange, self._file.document, operation) if breaches else None
        return [
            Finding(
                rule=breach.rule,
                message=f"{exchange.name}: {breach.told}",
                severity=breach.severity,
                place=self._file.place(self._schemas.real(breach.pointer)),
                advice=breach.advice,
                request=request,
            )
            for breach in breaches
        ]

    def request_breaches(self, exchange: Exchange, route: Route | None) -> Iterator[Breach]:
        """Yield what is wrong with a request; a body that was not kept is not judged."""
        if route is None:
            yield Breach("request-path", f"the contract has no path {exchange.path}", "/paths")
            return
        operation = route.operations.get(exchange.method)
        if operation is None:
            # HEAD is there wherever GET is, whether or not a contract speaks of it (RFC 9110 9.1).
            known = {"OPTIONS", *(["HEAD"] if "GET" in route.operations else [])}
            if exchange.method not in known:
                told = f"there is no {exchange.method} here, only {', '.join(route.operations)}"
                yield Breach("request-method", told, pointer_of(["paths", route.path]))
            return
        yield from self._parameters(exchange, route, operation)
        yield from self._request_body(exchange, operation)

    def response_breaches(self, exchange: Exchange, route: Route | None) -> Iterator[Breach]:
        """Yield what is wrong with an answer; a body that was not kept is not judged."""
        operation = None if route is None else answering(route, exchange.method)
        if operation is None:
            # Who asks for a key first tells nobody what there is.
            if exchange.status not in (401, 403, 404) and exchange.method != "OPTIONS":
                told = f"answered {exchange.status} at a path that the contract has not got, and not 404"
                yield Breach("response-status", told, "/paths")
            return
        if exchange.method == "OPTIONS" and operation.method != "OPTIONS":
            return
        if not operation.answers:  # which OpenAPI 3.1 allows
            return
        above = ["paths", operation.path, operation.method.lower(), "responses"]
        response = operation.answer(exchange.status)
        is_refusal = operation.method != exchange.method and exchange.status in REFUSALS_OF_METHODS
        if is_refusal and exchange.status not in operation.responses:
            return
        if response is None:
            documented = ", ".join(each.status for each in operation.answers)
            told = f"answered {exchange.status}, and {operation.id} has only {documented}"
            yield Breach("response-status", told, pointer_of(above))
            return
        above.append(response.status)
        yield from self._response_headers(exchange, response, above)
        yield from self._response_body(exchange, response, above)

    def _consistency(self, exchange: Exchange, route: Route | None, asked: list[Breach]) -> Iterator[Breach]:
        """Yield where the answer does not fit the request: rubbish accepted, a good request refused."""
        if exchange.on_request:
            return
        if asked and 200 <= exchange.status < 300:
            told = f"answered {exchange.status}, though {asked[0].told}"
            yield Breach("accepted-breach", told, asked[0].pointer)
        operation = route.operations.get(exchange.method) if route else None
        if operation is None:
            return
        answer = operation.answer(exchange.status)
        status = answer.status if answer else str(exchange.status)
        at = pointer_of(["paths", operation.path, operation.method.lower(), "responses", status])
        if exchange.status == 500:
            told = "answered 500, which no request may bring about"
            yield Breach("server-error", told, at)
        is_whole = exchange.request_body is not None and not any(
            is_redacted(value) for name, value in exchange.request_headers if name.lower() != "authorization"
        )
        if exchange.status == 400 and not asked and is_whole:
            told = "answered 400, and nothing in the request breaks the contract"
            advice = "A rule that no schema can state may be broken; else the server refuses too much."
            yield Breach("refused-good-request", told, at, Severity.WARNING, advice)

    def _parameters(self, exchange: Exchange, route: Route, operation: Operation) -> Iterator[Breach]:
        above = ["paths", operation.path]
        for parameter in operation.parameters:
            texts = sent(exchange, route, parameter)
            if not texts:
                if parameter.required and parameter.place not in LEFT_OUT_OF_EXPORTS:
                    told = f'the {parameter.place} parameter "{parameter.name}" is missing'
                    yield Breach("request-parameter", told, pointer_of(above))
                continue
            if any(map(is_redacted, texts)):
                continue
            at = self._schemas.parameter(operation, parameter)
            of_members = members(exchange, parameter)
            for fault in (
                self._text_faults(parameter, f"{at}/schema", texts)
                if of_members is None
                else self._schemas.object_faults(f"{at}/schema", parameter.schema, parameter.name, of_members)
            ):
                told = f"in the {parameter.place}, {fault}"
                yield Breach("request-parameter", told, at)
        if any(JSON_API in each.answers_in for each in route.operations.values()):
            known = operation.in_place("query").values()
            asked = dict.fromkeys(name for name, _ in query(exchange))
            for name in (name for name in asked if not any(name in names(each, name) for each in known)):
                told = f'there is no query parameter "{name[:80]}", and JSON:API forbids ignoring it'
                yield Breach("request-parameter", told, pointer_of(["paths", operation.path]))

    def _text_faults(self, parameter: Parameter, at: str, texts: Sequence[str]) -> Iterator[str]:
        several = items(parameter, texts)
        if several is not None:
            yield from self._schemas.array_faults(at, parameter.schema, parameter.name, several)
        elif is_plain(parameter):
            # Of a name that stands more than once, most servers read the last.
            yield from self._schemas.text_faults(at, parameter.schema, parameter.name, texts[-1])

    def _request_body(self, exchange: Exchange, operation: Operation) -> Iterator[Breach]:
        above = ["paths", operation.path, operation.method.lower(), "requestBody"]
        body = exchange.request_body
        if not operation.bodies or body is None:
            return
        if not body:
            if operation.body_required:
                yield Breach("request-body", "the body is missing", pointer_of(above))
            return
        sent_as = exchange.request_header("content-type")
        if not exchange.request_headers:
            sent_as = operation.body_media_type  # of a recording that has kept no headers
        media_type = media_types.documented(operation.bodies, sent_as)
        if media_type is None:
            wanted = " or ".join(operation.bodies)
            told = f"the body is {'of no media type' if sent_as is None else sent_as[:80]}, and not {wanted}"
            at = [*above, "content", *(operation.bodies if len(operation.bodies) == 1 else ())]
            yield Breach("request-media-type", told, pointer_of(at))
        elif is_json(sent_as):
            place = pointer_of([*above, "content", media_type, "schema"])
            schema = operation.bodies[media_type].get("schema", {})
            for told, pointer in self._document_faults(exchange, body, place, schema, Side.CLIENT):
                yield Breach("request-body", told, pointer)
        elif essence(sent_as) == FORM and "encoding" not in operation.bodies[media_type]:
            place = pointer_of([*above, "content", media_type, "schema"])
            schema = operation.bodies[media_type].get("schema", {})
            texts = grouped(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            form = self._schemas.object_of(place, schema, texts)
            for told, pointer in (
                () if form is None else self._value_faults(exchange, form, place, schema, Side.CLIENT)
            ):
                yield Breach("request-body", told, pointer)

    def _response_headers(self, exchange: Exchange, response: Response, above: list[str]) -> Iterator[Breach]:
        for name, header in response.headers.items():
            value = exchange.response_header(name)
            at = pointer_of([*above, "headers", name])
            if value is None:
                if header.get("required"):
                    yield Breach("response-header", f"the answer has no header {name}", at)
                continue
            if is_redacted(value):
                continue
            schema = header.get("schema", {})
            for fault in self._schemas.text_faults(f"{at}/schema", schema, name, value, Side.SERVER):
                yield Breach("response-header", f"in the header, {fault}", at)

    def _response_body(self, exchange: Exchange, response: Response, above: list[str]) -> Iterator[Breach]:
        body, at = exchange.response_body, pointer_of(above)
        if exchange.method == "HEAD" or exchange.status in WITHOUT_CONTENT:
            if body:
                told = f"the {exchange.status} has a body of {len(body)} bytes, and must not have any"
                yield Breach("response-body", told, at)
            return
        if not response.content:
            if body:
                told = f"the {exchange.status} has a body of {len(body)} bytes, and none is documented"
                yield Breach("response-undocumented", told, at, Severity.WARNING)
            return
        sent_as = essence(exchange.response_header("content-type"))
        media_type = media_types.documented(response.content, sent_as)
        if media_type is None:
            told = f"the answer is {sent_as or 'of no media type'}, and not {' or '.join(response.content)}"
            yield Breach("response-media-type", told, pointer_of([*above, "content"]))
            return
        if body is None or not is_json(sent_as):
            return
        schema = response.content[media_type].get("schema", {})
        place = pointer_of([*above, "content", media_type, "schema"])
        for told, pointer in self._document_faults(exchange, body, place, schema, Side.SERVER):
            yield Breach("response-body", told, pointer)
        # JSON:API forbids members that nobody speaks of; JSON Schema allows what it does not forbid.
        severity = Severity.ERROR if sent_as == JSON_API else Severity.WARNING
        for pointer in self._undocumented(body, schema):
            told = f"at {pointer}: the contract does not speak of this member"
            below = self._schemas.below(place, pointer.rpartition("/")[0])
            yield Breach("response-undocumented", told, below, severity)
        for told in _error_status(body, exchange.status) if sent_as == JSON_API else ():
            yield Breach("response-error-status", told, at)

    def _undocumented(self, body: bytes, schema: Json) -> list[str]:
        try:
            return list(itertools.islice(self._schemas.undocumented(schema, json_of(body)), MAX_FAULTS))
        except NotJson:
            return []

    def _document_faults(
        self, exchange: Exchange, body: bytes, place: str, schema: Json, side: Side
    ) -> Iterator[tuple[str, str]]:
        try:
            document = json_of(body)
        except NotJson as error:
            yield f"the body is not JSON: {error}", place
            return
        yield from self._value_faults(exchange, document, place, schema, side)

    def _value_faults(
        self, exchange: Exchange, document: Json, place: str, schema: Json, side: Side
    ) -> Iterator[tuple[str, str]]:
        for fault in self._schemas.judge(place, schema, side).faults(document):
            if exchange.is_ours and value_at(document, fault.pointer or "") == REDACTED:
                continue
            where = f"at {fault.pointer}" if fault.pointer else "the document"
            yield f"{where}: {fault.detail}", self._schemas.below(place, fault.pointer or "")


def answering(route: Route, method: str) -> Operation | None:
    """Return the operation whose answers are documented for a method: its own, or one beside it for a 405."""
    if method in route.operations:
        return route.operations[method]
    return next((each for each in route.operations.values() if each.method != "HEAD"), None)


def _error_status(body: bytes, status: int) -> Iterator[str]:
    """Yield where the errors of a JSON:API document say another status than the answer has (ruling B13)."""
    try:
        document = json_of(body)
    except NotJson:
        return
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return
    told = {str(error.get("status")) for error in errors if isinstance(error, dict)}
    if told and str(status) not in (told if len(told) == 1 else {"400"}):
        yield f"answered {status}, and the errors say {', '.join(sorted(told))}"
