"""The parameters of an operation: each read as its style writes it, and held against its schema."""

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote, unquote_plus

from eqkit.contract.decoding.forms import URLENCODED, read_urlencoded
from eqkit.contract.decoding.shapes import Shape
from eqkit.contract.decoding.style_kinds import DEFAULTS, STYLES, Style
from eqkit.contract.decoding.styles import (
    first_accepted,
    own_pairs,
    raw_cookies,
    raw_pairs,
    read_pairs,
    read_path,
    read_simple,
    require_utf8,
)
from eqkit.contract.decoding.texts import Malformed, Repeated, fault_of
from eqkit.contract.document import Json, escaped
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.contract.messages.messages import RequestMessage
from eqkit.contract.messages.violations import MessageViolation
from eqkit.contract.schemas.violations import Violation

RULE = "request-parameter"

IGNORED_HEADERS = ("accept", "content-type", "authorization")
"""Headers of which a parameter says nothing (OpenAPI 3.0.4, "Parameter Object")."""

_LEFT_OUT_OF_RECORDINGS = ("header", "cookie")
"""Places of which browsers and proxies leave out possible secrets: one that is missing proves nothing."""


class CompiledParameter:
    """One parameter of an operation."""

    def __init__(self, schemas: DirectedSchemas, pointer: str) -> None:
        """Take the parameter at a pointer; raises KeyError for one without name or place."""
        self.pointer = pointer
        node: dict[str, Json] = schemas.node(pointer)
        self.name, self.place = str(node["name"]), str(node["in"])
        self.is_required = node.get("required") is True
        self._schemas = schemas
        self._media_type = next(iter(schemas.member(pointer, "content")), "")
        holder = f"{pointer}/content/{escaped(self._media_type)}" if self._media_type else pointer
        self._encoding = schemas.member(holder, "encoding")
        self.schema = next(schemas.schemas_at(holder), "")
        style = str(node.get("style", DEFAULTS.get(self.place, "form")))
        self.style = Style(style, bool(node.get("explode", style in ("form", "cookie", "deepObject"))))
        self._is_known = style in STYLES.get(self.place, ()) and not self._media_type
        self._allows_empty = node.get("allowEmptyValue") is True and self.place == "query"
        self.others: frozenset[str] = frozenset()
        """The names of other parameters, which no member of an exploded object has: the pair is theirs."""

    @property
    def is_text(self) -> bool:
        """Whether the parameter is a text that is read as it is, once its coding is undone."""
        kinds = self._schemas.shapes.of(self.schema).kinds
        return self._is_known and self.style.name in ("simple", "form") and kinds == frozenset(("string",))

    @property
    def is_exploded(self) -> bool:
        """Whether the members of an object are pairs of their own, with the names of the members."""
        return self._is_known and self.style.explode and self.style.name in ("form", "cookie")

    @property
    def key(self) -> tuple[str, str]:
        """The identity of a parameter; the names of headers have no case."""
        return (self.place, self.name.lower() if self.place == "header" else self.name)

    def sent(self, request: RequestMessage, path: Mapping[str, str]) -> Sequence[tuple[str, str]]:
        """Return the names and texts, as sent, of the parameter in a request; none where it is missing.

        `path` has the texts that stand in the path, by the names in its template.
        """
        match self.place:
            case "query":
                query = request.query
                return self.own(_pairs_of(query)) if query else ()
            case "path":
                found = path.get(self.name)
            case "header":
                found = request.request_header(self.name)
            case "querystring":
                found = request.query or None
            case _:
                return self.own(raw_cookies(request.request_header("cookie")))
        return () if found is None else ((self.name, found),)

    def own(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
        """Return those pairs of a query, or of cookies, that belong to the parameter."""
        if self._media_type:
            return [pair for pair in pairs if pair[0] == self.name]
        if self._is_free:
            return [pair for pair in pairs if pair[0].partition("[")[0] not in self.others]
        own = own_pairs(self.name, self.style, self._schemas.shapes.of(self.schema), pairs)
        return [pair for pair in own if pair[0] not in self.others] if self.others else own

    @functools.cached_property
    def _is_free(self) -> bool:
        """Whether every parameter that has no other description is a member of this one."""
        shape = self._schemas.shapes.of(self.schema)
        is_object = self.is_exploded and self.place == "query" and shape.kinds == frozenset(("object",))
        return is_object and (bool(shape.others) or not shape.properties)

    def violations(self, request: RequestMessage, path: Mapping[str, str]) -> Iterator[MessageViolation]:
        """Yield the violations of the parameter in a request."""
        sent = self.sent(request, path)
        if not sent:
            is_told = request.has_all_headers or self.place not in _LEFT_OUT_OF_RECORDINGS
            if self.is_required and is_told and not self._may_be_nothing():
                # A cookie is missing from the header Cookie, which a recording may have masked.
                cookies = request.request_header("cookie") if self.place == "cookie" else None
                others = () if cookies is None else (cookies,)
                yield self._violation(f'the {self.place} parameter "{self.name}" is missing', others)
            return
        if not self.schema or (self._allows_empty and all(not text for _, text in sent)):
            return
        try:
            values = self.values(sent)
        except (Malformed, NotJson) as error:
            style = f" (style {self.style})" if self._is_known and isinstance(error, Malformed) else ""
            message = f'in the {self.place}, "{self.name}" {fault_of(error)}{style}'
            yield self._violation(message, [text for _, text in sent])
            return
        for value in values:
            yield from self._against_schema(value, sent)

    def _may_be_nothing(self) -> bool:
        """Return whether nothing is a way to write the value: an exploded object without members.

        Its own name stands nowhere (OpenAPI 3.0.4, "Style Examples").
        """
        is_object = self.is_exploded and self._schemas.shapes.of(self.schema).kinds == frozenset(("object",))
        return is_object and self._schemas.accepts(self.schema, {})

    def values(self, sent: Sequence[tuple[str, str]]) -> Sequence[Json]:
        """Return the value that the texts of a request stand for; none where OpenAPI leaves that open.

        Raises Malformed for texts that the style does not write, and NotJson.
        """
        if self.place != "header":
            require_utf8(sent)
        values = list(self._read(sent))
        return [first_accepted(self._schemas.shapes, [self.schema], values)] if values else []

    def _against_schema(self, value: Json, sent: Sequence[tuple[str, str]]) -> Iterator[MessageViolation]:
        for each in self._schemas.validator(self.schema).check(value):
            message = _named(self.place, self.name, each)
            yield MessageViolation(
                RULE, message, self.pointer, kind=each.kind, name=self.name, pointer=each.instance_pointer,
                sent=[text for _, text in sent], allowed=each.allowed,
            )  # fmt: skip

    def _violation(self, message: str, sent: Sequence[str]) -> MessageViolation:
        return MessageViolation(RULE, message, self.pointer, name=self.name, sent=list(sent))

    def _read(self, sent: Sequence[tuple[str, str]]) -> Iterator[Json]:
        """Yield the values that the texts of a request may stand for; nothing where that is left open."""
        shapes = self._schemas.shapes
        shape, (_, text) = shapes.of(self.schema), sent[-1]
        if self._media_type == URLENCODED and self.place == "querystring":
            form = read_urlencoded(shapes, self.schema, self._encoding, text)
            if form.problems:
                raise Malformed("; ".join(f'"{name}" {problem}' for name, problem in form.problems))
            yield form.value
        elif self._media_type:
            if len(sent) > 1:
                raise Repeated(len(sent))
            plain = unquote_plus(text) if self.place in ("query", "querystring") else unquote(text)
            yield json_of(plain.encode()) if is_json(self._media_type) else plain
        elif self._is_known:
            if self.place == "cookie":
                sent = [(name, _as_in_query(text, self.style)) for name, text in sent]
            match self.place:
                case "path":
                    yield from read_path(self.name, self.style, shapes, shape, text)
                case "header":
                    yield from read_simple(self.style, shapes, shape, text)
                case _:
                    yield from read_pairs(self.name, self.style, shapes, shape, sent)


def _as_in_query(text: str, style: Style) -> str:
    """Return the text of a cookie as a query would have it: a plus sign is no space in a cookie.

    Nothing is percent-encoded in the style `cookie` (OpenAPI 3.2.0, "Style Values").
    """
    whole = text.replace("%", "%25") if style.name == "cookie" else text
    return whole.replace("+", "%2B")


def compiled_parameters(
    schemas: DirectedSchemas, *holders: str, keys: Iterable[str] = ()
) -> list[CompiledParameter]:
    """Return the parameters of the objects at some pointers: of a path item, then of its operation.

    A parameter of the operation goes before that of its path. One that is not valid is left out. `keys` are
    the names of credentials in the query.
    """
    found: dict[tuple[str, str], CompiledParameter] = {}
    for holder in holders:
        node = schemas.node(holder)
        listed = node.get("parameters") if isinstance(node, dict) else None
        for index in range(len(listed) if isinstance(listed, list) else 0):
            pointer = schemas.followed(f"{holder}/parameters/{index}")
            node_of_it = schemas.node(pointer)
            if not isinstance(node_of_it, dict) or "name" not in node_of_it or "in" not in node_of_it:
                continue
            parameter = CompiledParameter(schemas, pointer)
            if parameter.place != "header" or parameter.name.lower() not in IGNORED_HEADERS:
                found[parameter.key] = parameter
    for parameter in found.values():
        if parameter.is_exploded:
            own = parameter.key
            others = (name for place, name in found if place == own[0] and name != own[1])
            parameter.others = frozenset((*others, *keys) if own[0] == "query" else others)
    return list(found.values())


class CompiledHeader:
    """One header of a response."""

    def __init__(self, schemas: DirectedSchemas, name: str, pointer: str) -> None:
        """Take the header at a pointer."""
        self.name = name
        self.pointer = pointer
        self._schemas = schemas
        node = schemas.node(pointer)
        header: dict[str, Json] = node if isinstance(node, dict) else {}
        self.is_required = header.get("required") is True
        self.media_type = next(iter(schemas.member(pointer, "content")), "")
        self.holder = f"{pointer}/content/{escaped(self.media_type)}" if self.media_type else pointer
        """The pointer to the object with its schema and examples: the header, or its only media type."""
        self.schema = next(schemas.schemas_at(self.holder), None)
        self.style = Style("simple", header.get("explode") is True)

    def violations(self, sent: str | None) -> Iterator[MessageViolation]:
        """Yield the violations of the header's value, which is None if it is missing."""
        if sent is None:
            if self.is_required:
                yield self._violation(f"the answer has no header {self.name}")
            return
        if self.schema is None:
            return
        shapes = self._schemas.shapes
        try:
            values = list(self._read(shapes.of(self.schema), sent))
        except (Malformed, NotJson) as error:
            yield self._violation(f'in the header, "{self.name}" {fault_of(error)}', sent=[sent])
            return
        if not values:  # the schema admits no type at all
            return
        value = first_accepted(shapes, [self.schema], values)
        for each in self._schemas.validator(self.schema).check(value):
            yield self._violation(
                _named("header", self.name, each), kind=each.kind, pointer=each.instance_pointer, sent=[sent],
                allowed=each.allowed,
            )  # fmt: skip

    def _read(self, shape: Shape, sent: str) -> Iterator[Json]:
        if not self.media_type:
            return read_simple(self.style, self._schemas.shapes, shape, sent)
        return iter([json_of(sent.encode()) if is_json(self.media_type) else sent])

    def _violation(self, message: str, **members: Json) -> MessageViolation:
        return MessageViolation("response-header", message, self.pointer, name=self.name, **members)


def _named(where: str, name: str, violation: Violation) -> str:
    """Return one sentence on a value that has a name: a parameter in its place, or a header."""
    detail = violation.message.replace('"document"', f'"{name}"', 1)
    subject = "" if detail.startswith(f'"{name}"') else f'"{name}": '
    pointer = violation.instance_pointer
    return f"in the {where}{pointer and f', at {pointer}'}, {subject}{detail}"


_pairs_of = functools.lru_cache(maxsize=4)(raw_pairs)
"""Reads a query once for all parameters of an operation."""
