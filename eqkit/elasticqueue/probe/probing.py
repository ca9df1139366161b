"""The common parts of probes: requests, expectations, and the run of all of them."""

import http.client
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from eqkit.checks.conformance import Conformance
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.media_types import JSON_API
from eqkit.contract.operations import Contract
from eqkit.traffic.curl import curl_line
from eqkit.traffic.exchanges import Headers, RecordedExchange
from eqkit.traffic.routes import Routes
from eqkit.traffic.sending import REFUSED, name_of, refusal

CHECK = "probe"
PROBED = "/v1/queues/{queue}/messages"
"""The path that every probe goes through: only a contract that has it can be probed."""

PATIENCE_S = 30
"""How long an answer may take, in seconds."""

RawResponse = tuple[int, Headers, bytes]
Transport = Callable[[str, str, Headers, bytes], RawResponse]
"""Sends method, target, headers and body to a server, and returns status, headers and body."""


class ProbeFailed(Exception):
    """A rule of the contract that the server breaks; the message says how."""


class ProbeSkipped(Exception):
    """A probe that cannot be carried out on this server; the message says why."""


@dataclass(frozen=True, slots=True)
class ProbeResponse:
    """An answer, taken apart as probes need it."""

    exchange: RecordedExchange

    @property
    def status(self) -> int:
        """The status."""
        return self.exchange.status

    def header(self, name: str) -> str:
        """Return a header, or "" if there is none."""
        return self.exchange.response_header(name) or ""

    def at(self, *parts: str | int) -> Any:
        """Return the value at a place in the document, or None."""
        try:
            node = json.loads(self.exchange.response_body or b"null")
        except ValueError:
            return None
        for part in parts:
            try:
                node = node[part]
            except (LookupError, TypeError):
                return None
        return node

    @property
    def places(self) -> list[tuple[str, str | None]]:
        """The status and the place of each error."""
        errors = self.at("errors")
        if not isinstance(errors, list):
            return []
        return [(str(error.get("status")), next(iter(error.get("source", {}).values()), None))
                for error in errors if isinstance(error, dict)]  # fmt: skip


class Server:
    """A server under probe; every exchange is also held against the contract."""

    def __init__(self, file: ContractFile, transport: Transport, key: str, base: str) -> None:
        """Take the contract and the way to a server; `base` is where the contract's paths begin."""
        self.key = key
        self.findings: list[Finding] = []
        self.messages = PROBED.replace("{queue}", f"probe-{secrets.token_hex(4)}")
        self.last: RecordedExchange | None = None
        self.refused: list[tuple[str, int]] = []
        """The operations that have refused the key, each with its status."""
        self._transport = transport
        self._base = base
        self._routes = Routes(Contract(file.document).complete(), [base])
        self._conformance = Conformance(file, self._routes)

    def send(self, method: str, path: str, document: Any = None, **headers: str | None) -> ProbeResponse:
        """Send a request with the key and, where it has a document or bytes, the media type.

        A header of None is left out; names are written with _ for -.
        """
        content = b"" if document is None else document
        if not isinstance(content, bytes):
            content = json.dumps(document).encode()
        given: dict[str, str | None] = {"authorization": self.key}
        if document is not None:
            given["content-type"] = JSON_API
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = tuple((name, value) for name, value in given.items() if value is not None)
        status, answered, answer = self._transport(method, path, kept, content)
        self.last = exchange = RecordedExchange(
            name=f"{method} {path}",
            method=method,
            url=self._base + path,
            request_headers=kept,
            request_body=content,
            status=status,
            response_headers=answered,
            response_body=answer,
        )
        # A 403 is the answer to an id made by the client, with any key.
        if status == 401 and given["authorization"] == self.key:
            self.refused.append((name_of(exchange, self._routes), status))
        if path.startswith("/v1/"):
            # Violations of the request are on purpose.
            found = self._conformance.validate(exchange)
            self.findings += [each for each in found if each.severity is Severity.ERROR]
        return ProbeResponse(exchange)

    def enqueue(self, body: Any = "hello", wait_until: Any = None, **headers: str | None) -> ProbeResponse:
        """Enqueue one message."""
        return self.send("POST", self.messages, {"data": message(body, wait_until)}, **headers)

    def bulk(self, *messages: Any, **headers: str | None) -> ProbeResponse:
        """Enqueue many messages."""
        return self.send("POST", f"{self.messages}/_bulk", {"data": list(messages)}, **headers)

    def get(self, identifier: Any, method: str = "GET") -> ProbeResponse:
        """Read a message of the probe's queue."""
        return self.send(method, f"{self.messages}/{identifier}")

    def accepted(self, *arguments: Any, **headers: str | None) -> str:
        """Enqueue one message, which has to be accepted, and return its id."""
        answer = self.enqueue(*arguments, **headers)
        expect(answer.status == 202, f"a good message was answered {answer.status}")
        return str(answer.at("data", "id"))

    def control(self, path: str, document: Mapping[str, Any] | None = None) -> ProbeResponse:
        """Ask the control plane of a mock; raises ProbeSkipped if there is none."""
        method = "GET" if document is None else "POST"
        answer = self.send(method, f"/_mock{path}", document, content_type="application/json")
        if answer.status != 200:
            raise ProbeSkipped("its clock cannot be moved: there is no control plane of eqkit")
        return answer


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe: its name, the rulings behind it, and its function."""

    name: str
    rulings: str
    act: Callable[[Server], None]


PROBES: list[Probe] = []


def probes(rulings: str) -> Callable[[Callable[[Server], None]], Callable[[Server], None]]:
    """Register a function as a probe of some rulings, under its own name."""

    def register(act: Callable[[Server], None]) -> Callable[[Server], None]:
        PROBES.append(Probe(act.__name__.replace("_", "-"), rulings, act))
        return act

    return register


def expect(holds: bool, message: str) -> None:
    """Raise ProbeFailed unless something holds."""
    if not holds:
        raise ProbeFailed(message)


def message(body: Any = "hello", wait_until: Any = None) -> dict[str, Any]:
    """Return a resource object for a new message."""
    attributes = {"body": body} if wait_until is None else {"body": body, "wait-until": wait_until}
    return {"type": "message", "attributes": attributes}


@dataclass(slots=True)
class OverHttp:
    """A transport to a URL, over one connection as long as the server keeps it."""

    base: str
    _connection: http.client.HTTPConnection | None = field(default=None, init=False)

    def __call__(self, method: str, target: str, headers: Headers, body: bytes) -> RawResponse:
        """Send a request; a connection that the server has closed is opened anew."""
        parts = urlsplit(self.base)
        for is_last in (self._connection is None, True):
            if self._connection is None:
                kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
                self._connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_S)
            try:
                self._connection.request(method, parts.path + target, body or None, dict(headers))
                response = self._connection.getresponse()
                return response.status, tuple(response.getheaders()), response.read()
            except (OSError, http.client.HTTPException):
                self._connection.close()
                self._connection = None
                if is_last:
                    raise
        raise AssertionError("the second try returns or raises")

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()


def probe(file: ContractFile, transport: Transport, key: str, base: str, chosen: Sequence[Probe]) -> Run:
    """Walk the rulings on a server; each probe works in one queue of its own."""
    try:
        refused = Server(file, transport, key, base).enqueue().status
    except (OSError, http.client.HTTPException) as error:
        return Run(CHECK, error=f"{base} does not answer: {error}")
    if refused in REFUSED:
        return Run(CHECK, error=refusal([(f"POST {PROBED}", refused)]))
    refusals: list[tuple[str, int]] = []
    tested: list[str] = []
    findings: list[Finding] = []
    for each in chosen:
        server = Server(file, transport, key, base)
        broken: str | None = None
        try:
            each.act(server)
        except ProbeSkipped as error:
            findings.append(Finding("probe-skipped", f"{each.name}: {error}", Severity.NOTE))
            continue
        except ProbeFailed as error:
            broken = str(error)
        except (OSError, http.client.HTTPException) as error:
            broken = f"the connection broke: {type(error).__name__}: {error}"
        tested.append(each.name)
        if broken is not None:
            request = curl_line(server.last) if server.last else None
            message = f"{each.name}: {broken}"
            advice = f"See rulings {each.rulings} of the contract."
            findings.append(Finding(f"probe-{each.name}", message, advice=advice, request=request))
        findings += server.findings
        refusals += server.refused
    run_error = refusal(refusals) if refusals else None
    return Run(CHECK, tested=tested, findings=_once(findings), error=run_error)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """Leave out findings that repeat an earlier one about the same place, by another request."""
    kept: dict[object, Finding] = {}
    for finding in findings:
        kept.setdefault((finding.rule, finding.place or finding.message), finding)
    return list(kept.values())
