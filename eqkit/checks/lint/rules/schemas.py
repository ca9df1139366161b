"""Rules of schemas: the specification's, and those against schemas that no value, or every value, fits."""

import difflib
from collections.abc import Iterator

from eqkit.checks.findings import Severity
from eqkit.checks.lint.nodes import Nodes
from eqkit.checks.lint.problems import Problem
from eqkit.checks.lint.rules.shapes import around, is_below, is_of_type, own_types, properties_of, types_of
from eqkit.checks.lint.validity import format_value, nearest
from eqkit.contract.kinds import OLDEST, Kind, members
from eqkit.contract.schemas.patterns import PatternError, translated_pattern

_Number = int | float
_BOUNDS = (
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minContains", "maxContains"),
)
_KEYWORDS = {
    "string": "maxLength minLength pattern contentEncoding contentMediaType contentSchema",
    "number": "multipleOf maximum exclusiveMaximum minimum exclusiveMinimum",
    "array": """maxItems minItems uniqueItems items prefixItems contains maxContains minContains
        unevaluatedItems""",
    "object": """maxProperties minProperties required properties additionalProperties patternProperties
        propertyNames dependentSchemas dependentRequired unevaluatedProperties discriminator""",
}
_TYPE_OF = {keyword: of for of, keywords in _KEYWORDS.items() for keyword in keywords.split()}
"""The type of value that a keyword says something of."""
_FORMATS = {
    "string": """date date-time time duration email idn-email hostname idn-hostname ipv4 ipv6 uri
        uri-reference iri iri-reference uri-template uuid json-pointer relative-json-pointer regex byte binary
        base64 base64url password char media-range html""",
    "number": "float double int32 int64 int16 int8 uint8 uint16 uint32 uint64 decimal",
}
_FORMATS_OF_OPENAPI = (
    *("date", "date-time", "email", "hostname", "ipv4", "ipv6", "uri", "uuid", "password", "byte", "binary"),
    *("int32", "int64", "float", "double", "uri-reference"),
)
_NUMERIC_TEXTS = frozenset(("int64", "uint64", "decimal", "double", "float", "int32"))
"""Numbers that some services send as texts."""
_TYPE_OF_FORMAT = {name: of for of, names in _FORMATS.items() for name in names.split()}
_FORMER = frozenset(
    ("nullable", "id", "definitions", "dependencies", "divisibleBy", "additionalItems", "$recursiveRef")
)
"""Keywords of OpenAPI 3.0 and of former drafts of JSON Schema."""


def arrays_have_items(nodes: Nodes) -> Iterator[Problem]:
    """In OpenAPI 3.0 a schema of the type array has `items` (Schema Object: MUST)."""
    for node in nodes.schemas if nodes.version == OLDEST else ():
        if node.value.get("type") == "array" and "items" not in node.value:
            yield Problem(node.pointer, 'an array without "items"; {} admits any item')


def directions_exclude_each_other(nodes: Nodes) -> Iterator[Problem]:
    """A property is not both readOnly and writeOnly: nobody could send it (3.0: MUST NOT)."""
    grade = None if nodes.version == OLDEST else Severity.WARNING
    for node in nodes.schemas:
        if node.value.get("readOnly") is True and node.value.get("writeOnly") is True:
            yield Problem(node.at("writeOnly"), "readOnly and writeOnly exclude each other", grade)


def required_properties_exist(nodes: Nodes) -> Iterator[Problem]:
    """A property that is required and not defined is misspelt, or forgotten."""
    mixed_in = {
        target for node, _, target in nodes.references if node.kind is Kind.SCHEMA and "allOf" in node.path
    }
    for node in nodes.schemas:
        names = node.texts("required")
        if not names or is_below(node, "not"):
            continue
        whole = around(node)
        known, is_whole = properties_of(nodes, whole)
        # A part of other schemas may require their members, and so may a schema that defines nothing.
        is_mixin = whole.path in mixed_in or not known
        for index, name in enumerate(names if is_whole and not is_mixin else ()):
            if name not in known:
                near = nearest(name, sorted(known))
                yield Problem(
                    node.at("required", index),
                    f'"{name}" is required, and no property of that name is defined{near}',
                )


def bounds_leave_room(nodes: Nodes) -> Iterator[Problem]:
    """A lower bound is not above the upper one, or no value is valid."""
    for node in nodes.schemas:
        for low, high in _BOUNDS:
            minimum, maximum = node.value.get(low), node.value.get(high)
            if isinstance(minimum, _Number) and isinstance(maximum, _Number) and minimum > maximum:
                yield Problem(
                    node.at(low), f"{low} {minimum} is more than {high} {maximum}, so that no value is valid"
                )
        for low, high in (
            ("exclusiveMinimum", "maximum"),
            ("minimum", "exclusiveMaximum"),
            ("exclusiveMinimum", "exclusiveMaximum"),
        ):
            minimum, maximum = node.value.get(low), node.value.get(high)
            if isinstance(minimum, _Number) and isinstance(maximum, _Number) and minimum >= maximum:
                yield Problem(node.at(low), f"{low} {minimum} leaves no value below {high} {maximum}")


def enums_are_of_their_type(nodes: Nodes) -> Iterator[Problem]:
    """A value of an enum that is of another type than its schema is never valid."""
    for node in nodes.schemas:
        types = own_types(node)
        if not types:
            continue
        if node.value.get("nullable") is True:
            types = types | {"null"}
        for index, value in enumerate(node.items("enum")):
            if not is_of_type(value, types):
                # null in the enum of a type that has none is a habit of 3.0, and as void as any other.
                yield Problem(
                    node.at("enum", index), f"{format_value(value)} is not of the type {_listed(types)}"
                )
        if "const" in node.value and nodes.version > OLDEST and not is_of_type(node.value["const"], types):
            yield Problem(
                node.at("const"), f"{format_value(node.value['const'])} is not of the type {_listed(types)}"
            )


def enum_values_differ(nodes: Nodes) -> Iterator[Problem]:
    """Each value of an enum stands there once, and one at least (JSON Schema validation 6.1.2: SHOULD)."""
    for node in nodes.schemas:
        seen: set[str] = set()
        values = node.value.get("enum")
        if values == [] and nodes.version > OLDEST:
            yield Problem(node.at("enum"), "the enum is empty, so that no value is valid")
        for index, value in enumerate(node.items("enum")):
            text = format_value(value) if not isinstance(value, str) else f'"{value}"'
            if text in seen:
                yield Problem(node.at("enum", index), f"{text} stands in the enum twice")
            seen.add(text)


def keywords_fit_the_type(nodes: Nodes) -> Iterator[Problem]:
    """A keyword that says nothing of values of the schema's type is without effect, or the type is wrong."""
    for node in nodes.schemas:
        types = own_types(node) - {"null"}
        if not types:
            continue
        for keyword in node.value:
            of = _TYPE_OF.get(keyword)
            if of is not None and of not in types and not (of == "number" and "integer" in types):
                yield Problem(
                    node.at(keyword), f'"{keyword}" is for {_LONG[of]}, and the type is {_listed(types)}'
                )


_LONG = {"string": "texts", "number": "numbers", "array": "arrays", "object": "objects"}


def formats_fit_the_type(nodes: Nodes) -> Iterator[Problem]:
    """A format of another type than the schema's, or of a misspelt name, is without effect."""
    for node in nodes.schemas:
        types = own_types(node) - {"null"}
        name = node.text("format") or ""
        of = _TYPE_OF_FORMAT.get(name)
        if name and of is None and (near := difflib.get_close_matches(name, _FORMATS_OF_OPENAPI, 1, 0.8)):
            yield Problem(node.at("format"), f'the format "{name}" is not known; did you mean {near[0]}?')
        if not types or of is None or of in types or (of == "number" and "integer" in types):
            continue
        if types == {"string"} and name in _NUMERIC_TEXTS:
            continue
        yield Problem(
            node.at("format"), f'the format "{name}" is for {_LONG[of]}, and the type is {_listed(types)}'
        )


def patterns_are_expressions(nodes: Nodes) -> Iterator[Problem]:
    """A pattern is a regular expression of ECMA-262, or each validator reads it in its own way."""
    for node in nodes.schemas:
        patterns = [(node.at("pattern"), node.text("pattern") or "")]
        if nodes.version > OLDEST:
            patterns += [(node.at("patternProperties", each), each) for each in node.map("patternProperties")]
        for at, pattern in patterns:
            try:
                translated_pattern(pattern)
            except PatternError as error:
                yield Problem(at, f"{format_value(pattern)} is no regular expression of ECMA-262: {error}")


def nullable_has_a_type(nodes: Nodes) -> Iterator[Problem]:
    """In OpenAPI 3.0 `nullable` adds null to the `type` beside it, and does nothing without one."""
    for node in nodes.schemas if nodes.version == OLDEST else ():
        # Beside allOf, every tool takes it as it is meant: there is no other way to say it of a reference.
        is_of_others = any(node.items(keyword) for keyword in ("allOf", "oneOf", "anyOf"))
        if node.value.get("nullable") is True and "type" not in node.value and not is_of_others:
            message = '"nullable" is without effect where no "type" stands beside it'
            yield Problem(node.at("nullable"), message)


def keywords_are_known(nodes: Nodes) -> Iterator[Problem]:
    """Since OpenAPI 3.1 an unknown keyword is without effect: it is misspelt, or of another version."""
    if nodes.version == OLDEST:
        return
    known = members(Kind.SCHEMA, nodes.version)
    for node in nodes.schemas:
        for keyword in node.value:
            if keyword in known or keyword.startswith("x-"):
                continue
            if keyword == "nullable":
                message = '"nullable" is of OpenAPI 3.0 and without effect; add "null" to the type'
            elif keyword in _FORMER:
                message = f'"{keyword}" is of a former version and without effect'
            elif near := nearest(keyword, list(known)):
                message = f'JSON Schema has no keyword "{keyword}"{near}'
            else:
                message = f'JSON Schema has no keyword "{keyword}"; those of your own begin with x-'
            yield Problem(node.at(keyword), message)


def closed_parts_fit_together(nodes: Nodes) -> Iterator[Problem]:
    """A part of `allOf` that is closed refuses the properties that other parts require."""
    for node in nodes.schemas:
        branches = [(there, real) for there, real in nodes.below(node, "allOf")]
        for there, real in branches:
            if real.value.get("additionalProperties") is not False:
                continue
            own = set(real.map("properties"))
            if real.map("patternProperties"):
                continue
            required = {
                name
                for other in (node, *(each for _, each in branches if each is not real))
                for name in other.texts("required")
            }
            lost = sorted(required - own)
            if lost:
                yield Problem(
                    there.pointer, f'it is closed, and refuses "{lost[0]}", which another part requires'
                )


def parts_are_of_one_type(nodes: Nodes) -> Iterator[Problem]:
    """Parts of `allOf` of different types leave no value that is valid."""
    for node in nodes.schemas:
        types = own_types(node)
        for there, real in nodes.below(node, "allOf"):
            other = types_of(nodes, real)
            is_apart = bool(types and other) and not _common(types, other)
            if is_apart:
                yield Problem(
                    there.pointer, f"it is of the type {_listed(other)}, and the rest of {_listed(types)}"
                )
                break
            types = types or other


def _common(first: set[str], second: set[str]) -> bool:
    return bool(first & second) or ("number" in first | second and "integer" in first | second)


def _listed(types: set[str]) -> str:
    return " or ".join(sorted(types))


CORE = {
    "lint-array-items": arrays_have_items,
    "lint-read-write-only": directions_exclude_each_other,
}
RECOMMENDED = {
    "lint-required-undefined": required_properties_exist,
    "lint-bounds": bounds_leave_room,
    "lint-enum-type": enums_are_of_their_type,
    "lint-enum-duplicate": enum_values_differ,
    "lint-keyword-type": keywords_fit_the_type,
    "lint-format-type": formats_fit_the_type,
    "lint-pattern": patterns_are_expressions,
    "lint-nullable": nullable_has_a_type,
    "lint-unknown-keyword": keywords_are_known,
    "lint-all-of-closed": closed_parts_fit_together,
    "lint-all-of-types": parts_are_of_one_type,
}
