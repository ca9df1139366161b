"""A recorded request and its answer held against a contract, with the place in the document it breaks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import unquote

from eqkit.checks.findings import Finding, Severity
from eqkit.checks.references import unresolved_references
from eqkit.contract.credentials import secret_names
from eqkit.contract.document import pointer_of
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.messages.compiled import CompiledContract, CompiledOperation
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.contract.operations import Operation
from eqkit.contract.schemas.violations import format_value
from eqkit.traffic.curl import curl_line
from eqkit.traffic.exchanges import RecordedExchange, is_redacted
from eqkit.traffic.routes import Route, Routes
from eqkit.traffic.secrets import REDACTED
from eqkit.traffic.sending import REFUSED, name_of, refusal


class Conformance:
    """Validates exchanges one by one; each operation is compiled when it is first asked for."""

    def __init__(self, file: ContractFile, routes: Routes) -> None:
        """Take the contract with its file, and the routes that find the operation of a request."""
        self._file = file
        self._routes = routes
        self._contract = CompiledContract(file.document)

    def validate(self, exchange: RecordedExchange) -> list[Finding]:
        """Return everything that is wrong with an exchange, the request first; alone, if it was mocked."""
        route = self._routes.route(exchange)
        operation = None if route is None else route.operations.get(exchange.method)
        asked = [each for each in self.request_violations(exchange, route) if not _is_masked(exchange, each)]
        found = [(each, Severity.WARNING) for each in asked]
        if exchange.status and not exchange.is_mocked:
            must = [each for each in asked if each.level is Level.MUST]
            found += self._consistency(exchange, operation, must)
            answered = self.response_violations(exchange, route)
            found += [
                (each, _severity(exchange, each)) for each in answered if not _is_masked(exchange, each)
            ]
        if not found:
            return []
        request = curl_line(exchange, self._file.document, operation)
        return [self._finding(exchange, each, severity, request) for each, severity in found]

    def validate_call(self, exchange: RecordedExchange, pointers: Sequence[str]) -> list[Finding]:
        """Return the findings of a request that the service has sent, and of its receiver's answer.

        It is held against the webhook or callback at one of the pointers, the one that it breaks least. The
        answer is the receiver's, and so a warning.
        """
        found = min((self._of_call(exchange, each) for each in pointers), key=len)
        request = curl_line(exchange, self._file.document, None) if found else ""
        return [self._finding(exchange, each, severity, request) for each, severity in found]

    def _of_call(self, exchange: RecordedExchange, pointer: str) -> list[tuple[MessageViolation, Severity]]:
        compiled = self._contract.operation(pointer)
        sent = compiled.request_violations(exchange)
        found = [(each, _severity(exchange, each)) for each in sent]
        if exchange.status:
            answered = compiled.response_violations(exchange)
            found += [(each, Severity.WARNING) for each in answered]
        return [(each, severity) for each, severity in found if not _is_masked(exchange, each)]

    def request_violations(
        self, exchange: RecordedExchange, route: Route | None
    ) -> Sequence[MessageViolation]:
        """Return the violations of a request; a body that was not kept is not validated."""
        if route is None:
            message = f"the contract has no path {exchange.path}"
            return [MessageViolation("request-path", message, "/paths")]
        operation = route.operations.get(exchange.method)
        if operation is None:
            # HEAD is there wherever GET is, whether or not a contract speaks of it (RFC 9110 9.1).
            known = {"OPTIONS", *(["HEAD"] if "GET" in route.operations else [])}
            message = f"there is no {exchange.method} here, only {', '.join(route.operations)}"
            at = pointer_of(["paths", route.path])
            return [] if exchange.method in known else [MessageViolation("request-method", message, at)]
        return list(self._compiled(operation).request_violations(exchange, route.parameters))

    def response_violations(
        self, exchange: RecordedExchange, route: Route | None
    ) -> Sequence[MessageViolation]:
        """Return the violations of an answer; a body that was not kept is not validated."""
        operation = None if route is None else answering(route, exchange.method)
        if operation is None:
            # A server that asks for a key first hides which methods there are.
            if exchange.status in (401, 403, 404) or exchange.method == "OPTIONS":
                return []
            message = f"answered {exchange.status} at a path that the contract has not got, and not 404"
            return [MessageViolation("response-status", message, "/paths")]
        if exchange.method == "OPTIONS" and operation.method != "OPTIONS":
            return []
        return list(self._compiled(operation).response_violations(exchange))

    def _compiled(self, operation: Operation) -> CompiledOperation:
        return self._contract.operation(operation.pointer)

    def _consistency(
        self, exchange: RecordedExchange, operation: Operation | None, asked: Sequence[MessageViolation]
    ) -> Iterator[tuple[MessageViolation, Severity]]:
        """Yield where the answer does not fit the request: rubbish accepted, a good request refused."""
        if exchange.on_request:
            return
        if asked and 200 <= exchange.status < 300:
            detail = f"answered {exchange.status}, though {asked[0].message}"
            yield MessageViolation("accepted-violation", detail, asked[0].source), Severity.ERROR
        if operation is None:
            return
        at = self._compiled(operation).source_of(exchange)
        if exchange.status == 500:
            detail = "answered 500, which no request may bring about"
            yield MessageViolation("server-error", detail, at), Severity.ERROR
        is_whole = exchange.request_body is not None and not any(
            is_redacted(value) for name, value in exchange.request_headers if name.lower() != "authorization"
        )
        if exchange.status == 400 and not asked and is_whole:
            detail = "answered 400, and nothing in the request breaks the contract"
            yield MessageViolation("refused-good-request", detail, at), Severity.WARNING

    def _finding(
        self, exchange: RecordedExchange, violation: MessageViolation, severity: Severity, request: str
    ) -> Finding:
        return Finding(
            rule=violation.rule,
            message=f"{exchange.name}: {violation.message}",
            severity=severity,
            place=self._file.place(violation.source),
            advice=_ADVICE.get(violation.rule),
            request=request,
        )

    def left_out(self) -> list[Finding]:
        """Return a warning for each reference, schema or keyword that nothing can be validated by."""
        broken = self._contract.broken
        unresolved = [each for each in unresolved_references(self._file) if not _is_known(each, broken)]
        return [
            *(replace(each, rule="contract-reference", severity=Severity.WARNING) for each in unresolved),
            *(
                Finding(
                    "contract-schema", f"{at}: {why}; it was left out", Severity.WARNING, self._file.place(at)
                )
                for at, why in broken.items()
            ),
        ]


_ADVICE = {
    "refused-good-request": "A rule that no schema can state may be broken; else the server refuses too much."
}


def _is_known(unresolved: Finding, broken: Mapping[str, str]) -> bool:
    """Return whether an unresolved reference is among the broken schemas already."""
    pointer = "" if unresolved.place is None else unresolved.place.pointer or ""
    return pointer in broken or pointer.removesuffix("/$ref") in broken


def _severity(exchange: RecordedExchange, violation: MessageViolation) -> Severity:
    if exchange.faults:
        return Severity.NOTE
    return Severity.ERROR if violation.level is Level.MUST else Severity.WARNING


def _is_masked(exchange: RecordedExchange, violation: MessageViolation) -> bool:
    """Return whether a violation is about a masked value: the value that was sent is not known."""
    if exchange.is_ours and violation.sent == format_value(REDACTED):
        return True
    if violation.rule == "request-security":
        # Masked credentials of any scheme may be good ones.
        return any(is_redacted(value) for _, value in exchange.request_headers)
    texts = violation.sent if violation.name and isinstance(violation.sent, list) else ()
    return any(is_redacted(unquote(each)) for each in texts)


def answering(route: Route, method: str) -> Operation | None:
    """Return the operation whose answers are documented for a method: its own, or one beside it for a 405."""
    if method in route.operations:
        return route.operations[method]
    return next((each for each in route.operations.values() if each.method != "HEAD"), None)


def unreadable(recorded: Iterable[RecordedExchange]) -> list[Finding]:
    """Return a warning for each entry of a recording that could not be read."""
    return [
        Finding("recording-entry", f"{each.name}: {each.broken}; it was left out", Severity.WARNING)
        for each in recorded
        if each.broken
    ]


def all_refused(exchanges: Iterable[RecordedExchange], routes: Routes) -> str | None:
    """Return why traffic shows nothing: all that went with a key was refused. None if some was not."""
    names = {"authorization", *secret_names(routes.contract.document)}
    keyed = [
        each for each in exchanges if each.status and any(n.lower() in names for n, _ in each.request_headers)
    ]
    if not keyed or any(each.status not in REFUSED for each in keyed):
        return None
    return refusal([(name_of(each, routes), each.status) for each in keyed])
