"""The requests of an operation by the names of its examples: parameters in their styles, and a body."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from eqkit.contract.media_types import is_json
from eqkit.contract.messages.compiled import CompiledOperation
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.parameters import IGNORED_HEADERS, CompiledParameter
from eqkit.exports.bodies import write_body
from eqkit.exports.exchanges import NotExportable, is_sendable
from eqkit.exports.parameters import described_at, write_parameter
from eqkit.exports.values import Example, Values
from eqkit.traffic.exchanges import Headers

MAX_REQUESTS = 100
"""How many requests of one operation are made of the names of its examples."""

_SAFE = "/:@!$&'()*+,;=~-._%"
"""Characters of a path template that stand in a path as they are (RFC 3986 3.3)."""

_WITHOUT_BODY = ("GET", "HEAD", "TRACE")
"""Methods whose content has no meaning (RFC 9110 9.3); it is left out unless the contract requires it."""


@dataclass(frozen=True, slots=True)
class ExampleRequest:
    """A request without address: the texts of the path, the query string, headers and body."""

    path: Mapping[str, str]
    query: str
    headers: Headers
    body: bytes

    def target(self, template: str) -> str:
        """Return path and query, by the template of the path."""
        return filled(template, self.path) + (f"?{self.query}" if self.query else "")


def encoded_template(template: str) -> str:
    """Return the template of a path with its literal parts percent-encoded, as a request has them."""
    pieces = re.split(r"(\{[^}]*\})", template)
    return "".join(piece if piece[:1] == "{" else quote(piece, safe=_SAFE) for piece in pieces)


def filled(template: str, texts: Mapping[str, str]) -> str:
    """Return the path of a template; a parameter that nothing declares has its name for a value."""
    return re.sub(
        r"\{([^}]*)\}",
        lambda found: texts.get(found[1]) or quote(found[1], safe=""),
        encoded_template(template),
    )


class RequestExamples:
    """Makes the requests of operations."""

    def __init__(self, values: Values) -> None:
        """Take the values of requests."""
        self._values = values

    def of(self, operation: CompiledOperation) -> dict[str, ExampleRequest]:
        """Return requests by the names of examples, or one without a name; raises NotExportable."""
        parameters = [each for each in operation.parameters if not _is_ignored(each)]
        names = {name: None for each in parameters for name in self._examples(each)}
        media_types = self._media_types(operation)
        bodies = self._values.named(media_types[0].pointer) if media_types else {}
        chosen = [name for name in (names | dict.fromkeys(bodies)) if name][:MAX_REQUESTS]
        return {name: self._request(operation, parameters, media_types, name) for name in chosen or [""]}

    def default(self, operation: CompiledOperation) -> ExampleRequest:
        """Return a request of valid examples and generated values alone; raises NotExportable."""
        parameters = [each for each in operation.parameters if not _is_ignored(each)]
        return self._request(operation, parameters, self._media_types(operation), "")

    def _request(
        self,
        operation: CompiledOperation,
        parameters: list[CompiledParameter],
        media_types: list[MediaType],
        name: str,
    ) -> ExampleRequest:
        path: dict[str, str] = {}
        query, cookies, headers = [], [], list[tuple[str, str]]()
        for each in parameters:
            text = self._text(operation, each, name)
            if not text:
                continue
            match each.place:
                case "path":
                    path[each.name] = text
                case "query" | "querystring":
                    query.append(text)
                case "header":
                    headers.append((each.name, text))
                case "cookie":
                    cookies.append(text)
        if cookies:
            headers.append(("Cookie", "; ".join(cookies)))
        content_type, body = self._body(operation, media_types, name)
        if content_type:
            headers.append(("Content-Type", content_type))
        return ExampleRequest(path, "&".join(query), tuple(headers), body)

    def _body(
        self, operation: CompiledOperation, media_types: list[MediaType], name: str
    ) -> tuple[str, bytes]:
        """Return the Content-Type and the bytes of a body, in the first media type that can be written."""
        reason = ""
        for media_type in media_types:
            try:
                example = self._content(media_type, operation.pointer, name)
                return write_body(self._values.schemas, media_type, example)
            except NotExportable as error:
                reason = reason or f"the body of the request: {error}"
        _, is_required, _ = operation.body
        if reason and is_required:
            raise NotExportable(reason)
        return "", b""

    def _content(self, media_type: MediaType, seed: str, name: str) -> Example:
        found = self._values.named(media_type.pointer)
        example = self._chosen(found, name, media_type.schema, is_json=is_json(media_type.name))
        if example is not None:
            return example
        if media_type.items is not None and media_type.schema is None:
            return Example([self._values.of_schema(media_type.items, seed).value])
        return self._values.of_schema(media_type.schema, seed)

    def _media_types(self, operation: CompiledOperation) -> list[MediaType]:
        """Return the media types that can be sent: JSON first, and then those that have an example."""
        _, is_required, content = operation.body
        if operation.method in _WITHOUT_BODY and not is_required:
            return []
        return sorted(content.media_types.values(), key=self._rank)

    def _rank(self, media_type: MediaType) -> tuple[bool, bool]:
        return not is_json(media_type.name), not self._values.named(media_type.pointer)

    def _examples(self, parameter: CompiledParameter) -> dict[str, Example]:
        return self._values.named(parameter.pointer) or self._values.named(
            described_at(self._values.schemas, parameter)
        )

    def _text(self, operation: CompiledOperation, parameter: CompiledParameter, name: str) -> str:
        """Return a parameter as it is sent; "" for an optional one without an example."""
        is_required = parameter.is_required or parameter.place == "path"
        try:
            example = self._value(operation, parameter, name, is_required=is_required)
            if example is None:
                return ""
            text = write_parameter(self._values.schemas, parameter, example)
            if parameter.place == "path" and not text:
                raise NotExportable("its example is an empty text, which no path can have")
            if parameter.place in ("header", "cookie") and not is_sendable("Name", text):
                raise NotExportable("its example has characters that HTTP has no place for")
        except NotExportable as error:
            if not is_required:
                return ""
            raise NotExportable(f'the {parameter.place} parameter "{parameter.name}": {error}') from None
        return text

    def _value(
        self, operation: CompiledOperation, parameter: CompiledParameter, name: str, *, is_required: bool
    ) -> Example | None:
        schema = parameter.schema or None
        example = self._chosen(self._examples(parameter), name, schema)
        if example is not None:
            return example
        if is_required:
            return self._values.of_schema(schema, operation.pointer, parameter.name)
        return self._values.own_of_schema(schema)

    def _chosen(
        self, found: dict[str, Example], name: str, schema: str | None, *, is_json: bool = False
    ) -> Example | None:
        """Return the example of a name, for that may be wrong on purpose; else the first valid one."""
        named = found.get(name) if name else None
        valid = (each for each in found.values() if self._values.accepts(schema, each, is_json=is_json))
        return named or next(valid, None)


def _is_ignored(parameter: CompiledParameter) -> bool:
    return parameter.place == "header" and parameter.name.lower() in IGNORED_HEADERS
