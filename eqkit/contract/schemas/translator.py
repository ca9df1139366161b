"""Single schemas in JSON Schema 2020-12, with all within them; references are kept for later."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urldefrag

import jsonschema_rs

from eqkit.contract.document import Json, escaped
from eqkit.contract.references import BASE, References, joined
from eqkit.contract.schemas.broken_schemas import BrokenSchema, broken_keywords
from eqkit.contract.schemas.dialect import MANY, NAMED, ONE, Dialect, Moves, Reshaped, reshaped
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.patterns import PatternError, translated_pattern

_IN_ONE_PLACE = ("allOf", "anyOf", "oneOf")
_UNEVALUATED = ("unevaluatedItems", "unevaluatedProperties")

DRAFT_4 = "urn:eqkit:draft-04"
"""The address of the schemas that stay in draft 4, to which 1.0 is a number and no integer."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The inheritance of a schema from those around it: the base of its references, and its dialect."""

    base: str
    dialect: Dialect
    optional: frozenset[str] = frozenset()
    """The names that a value of this direction may leave out, though they are required."""
    copied: frozenset[str] = frozenset()
    """The schemas that stand elsewhere, and of which this one is a copy with more optional names."""


@dataclass(frozen=True, slots=True)
class WaitingReference:
    """A reference of a translated schema (`holder`), and where it stands in the source."""

    holder: dict[str, Json]
    keyword: str
    scope: Scope
    source: str


class Translator:
    """Translates the schemas of one document for values of one direction.

    A location is ``URI#/pointer``, in the source or in the translation.
    """

    def __init__(self, references: References, direction: Direction) -> None:
        """Take the resolver of the document's references."""
        self._references = references
        self._direction = direction
        self.moves = Moves()
        self.roots: dict[str, Json] = {}
        """The translated schemas that stand within no other, by location."""
        self.seen: set[str] = set()
        """The locations of all that were translated."""
        self.waiting: list[WaitingReference] = []
        self.patterns: dict[str, str] = {}
        """The patterns of the document, by their translations."""
        self.broken: list[BrokenSchema] = []
        self.doubtful: list[dict[str, Json]] = []
        """The translated schemas of which a keyword was left out."""
        self.bounds_bytes = False
        """Whether there is any `x-max-bytes`, which jsonschema-rs has to be given."""

    def add(self, source: str, scope: Scope) -> None:
        """Translate the schema at a location of the source, unless that is done; raises KeyError."""
        if source in self.seen:
            return
        before = len(self.roots)
        self.roots[source] = self._translated(self._references.at(source), source, source, scope)
        for at in [*self.roots][before:]:
            for schema, keyword, pointer, message in [*broken_keywords(self.roots[at])]:
                self.leave_out(schema, keyword, self.moves.source(at + pointer), f"{keyword}: {message}")

    def leave_out(self, schema: dict[str, Json], keyword: str, source: str, message: str) -> None:
        """Take a keyword out of a translated schema, and keep why."""
        schema.pop(keyword, None)
        for each in _UNEVALUATED if keyword == "$ref" else ():
            schema.pop(each, None)  # the evaluated members are not known
        self.doubtful.append(schema)
        self.broken.append(BrokenSchema(source.removeprefix(f"{BASE}#"), message))

    def _translated(self, node: Json, source: str, at: str, scope: Scope) -> Json:
        """Return a schema in 2020-12; `source` is where it stands, `at` where it will stand."""
        if not scope.copied:
            self.seen.add(source)
        if node is None:  # an empty value of YAML
            return True
        if isinstance(node, bool):
            return node
        if not isinstance(node, dict):
            empty: dict[str, Json] = {}
            self.leave_out(empty, "", source, "it is no schema: an object or a boolean is wanted")
            return empty
        if isinstance(node.get("$schema"), str):
            scope = replace(scope, dialect=Dialect.of(node["$schema"], scope.dialect))
        scope, own_resource = self._named(node, source, scope)
        if own_resource is not None:
            root = f"{own_resource}#"
            self.moves.add(source, root)
            self.roots[root] = self._keywords(node, source, root, scope)
            return {"$ref": own_resource}
        return self._keywords(node, source, at, scope)

    def _keywords(self, node: Mapping[str, Json], source: str, at: str, scope: Scope) -> dict[str, Json]:
        shape = reshaped(node, scope.dialect, self._direction)
        inside = f"{at}/anyOf/1" if shape.admits_null_besides else at
        self._keep_moves(shape, source, at, inside, scope)
        schema = shape.keywords
        self.bounds_bytes |= "x-max-bytes" in schema
        optional = scope.optional | self._optional(schema, scope, frozenset())
        if optional and isinstance(schema.get("required"), list):
            schema["required"] = [
                name for name in schema["required"] if not isinstance(name, str) or name not in optional
            ]
        below = replace(scope, optional=frozenset()) if scope.optional else scope
        beside = replace(scope, optional=optional) if optional != scope.optional else scope
        if isinstance(schema.get("pattern"), str):
            self._write_pattern(schema, source)
        if isinstance(schema.get("$id"), str) and not _is_address(scope.base, schema["$id"]):
            self.leave_out(schema, "$id", f"{source}/$id", f"{schema['$id']} is no URI")
        for keyword, value in [*schema.items()]:
            from_, to = f"{source}/{shape.origins.get(keyword, keyword)}", f"{inside}/{keyword}"
            if keyword in ONE:
                schema[keyword] = self._translated(value, from_, to, below)
            elif keyword in MANY and isinstance(value, list):
                within = beside if keyword in _IN_ONE_PLACE else below
                schema[keyword] = [
                    self._part(each, f"{from_}/{index}", f"{to}/{index}", within)
                    for index, each in enumerate(value)
                ]
            elif keyword in NAMED and isinstance(value, dict):
                schema[keyword] = {
                    name: self._translated(each, f"{from_}/{escaped(name)}", f"{to}/{escaped(name)}", below)
                    for name, each in value.items()
                }
        if isinstance(schema.get("patternProperties"), dict):
            self._write_pattern_properties(schema, source)
        if scope.dialect.is_old and _admits_integers_alone(schema.get("type")):
            self._refuse_fractions(schema, source)
        for keyword in ("$ref", "$dynamicRef"):
            if isinstance(schema.get(keyword), str):
                self.waiting.append(WaitingReference(schema, keyword, below, source))
        return {"anyOf": [{"type": "null"}, schema]} if shape.admits_null_besides else schema

    def _named(self, node: Mapping[str, Json], source: str, scope: Scope) -> tuple[Scope, str | None]:
        """Keep how a schema names itself; return its scope and, where it has one, an address of its own."""
        old = scope.dialect.ignores_siblings
        if scope.copied or scope.dialect is Dialect.OPENAPI_3_0 or (old and "$ref" in node):
            return scope, None
        own: str | None = None
        identifier = node.get("id" if scope.dialect is Dialect.DRAFT_4 else "$id")
        if isinstance(identifier, str) and _is_address(scope.base, identifier):
            uri, fragment = urldefrag(joined(scope.base, identifier))
            if fragment and old:
                self._references.add_anchor(uri, fragment, source)
            elif self._references.add_id(uri, source):
                own, scope = uri, replace(scope, base=uri)
        for keyword in () if old else ("$anchor", "$dynamicAnchor"):
            if isinstance(node.get(keyword), str):
                is_dynamic = keyword == "$dynamicAnchor"
                self._references.add_anchor(scope.base, node[keyword], source, is_dynamic=is_dynamic)
        return scope, own

    def _keep_moves(self, shape: Reshaped, source: str, at: str, inside: str, scope: Scope) -> None:
        """Keep which keywords of a schema stand elsewhere than in the source."""
        if scope.copied or shape.admits_null_besides:
            self.moves.add_origin(inside, source)
        if shape.admits_null_besides and not scope.copied:
            self.moves.add(f"{source}/", f"{inside}/")
        for keyword, origin in shape.origins.items():
            if scope.copied:
                self.moves.add_origin(f"{inside}/{keyword}", f"{source}/{origin}")
            else:
                self.moves.add(f"{source}/{origin}", f"{inside}/{keyword}")

    def _part(self, node: Json, source: str, at: str, scope: Scope) -> Json:
        """Translate the parts of a schema; of one that refers to a schema that requires too much, a copy."""
        reference = node.get("$ref") if scope.optional and isinstance(node, dict) else None
        target = self._references.target(reference, scope.base) if isinstance(reference, str) else None
        if target is None or target in scope.copied or not self._requires(target, scope, frozenset()):
            return self._translated(node, source, at, scope)
        copied = replace(scope, copied=scope.copied | {target})
        copy = self._translated(self._references.at(target), target, f"{at}/allOf/0", copied)
        if scope.dialect.ignores_siblings or len(node) == 1:
            self.seen.add(source)
            return {"allOf": [copy]}
        rest = {keyword: value for keyword, value in node.items() if keyword != "$ref"}
        beside = self._translated(rest, source, f"{at}/allOf/1", scope)
        return {"allOf": [copy, beside]}

    def _requires(self, location: str, scope: Scope, known: frozenset[str]) -> bool:
        """Return whether a schema requires an optional name, itself or by its parts."""
        node = self._references.at(location)
        if location in known or not isinstance(node, dict):
            return False
        known |= {location}
        required = node.get("required")
        if isinstance(required, list) and any(
            name in scope.optional for name in required if isinstance(name, str)
        ):
            return True
        parts = node.get("allOf")
        below = [f"{location}/allOf/{index}" for index in range(len(parts) if isinstance(parts, list) else 0)]
        target = self._referred(node, scope)
        return any(
            self._requires(each, scope, known) for each in (below if target is None else [*below, target])
        )

    def _referred(self, node: Json, scope: Scope) -> str | None:
        reference = node.get("$ref") if isinstance(node, dict) else None
        return self._references.target(reference, scope.base) if isinstance(reference, str) else None

    def _optional(self, schema: Json, scope: Scope, known: frozenset[str]) -> frozenset[str]:
        """Return the properties of a schema and its parts that only the other side sends."""
        properties, parts = schema.get("properties"), schema.get("allOf")
        own = frozenset(
            name
            for name, each in (properties.items() if isinstance(properties, dict) else ())
            if self._is_optional(each, scope)
        )
        for each in parts if isinstance(parts, list) else ():
            own |= self._optional_by(each, scope, known)
        return own

    def _optional_by(self, part: Json, scope: Scope, known: frozenset[str]) -> frozenset[str]:
        if not isinstance(part, dict):
            return frozenset()
        target = self._referred(part, scope)
        own = frozenset() if scope.dialect.ignores_siblings and target else self._optional(part, scope, known)
        if target is None or target in known:
            return own
        return own | self._optional_by(self._references.at(target), scope, known | {target})

    def _is_optional(self, property_: Json, scope: Scope) -> bool:
        """Return whether only the other side sends a property, by itself or by its reference."""
        wanted, known = self._direction.optional_keywords, set[str]()
        while isinstance(property_, dict):
            target = self._referred(property_, scope)
            has_own = target is None or not scope.dialect.ignores_siblings
            if has_own and any(property_.get(keyword) is True for keyword in wanted):
                return True
            if target is None or target in known:
                return False
            known.add(target)
            property_ = self._references.at(target)
        return False

    def _refuse_fractions(self, schema: dict[str, Json], source: str) -> None:
        """Refuse 1.0 for an integer, as draft 4 does (3.5); later drafts take any number without fraction."""
        location = f"{DRAFT_4}#/definitions/{len(self.roots)}"
        extensions = {keyword: value for keyword, value in schema.items() if keyword.startswith("x-")}
        self.roots[location] = {"type": schema["type"], **extensions}
        self.moves.add_origin(location, source)
        if isinstance(schema.get("allOf", []), list):
            schema["allOf"] = [*schema.get("allOf", []), {"$ref": location}]

    def _write_pattern(self, schema: dict[str, Json], source: str) -> None:
        try:
            translated = translated_pattern(schema["pattern"])
        except PatternError as error:
            self.leave_out(
                schema, "pattern", f"{source}/pattern", f"{schema['pattern']} is no pattern: {error}"
            )
            return
        self.patterns[translated] = schema["pattern"]
        schema["pattern"] = translated

    def _write_pattern_properties(self, schema: dict[str, Json], source: str) -> None:
        found: dict[str, Json] = {}
        for pattern, value in schema["patternProperties"].items():
            try:
                translated = translated_pattern(pattern)
            except PatternError as error:
                at = f"{source}/patternProperties/{escaped(pattern)}"
                self.leave_out(schema, "", at, f"{pattern} is no pattern: {error}")
                schema.pop("additionalProperties", None)  # nobody knows which ones are additional
                continue
            self.patterns[translated] = pattern
            found[translated] = value
        schema["patternProperties"] = found


@functools.lru_cache(maxsize=1000)
def _is_address(base: str, identifier: str) -> bool:
    """Return whether jsonschema-rs takes a text for the address of a schema."""
    try:
        jsonschema_rs.Registry([(base, {"$id": identifier})])
    except ValueError:
        return False
    return True


def _admits_integers_alone(types: Json) -> bool:
    listed = types if isinstance(types, list) else [types]
    return "integer" in listed and "number" not in listed
