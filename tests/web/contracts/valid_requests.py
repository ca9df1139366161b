"""Valid requests to the operations of any contract, made of its examples and of generated values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from eqkit.answers.examples import examples_of
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.credentials import Credentials, asked_for, bare, schemes, security
from eqkit.contract.document import Json
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.compiled import CompiledContract, CompiledOperation
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.parameters import CompiledParameter
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.contract.operations import Contract, Operation
from eqkit.exports.bodies import write_body
from eqkit.exports.exchanges import NotExportable, is_sendable, with_headers, with_keys
from eqkit.exports.parameters import described_at, write_parameter
from eqkit.exports.requests import ExampleRequest
from eqkit.exports.values import Example

KEY = "a-key"
SEEDS = 6
"""How many values of each kind are tried."""

Headers = tuple[tuple[str, str], ...]


class NoValidRequest(Exception):
    """An operation that no request was found for; the message says why."""


@dataclass(frozen=True)
class Sent:
    """A request; it is a `RequestMessage` of the engine. `texts` are those of the path's parameters."""

    method: str
    path: str
    query: str = ""
    request_headers: Headers = ()
    request_body: bytes | None = b""
    texts: Mapping[str, str] | None = None
    has_all_headers: bool = True

    def request_header(self, name: str) -> str | None:
        """Return the values of a header, joined."""
        found = [value for each, value in self.request_headers if each.lower() == name.lower()]
        return ", ".join(found) if found else None

    def with_header(self, name: str, value: str) -> "Sent":
        """Return the request with one header more, or another value of it."""
        others = tuple(pair for pair in self.request_headers if pair[0].lower() != name.lower())
        return replace(self, request_headers=(*others, (name, value)))

    def without_header(self, name: str) -> "Sent":
        """Return the request without a header."""
        others = tuple(pair for pair in self.request_headers if pair[0].lower() != name.lower())
        return replace(self, request_headers=others)

    def __str__(self) -> str:
        """Return the request as one line."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.method} {self.path}{query} {dict(self.request_headers)} {self.request_body!r}"[:600]


@dataclass(frozen=True)
class _Manner:
    """How the values of a request are chosen."""

    seed: int
    has_options: bool
    has_examples: bool


_MANNERS = [
    *(
        _Manner(0, has_options, has_examples)
        for has_options in (True, False)
        for has_examples in (True, False)
    ),
    *(_Manner(seed, has_options=False, has_examples=False) for seed in range(1, SEEDS)),
]


class ValidRequests:
    """Makes a valid request to each operation of a contract."""

    def __init__(self, contract: Contract) -> None:
        """Take the contract."""
        self.contract = contract
        self.compiled = CompiledContract(contract.document)
        self._generator = Generator(self.compiled.requests)

    def of(self, operation: Operation, is_ours: Callable[[Sent], bool] = lambda sent: True) -> Sent:
        """Return a request with as many of the parameters as may be, if `is_ours` says that it is its own.

        Raises NoValidRequest.
        """
        compiled, why = self.compiled.operation(operation.pointer), ""
        for manner in _MANNERS:
            left_out: set[str] = set()
            for _ in range(3):
                try:
                    sent = self._request(operation, compiled, manner, left_out)
                except NoValidRequest as error:
                    why = str(error)
                    break
                found = [each for each in self.violations(compiled, sent) if each.level is Level.MUST]
                if not found and is_ours(sent):
                    return sent
                why = found[0].message if found else f"{sent.path} is the path of another operation"
                if not found or not {each.name for each in found} - left_out:
                    break
                left_out |= {each.name for each in found}
        raise NoValidRequest(f"{operation.method} {operation.path}: {why}")

    def violations(self, compiled: CompiledOperation, sent: Sent) -> list[MessageViolation]:
        """Return the violations of a request."""
        return list(compiled.request_violations(sent, sent.texts or {}))

    def _request(
        self, operation: Operation, compiled: CompiledOperation, manner: _Manner, left_out: set[str]
    ) -> Sent:
        path: dict[str, str] = {}
        query, cookies, headers = [], [], list[tuple[str, str]]()
        wanted = self._credentials(operation)
        given = {name.lower() for name, _ in (*wanted.headers, *wanted.query)}
        for each in compiled.parameters:
            is_required = each.is_required or each.place == "path"
            if each.name.lower() in given or not (
                is_required or (manner.has_options and each.name not in left_out)
            ):
                continue
            text = self._text(each, manner, is_required=is_required)
            match each.place:
                case "path":
                    path[each.name] = text
                case "query" | "querystring" if text:
                    query.append(text)
                case "header" if is_required or text:
                    headers.append((each.name, text))
                case "cookie" if text:
                    cookies.append(text)
        content_type, body = self._body(operation, compiled, manner)
        headers += [("Cookie", "; ".join(cookies))] if cookies else []
        headers += [("Content-Type", content_type)] if content_type else []
        request = ExampleRequest(path, "&".join(query), tuple(headers), body or b"")
        target, _, asked = with_keys(request.target(operation.path), wanted).partition("?")
        texts = {name: path.get(name, name) for name in _names(operation.path)}
        return Sent(
            operation.method, target, asked, with_headers(request.headers, wanted.headers), body, texts
        )

    def _credentials(self, operation: Operation) -> Credentials:
        """Return the credentials of an operation, with the name of any scheme of HTTP before the key."""
        document = self.contract.document
        wanted = asked_for(document, KEY, operation)
        needs: Json = next(filter(None, security(document, operation)), {})
        defined = schemes(document)
        if not any(name in defined for name in needs) and needs:
            return bare(KEY)  # of a scheme that is not defined, any credentials are taken
        names = [each.get("scheme") for name, each in defined.items() if name in needs]
        return replace(
            wanted,
            headers=tuple(
                (name, f"{names[0]} {value}" if value == KEY and names[0] else value)
                for name, value in wanted.headers
            ),
        )

    def _text(self, parameter: CompiledParameter, manner: _Manner, *, is_required: bool) -> str:
        """Return a parameter as it is written; "" for an optional one of which no value can be."""
        why = "there is no value"
        for value in self._values(parameter, manner):
            try:
                text = write_parameter(self.compiled.requests, parameter, Example(value))
            except NotExportable as error:
                why = str(error)
                continue
            if parameter.place in ("header", "cookie") and not is_sendable("Name", text):
                why = "HTTP cannot carry it"
            elif parameter.place == "path" and text in ("", ".", ".."):
                why = "no path can have it"
            else:
                return text
        if is_required:
            raise NoValidRequest(f'the {parameter.place} parameter "{parameter.name}": {why}')
        return ""

    def _values(self, parameter: CompiledParameter, manner: _Manner) -> Iterator[Json]:
        if manner.has_examples:
            for each in examples_of(self.compiled.requests, described_at(self.compiled.requests, parameter)):
                if not parameter.schema or self.compiled.requests.accepts(parameter.schema, each.value):
                    yield each.value
        if not parameter.schema:
            yield "a"
            return
        for number in range(SEEDS):
            try:
                seed = f"{manner.seed} {number} {parameter.pointer}"
                yield self._generator.value(parameter.schema, seed, name=parameter.name)
            except CannotGenerate as error:
                if parameter.is_required:
                    raise NoValidRequest(str(error)) from None
                return

    def _body(
        self, operation: Operation, compiled: CompiledOperation, manner: _Manner
    ) -> tuple[str, bytes | None]:
        _, is_required, content = compiled.body
        if not content.media_types or (
            not is_required and (operation.method in ("GET", "HEAD", "TRACE") or not manner.has_options)
        ):
            return "", b""
        why = ""
        for media_type in content.media_types.values():
            for value in self._bodies(media_type, manner):
                if isinstance(value, CannotGenerate):
                    why = why or str(value)
                    continue
                try:
                    sent_as, body = write_body(self.compiled.requests, media_type, Example(value))
                except NotExportable as error:
                    why = why or str(error)
                    continue
                found = [each for each in content.violations(media_type, sent_as, body) if _binds(each)]
                if body and not found:
                    return sent_as, body
                why = found[0].message if found else "its value has no text"
        if is_required:
            raise NoValidRequest(f"the body: {why}")
        return "", b""

    def _bodies(self, media_type: MediaType, manner: _Manner) -> Iterator[Json | CannotGenerate]:
        if manner.has_examples:
            for each in examples_of(self.compiled.requests, media_type.pointer):
                yield each.value
        for number in range(SEEDS):
            seed = f"{manner.seed} {number}"
            try:
                if media_type.schema is not None:
                    yield self._generator.value(media_type.schema, seed)
                elif media_type.items is not None:
                    yield [self._generator.value(media_type.items, seed)]
                else:
                    yield {"a": 1} if is_json(media_type.name) else "a text"
            except CannotGenerate as error:
                yield error
                return


def _names(path: str) -> list[str]:
    return [each.partition("}")[0] for each in path.split("{")[1:]]


def _binds(violation: MessageViolation) -> bool:
    return violation.level is Level.MUST
