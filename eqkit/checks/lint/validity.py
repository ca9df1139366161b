"""The validity of a document by the JSON schemas of OpenAPI, reported member by member."""

import difflib
import json
from collections.abc import Iterator, Sequence, Set
from typing import Any

import jsonschema_rs

from eqkit.checks.lint.nodes import Node, Nodes, Path
from eqkit.checks.lint.official_schemas import (
    DIALECTS,
    document_validator,
    kind_validator,
    part_validator,
    schema_validator,
)
from eqkit.checks.lint.problems import Problem
from eqkit.contract.document import Json, pointer_of
from eqkit.contract.kinds import EVERY, OLDEST, PATTERNED, Kind, members

Error = jsonschema_rs.ValidationError

_FORMATS = {
    "email": "an e-mail address",
    "uri": "a URI with its scheme",
    "uri-reference": "a URI reference (RFC 3986)",
}
_NAMED_KINDS = {
    "object": "an object", "array": "an array", "string": "a string", "integer": "an integer",
    "number": "a number", "boolean": "true or false", "null": "null",
}  # fmt: skip
_VALUES = {
    (Kind.PARAMETER, "in"): "path, query, header or cookie",
    (Kind.SECURITY_SCHEME, "type"): "apiKey, http, oauth2 or openIdConnect",
    (Kind.SECURITY_SCHEME, "in"): "query, header or cookie",
}
"""The values of a member that is missing."""

_MEMBERS = ("additionalProperties", "unevaluatedProperties")
"""Keywords that are broken by a member that is not there, or, in a schema, by a fault within one that is."""

_FEW = 12
"""The number of names that are listed."""


def invalid(nodes: Nodes) -> Iterator[Problem]:
    """The document is valid by the JSON schema of its version, and each of its schemas by JSON Schema's own.

    Source: https://spec.openapis.org/oas/3.0/schema, 3.1 and 3.2.
    """
    errors = [
        (path, (*path, *map(str, error.instance_path)), error.kind.name, error)
        for path, error in _errors(nodes)
    ]
    of_wrong_type = {place for _, place, kind, _ in errors if kind == "type"}
    faulty = {
        place[:depth]
        for _, place, kind, _ in errors
        if kind not in _MEMBERS
        for depth in range(len(place) + 1)
    }
    reported: set[tuple[Path, str]] = set()
    for path, place, kind, error in errors:
        if place in of_wrong_type and kind != "type":
            continue
        for at, message in _Messages(nodes, path, faulty).of(error):
            if (at, message) not in reported:
                reported.add((at, message))
                yield Problem(pointer_of(at), message)


def _errors(nodes: Nodes) -> Iterator[tuple[Path, Error]]:
    """Yield each error with the path of the value that was validated."""
    for error in document_validator(nodes.version).iter_errors(nodes.document.data):
        yield (), error
    for node in nodes.all:
        # The target of a reference that stands in another file, or below an extension.
        if node.parent is None and node.path and (validator := kind_validator(nodes.version, node.kind)):
            for error in validator.iter_errors(node.value):
                yield node.path, error
    if nodes.version == OLDEST:
        return
    dialect = nodes.root.text("jsonSchemaDialect") or "https://json-schema.org/draft/2020-12/schema"
    for node in nodes.by_kind[Kind.SCHEMA]:
        is_root = node.parent is None or node.parent.kind is not Kind.SCHEMA
        if is_root and DIALECTS.fullmatch(node.text("$schema") or dialect):
            for error in schema_validator().iter_errors(node.value):
                yield node.path, error
    for kind in (Kind.DISCRIMINATOR, Kind.XML, Kind.EXTERNAL_DOCS):
        for node in nodes.by_kind[kind]:
            if node.parent is not None and node.parent.kind is Kind.SCHEMA:
                for error in part_validator(str(kind).replace(" ", "")).iter_errors(node.value):
                    yield node.path, error


class _Messages:
    """The messages for one error."""

    def __init__(self, nodes: Nodes, path: Path, faulty: Set[Path]) -> None:
        """Take the path of the validated value, and every path with a fault at it or below it."""
        self._nodes = nodes
        self._path = path
        self._faulty = faulty

    def of(self, error: Error) -> Iterator[tuple[Path, str]]:
        """Yield a path and a message."""
        at = (*self._path, *map(str, error.instance_path))
        kind: Any = error.kind
        match kind.name:
            case name if name in _MEMBERS:
                yield from self._unexpected(at, kind.unexpected)
            case "required":
                if _is_missing(error):
                    yield at, self._missing(at, kind.property)
            case "oneOf" | "anyOf":
                yield from self._alternatives(at, error)
            case "propertyNames":
                name = str(kind.error.instance)
                yield (*at, name), f'the name "{name}" {self._plain(kind.error)}'
            case "not":
                if isinstance(error.instance, dict):  # the type of anything else is reported
                    yield at, _excluded(kind.schema)
            case "type" if at[-1:] == ("$ref",):
                yield at, "no reference can stand here"
            case _:
                yield at, self._plain(error)

    def _plain(self, error: Error) -> str:
        kind: Any = error.kind
        value = format_value(error.instance)
        count = len(error.instance) if isinstance(error.instance, list | dict | str) else 0
        match kind.name:
            case "type":
                types = [_type_name(each) for each in kind.types]
                return f"must be {_either(types)}, and is {value}{_type_hint(error, self._nodes)}"
            case "enum":
                options = [format_value(each).strip('"') for each in kind.options]
                return f"must be {_either(options)}, and is {value}{nearest(error.instance, options)}"
            case "const":
                return f"must be {format_value(kind.expected_value)}, and is {value}"
            case "format":
                return f"must be {_FORMATS.get(kind.format, kind.format)}, and is {value}"
            case "minItems" | "minProperties":
                return f"must have at least {kind.limit} {_things(kind.name, kind.limit)}, and has {count}"
            case "maxItems" | "maxProperties":
                return f"must have at most {kind.limit} {_things(kind.name, kind.limit)}, and has {count}"
            case "minimum":
                return f"must be {kind.limit} or more, and is {value}"
            case "exclusiveMinimum":
                return f"must be more than {kind.limit}, and is {value}"
            case "pattern":
                return f"must match {kind.pattern}, and is {value}"
            case "uniqueItems":
                return f"must have each item once, and has {_repeated(error.instance)} twice"
            case "false schema" | "falseSchema" | "not":
                return "can't stand here"
        return f"breaks the keyword {kind.name} of the JSON schema of OpenAPI, and is {value}"

    def _missing(self, at: Path, name: str) -> str:
        node = self._nodes.node(at)
        values = _VALUES.get((node.kind, name)) if node is not None else None
        return f'the member "{name}" is missing{f"; it is {values}" if values else ""}'

    def _unexpected(self, at: Path, names: Sequence[str]) -> Iterator[tuple[Path, str]]:
        """Yield members that an object cannot have, each with a message."""
        node = self._nodes.node(at)
        for name in names:
            if (*at, name) in self._faulty:
                continue  # the fault is in the member, which is reported
            if node is None:
                yield (*at, name), f'"{name}" can\'t stand here'
            elif node.kind in PATTERNED:
                yield (*at, name), _misnamed(node, name)
            elif node.reference is None or name not in members(node.kind, self._nodes.version):
                message = self._unknown(node, name)
                if message is not None:
                    yield (*at, name), message

    def _unknown(self, node: Node, name: str) -> str | None:
        version = self._nodes.version
        known = members(node.kind, version)
        if name in known:
            return _misplaced(node, name)
        whole = f"{'an' if node.kind[0] in 'AEIOUX' else 'a'} {node.kind} Object"
        if (other := EVERY.get(node.kind, {}).get(name)) is not None:
            first = f"since OpenAPI 3.{other.since[1]}" if other.since > version else "in OpenAPI 3.0 alone"
            stated = self._nodes.document.data.get("openapi")
            return f'{whole} has "{name}" {first}, and the document is {stated}{_INSTEAD.get(name, "")}'
        if name == "$ref":
            return f"no reference can stand in place of {whole}, or beside its members"
        near = nearest(name, list(known))
        listed = f"; it has {', '.join(known)}" if known and not near and len(known) <= _FEW else ""
        return f'{whole} has no member "{name}"{near or listed}'

    def _alternatives(self, at: Path, error: Error) -> Iterator[tuple[Path, str]]:
        """Yield the faults by the alternative that was most likely meant."""
        branches: list[list[Any]] = getattr(error.kind, "context", [])
        wanted = [
            each.kind.property for branch in branches for each in branch if each.kind.name == "required"
        ]
        failed = [branch for branch in branches if branch]
        if (
            not isinstance(error.instance, dict)
            and error.kind.name == "oneOf"
            and len(failed) < len(branches)
        ):
            return  # its type is reported
        if not failed or len(failed) < len(branches):
            names = _required_by_alternatives(error, self._nodes.node(at))
            yield at, _excluded({"required": names})
        elif len(wanted) == len(branches) == sum(map(len, branches)):
            yield at, f"one of {_either(wanted)} is missing"
        elif all(len(branch) == 1 and branch[0].kind.name in ("type", "enum") for branch in branches):
            yield at, self._either_type(error, [branch[0] for branch in branches])
        else:
            for each in min(branches, key=_distance):
                yield from self.of(each)

    def _either_type(self, error: Error, errors: list[Any]) -> str:
        options: list[str] = []
        for each in errors:
            if each.kind.name == "enum":
                options += [format_value(option).strip('"') for option in each.kind.options]
            else:
                options += [_type_name(name) for name in each.kind.types]
        near = nearest(error.instance, options)
        return f"must be {_either(list(dict.fromkeys(options)))}, and is {format_value(error.instance)}{near}"


_INSTEAD = {
    "const": '; "enum" with one value says the same',
    "examples": '; "example" has one',
    "nullable": '; "type": ["string", "null"], say, admits null',
    "if": "", "then": "", "else": "",
}  # fmt: skip


def _misplaced(node: Node, name: str) -> str | None:
    """Return the message for a member that its object has in other cases; None if it is no fault."""
    if (
        node.kind is Kind.PARAMETER
        and "content" in node.value
        and name in ("style", "explode", "example", "examples", "allowReserved")
    ):
        return f'"{name}" can\'t stand beside "content"'
    if node.kind is Kind.PARAMETER and name in ("allowEmptyValue", "allowReserved"):
        place = format_value(node.value.get("in"))
        return f'"{name}" is for parameters in the query, and this one is in {place}'
    if node.kind is Kind.SECURITY_SCHEME:
        return f'"{name}" does not belong to a scheme of the type {format_value(node.value.get("type"))}'
    return None


def _is_missing(error: Any) -> bool:
    """Return True where a missing member is the fault, and no reference in its place or empty responses."""
    is_empty = (
        error.instance == {}
        and error.kind.property == "default"
        and error.instance_path[-1:] == ["responses"]
    )
    return "$ref" not in error.instance and not is_empty


def _type_name(name: str) -> str:
    """Return the name of a JSON type with its article."""
    return _NAMED_KINDS.get(name, name)


def _misnamed(node: Node, name: str) -> str:
    if node.kind is Kind.PATHS:
        return f'a path begins with a slash, and this one is "{name}"'
    if node.kind is Kind.RESPONSES:
        upper = name.upper()
        is_range = len(upper) == 3 and upper[0] in "12345" and upper[1:] == "XX"
        return f'"{name}" is no status: 404, say, a range such as 4XX or default is' + (
            f" (did you mean {upper}?)" if is_range else nearest(name, ["default"])
        )
    return f'"{name}" can\'t stand here'


def _excluded(schema: Json) -> str:
    names = schema.get("required", []) if isinstance(schema, dict) else []
    if len(names) > 1:
        return f"{' and '.join(map(format_value, names))} exclude each other"
    return f"{format_value(names[0])} can't stand here" if names else "has a form that is not allowed here"


def _required_by_alternatives(error: Error, node: Node | None) -> list[str]:
    known = ("schema", "content", "operationRef", "operationId", "example", "examples")
    present = error.instance if isinstance(error.instance, dict) else {}
    return [name for name in known if name in present] if node is not None else []


def _distance(branch: list[Any]) -> tuple[int, int, int]:
    """Order alternatives: a wrong type at once, or a missing member, is further than a fault below."""
    at_once = sum(
        each.kind.name in ("type", "const", "enum") and len(each.instance_path) == 0 for each in branch
    )
    return at_once, sum(each.kind.name == "required" for each in branch), len(branch)


def _type_hint(error: Error, nodes: Nodes) -> str:
    """Return the advice for a member that is written as another version has it."""
    name = str(error.instance_path[-1]) if error.instance_path else ""
    if name in ("exclusiveMinimum", "exclusiveMaximum"):
        if nodes.version == OLDEST:
            return f'; 3.0 has the bound in "{name[9:].lower()}", and true here'
        return f'; since 3.1 the bound itself stands here, and "{name[9:].lower()}" goes'
    if name == "type" and nodes.version == OLDEST and isinstance(error.instance, list):
        return '; 3.0 has one type, and "nullable": true for null'
    return ""


def _repeated(values: Json) -> str:
    seen: list[Json] = []
    for each in values if isinstance(values, list) else ():
        if any(each == other and type(each) is type(other) for other in seen):
            return format_value(each)
        seen.append(each)
    return "one"


def _things(keyword: str, count: int) -> str:
    return ("item" if keyword.endswith("Items") else "member") + ("" if count == 1 else "s")


def _either(names: Sequence[str]) -> str:
    *others, last = names or ["something else"]
    return f"{', '.join(others)} or {last}" if others else last


def nearest(text: Json, names: Sequence[str]) -> str:
    """Return the name that was likely meant, as the end of a sentence; nothing where none is near."""
    if not isinstance(text, str):
        return ""
    folded = [each for each in names if each.casefold() == text.casefold()]
    near = [*folded, *difflib.get_close_matches(text, names, 1, 0.75)]
    return f"; did you mean {near[0]}?" if near and near[0] != text else ""


def format_value(value: Json) -> str:
    """Return a value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"
