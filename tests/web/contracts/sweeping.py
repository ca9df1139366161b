"""Every operation of a contract asked once and more, and everything that was wrong with the answers."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eqkit.answers.encoding import CannotEncode, encoded
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.asgi import application
from eqkit.contract.credentials import is_closed
from eqkit.contract.media_types import documented, is_json
from eqkit.contract.messages.compiled import CompiledOperation
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.violations import Level
from eqkit.contract.operations import Contract, Operation
from eqkit.contract.paths import PathTree
from eqkit.web.app import Application
from tests.web.contracts.valid_requests import NoValidRequest, Sent, ValidRequests

WAYS = ("examples", "generated")
"""The values of ``--answer``."""

_ODD_BODIES = (
    b"{", b"null", b"[]", b"{}", b'"text"', b"\xff", b'{"a":' * 900, b'{"\\ud800":"\\udc00"}',
    b'["\\ud83d"]', b'{"id":123456789012345678901234567890}', b"[1e400]", b'{"":[{"":{"7":[]}}]}',
    b"-123456789012345678901234567890",
)  # fmt: skip
"""JSON of the wrong type, of values that few programs can write, and texts that are none."""

_REFUSALS = (401, 403, 404, 405, 406, 413, 415, 501)
"""Statuses that are HTTP's own, whether or not a contract speaks of them."""


@dataclass(frozen=True)
class Received:
    """An answer; it is a `ResponseMessage` of the engine."""

    method: str
    status: int
    headers: tuple[tuple[str, str], ...]
    response_body: bytes

    def response_header(self, name: str) -> str | None:
        """Return the values of a header, joined."""
        found = [value for each, value in self.headers if each.lower() == name.lower()]
        return ", ".join(found) if found else None

    def __str__(self) -> str:
        """Return the answer as one line."""
        return f"{self.status} {self.response_header('content-type')} {self.response_body[:300]!r}"


@dataclass
class Report:
    """The counts of one sweep, its faults, and the operations that no valid request can be made to."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unmade: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    ruled_out: list[str] = field(default_factory=list)
    """The answers whose schemas admit no value at all."""


async def ask(asgi: Application, sent: Sent) -> Received:
    """Send a request to an application, and return the answer."""
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in sent.request_headers]
    body = sent.request_body or b""
    headers += [(b"content-length", str(len(body)).encode())] if body else []
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": sent.method,
        "scheme": "http", "path": sent.path, "raw_path": sent.path.encode(), "root_path": "",
        "query_string": sent.query.encode(), "headers": [(b"host", b"mock.test"), *headers],
        "client": ("127.0.0.1", 1), "server": ("mock.test", 80),
    }  # fmt: skip
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    got: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else await asyncio.Future()

    async def send(message: Any) -> None:
        got.append(message)

    await asgi(scope, receive, send)
    start = got[0]
    lines = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
    return Received(sent.method, start["status"], lines, b"".join(each.get("body", b"") for each in got[1:]))


class Sweep:
    """One contract served in both ways, asked for each operation."""

    def __init__(self, file: Path, every: int = 1) -> None:
        """Serve a file; of its operations, each `every`th is asked for."""
        self._by_way = {way: application(contract=file, answer=way, log_level="error") for way in WAYS}
        self.contract: Contract = self._by_way["examples"].contract
        self.operations = [*self.contract.operations.values()][::every]
        self._requests = ValidRequests(self.contract)
        self._tree: PathTree[Operation] = PathTree()
        for operation in self.contract.operations.values():
            self._tree.add(operation.path, operation.method, operation)
        self.report = Report()
        self._numbers = itertools.count(1)

    def run(self) -> Report:
        """Ask for all of it."""
        asyncio.run(self._run())
        return self.report

    async def _run(self) -> None:
        for operation in self.operations:
            self.report.counts["operations"] += 1
            try:
                sent = self._requests.of(operation, lambda each, it=operation: self._is_for(it, each))  # type: ignore[misc]
            except NoValidRequest as error:
                self.report.unmade.append(str(error))
                continue
            self.report.counts["requests"] += 1
            sent = self._alone(sent)
            compiled = self._requests.compiled.operation(operation.pointer)
            for way in WAYS:
                await self._ordinary(way, operation, compiled, sent)
            await self._statuses(operation, compiled, sent)
            await self._head(operation, sent)
            for kind, broken in _broken(self.contract, operation, compiled, sent):
                await self._refused(operation, compiled, kind, self._alone(broken))

    def _alone(self, sent: Sent) -> Sent:
        """Return a request with an Idempotency-Key in a sandbox where no other request has used it."""
        if sent.request_header("Idempotency-Key") is None:
            return sent
        return sent.with_header("Eqkit-Sandbox", f"sandbox-{next(self._numbers)}")

    def _is_for(self, operation: Operation, sent: Sent) -> bool:
        matches = [
            each for each in self._tree.find(sent.path, is_exclusive=True) if sent.method in each.operations
        ]
        return bool(matches) and matches[0].operations[sent.method][1] is operation

    def _note(self, what: str, sent: Sent, answer: Received, why: object) -> None:
        line = f"{what}: {why}\n    {sent}\n    {answer}"
        is_problem = answer.response_header("content-type") == "application/problem+json"
        if is_problem and self._is_ruled_out(sent, answer):
            self.report.ruled_out.append(line)
        else:
            self.report.wrong.append(line)

    def _is_ruled_out(self, sent: Sent, answer: Received) -> bool:
        """Return whether no value is valid by any schema of the status that was to be answered."""
        matches = [
            each for each in self._tree.find(sent.path, is_exclusive=True) if sent.method in each.operations
        ]
        operation = matches[0].operations[sent.method][1]
        compiled = self._requests.compiled.operation(operation.pointer)
        wish = sent.request_header("Prefer")
        status = int(wish.removeprefix("code=")) if wish else answer.status
        wanted = next((each for each in sorted(operation.responses) if each < 300), 200)
        documented = compiled.response(wanted if status == 501 else status)
        types = documented.content.media_types.values() if documented else ()
        return bool(types) and not any(self._has_value(each) for each in types)

    def _has_value(self, media_type: MediaType) -> bool:
        """Return whether a schema admits a value, and one that its media type has a form for."""
        if media_type.schema is None:
            return True
        responses = self._requests.compiled.responses
        try:
            encoded(responses, media_type, Generator(responses).value(media_type.schema, "any"))
        except (CannotGenerate, CannotEncode):
            return False
        return True

    def _faults(self, compiled: CompiledOperation, answer: Received) -> list[str]:
        """Return the violations of an answer: an example may have members that the contract has not."""
        found = [*compiled.response_violations(answer)]
        self.report.remarks += [each.message for each in found if each.level is Level.SHOULD]
        return [each.message for each in found if each.level is Level.MUST]

    async def _ordinary(
        self, way: str, operation: Operation, compiled: CompiledOperation, sent: Sent
    ) -> None:
        answer, again = [await ask(self._by_way[way], sent) for _ in range(2)]
        faults = self._faults(compiled, answer)
        if not _is_success(operation, answer.status):
            faults.append("is no documented success")
        if answer != again:
            faults.append(f"another answer to the same request: {again}")
        if faults:
            self._note(f"{operation.id}, {way}", sent, answer, "; ".join(faults))
        else:
            self.report.counts[way] += 1

    async def _statuses(self, operation: Operation, compiled: CompiledOperation, sent: Sent) -> None:
        for status in _documented(operation):
            for way in WAYS:
                wish = sent.with_header("Prefer", f"code={status}")
                answer = await ask(self._by_way[way], wish)
                faults = self._faults(compiled, answer)
                if answer.status != status:
                    faults.append(f"is no {status}")
                if faults:
                    self._note(f"{operation.id}, code={status}, {way}", wish, answer, "; ".join(faults))
                else:
                    self.report.counts["statuses"] += 1
                self.report.counts["wanted statuses"] += 1

    async def _head(self, operation: Operation, sent: Sent) -> None:
        """HEAD has the status and the headers of GET, and no content (RFC 9110 9.3.2)."""
        beside = (each.method for each in self.contract.operations.values() if each.path == operation.path)
        if operation.method != "GET" or "HEAD" in beside or sent.request_body:
            return
        asgi = self._by_way["generated"]
        got, head = await ask(asgi, sent), await ask(asgi, replace(sent, method="HEAD"))
        if head.response_body or head.status != got.status or _of_content(head) != _of_content(got):
            self._note(f"{operation.id}, HEAD", sent, head, f"GET has {got} {_of_content(got)}")

    async def _refused(
        self, operation: Operation, compiled: CompiledOperation, kind: str, broken: Sent
    ) -> None:
        """A request is refused if and only if it violates the contract, and as the contract has it."""
        answer = await ask(self._by_way["examples"], broken)
        violations = [
            each for each in self._requests.violations(compiled, broken) if each.level is Level.MUST
        ]
        faults = []
        if not violations and answer.status == 401 and is_closed(self.contract.document, operation):
            return  # of a scheme that the contract does not define, the engine asks nothing
        if not violations:
            if not _is_success(operation, answer.status):
                faults.append("refused, and it is valid")
        elif not 400 <= answer.status < 500:
            faults.append(f"accepted, and {violations[0].message}")
        if violations and compiled.response(answer.status) is None:
            faults += _problem_faults(answer)
            if answer.status not in (400, *_REFUSALS):
                faults.append("the status is not documented")
        else:
            faults += self._faults(compiled, answer)
        if faults:
            self._note(f"{operation.id}, {kind}", broken, answer, "; ".join(faults))
        self.report.counts["broken"] += 1


def _is_success(operation: Operation, status: int) -> bool:
    """Return whether a status is documented, and a success if any is."""
    if not operation.answers:
        return status == 200
    if operation.answer(status) is None:
        return False
    good = [*(each for each in operation.responses if each < 400), *operation.fallbacks]
    has_good = any(isinstance(each, int) or each in ("1XX", "2XX", "3XX", "default") for each in good)
    return status < 400 or not has_good


def _documented(operation: Operation) -> Iterator[int]:
    """Yield each documented status that ends an exchange, one of each range, and one of ``default``."""
    yield from (each for each in operation.responses if each >= 200)
    for name in operation.fallbacks:
        wanted = range(int(name[0]) * 100 + 18, int(name[0]) * 100 + 99) if name != "default" else (418, 518)
        found = [each for each in wanted if (answer := operation.answer(each)) and answer.status == name]
        yield from found[:1]


def _of_content(answer: Received) -> dict[str, str | None]:
    names = ("content-type", "content-length", "content-language")
    return {name: answer.response_header(name) for name in names}


def _broken(
    contract: Contract, operation: Operation, compiled: CompiledOperation, sent: Sent
) -> Iterator[tuple[str, Sent]]:
    """Yield requests that may be broken, each with a word on how."""
    if is_closed(contract.document, operation):
        bare = sent
        for name in ("Authorization", *(each for each, _ in sent.request_headers if "key" in each.lower())):
            bare = bare.without_header(name)
        yield "without credentials", bare
    _, _, content = compiled.body
    if content.media_types and operation.method not in ("GET", "HEAD", "TRACE"):
        yield "without body", replace(sent.without_header("Content-Type"), request_body=b"")
        wrong = sent.with_header("Content-Type", "application/x-nothing")
        yield "of another media type", replace(wrong, request_body=b"a body")
        for name in content.media_types:
            kind = name if "*" not in name else "application/json"
            if is_json(kind) and documented(content.media_types, kind) == name:
                for text in _ODD_BODIES:
                    yield (
                        f"with the body {text[:9]!r}",
                        replace(sent.with_header("Content-Type", kind), request_body=text),
                    )
    for each in compiled.parameters:
        if each.place == "header" and each.is_required:
            yield f"without {each.name}", sent.without_header(each.name)
        if each.place == "query" and each.is_required:
            pairs = (pair for pair in sent.query.split("&") if pair.partition("=")[0] != each.name)
            yield f"without {each.name}", replace(sent, query="&".join(pairs))


def _problem_faults(answer: Received) -> Iterator[str]:
    """Yield how an answer is no problem document of RFC 9457."""
    if answer.response_header("content-type") != "application/problem+json":
        yield "is no problem document"
        return
    document = json.loads(answer.response_body)
    if document.get("status") != answer.status or not isinstance(document.get("title"), str):
        yield "its problem document is of another status"
