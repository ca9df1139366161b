"""One document's schemas in JSON Schema 2020-12: references followed, each schema once, none written out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote, urldefrag, urljoin

import jsonschema_rs

from eqkit.contract.dialect import MANY, NAMED, ONE, Dialect, Moves, reshaped
from eqkit.contract.directions import Direction
from eqkit.contract.document import Document, Json, child, escaped, pointer_of, pointer_parts
from eqkit.contract.schema_positions import schema_positions

BASE = "http://contract.invalid/"
"""The address that the folder of a contract has in its schemas; names below `.invalid` belong to nobody."""

_META_SCHEMAS = ("https://json-schema.org/", "http://json-schema.org/")
_IN_ONE_PLACE = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True, slots=True)
class BrokenSchema:
    """A keyword of a schema that nothing can be validated by; it is left out, and the rest counts."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a schema inherits from those around it: the base of its references, and its dialect."""

    base: str
    dialect: Dialect
    optional: frozenset[str] = frozenset()
    """The names that a value of this direction may leave out, though they are required."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """A reference of a translated schema (`holder`), and where it stands in the source."""

    holder: dict[str, Json]
    keyword: str
    scope: _Scope
    source: str


class Translation:
    """The schemas of one document for values of one direction, translated when it is made.

    A location is ``URI#/pointer``.
    """

    def __init__(self, document: Document, direction: Direction) -> None:
        """Translate every schema of a document, and what they refer to."""
        self._resources = {BASE: document.data}
        self._direction = direction
        self._dialect = _dialect(document)
        self._moves = Moves()
        self._roots: dict[str, Json] = {}
        """The translated schemas that stand within no other, by location."""
        self._seen: set[str] = set()
        self._ids: dict[str, str] = {}
        self._anchors: dict[str, str] = {}
        self._dynamic: set[tuple[str, str]] = set()
        self._waiting: list[_Reference] = []
        self.broken: list[BrokenSchema] = []
        self.bounds_bytes = False
        """Whether there is any `x-max-bytes`, which jsonschema-rs has to be told of."""
        scope = _Scope(BASE, self._dialect)
        for path in schema_positions(document.data):
            self._add(f"{BASE}#{pointer_of(path)}", scope)
        self._link()
        self.registry = self._registry()

    def location(self, pointer: str) -> str:
        """Return the location in the translation of the schema at a pointer, as a ``$ref`` has it.

        Raises KeyError where there is nothing.
        """
        location = f"{BASE}#{pointer}"
        if location not in self._seen:
            self._add(location, _Scope(BASE, self._dialect))
            self._link()
            self.registry = self._registry()
        return _written(self._moves.translated(location))

    def source(self, location: str) -> str:
        """Return the pointer in the source of a location in the translation."""
        uri, _, pointer = self._moves.source(unquote(location)).partition("#")
        return pointer if uri == BASE else f"{uri.removeprefix(BASE)}#{pointer}"

    def schema(self, location: str) -> Json:
        """Return the translated schema at a location."""
        root, _, rest = location.partition("#")
        parts = pointer_parts(rest)
        for end in range(len(parts), -1, -1):
            at = f"{root}#{pointer_of(parts[:end])}"
            if at in self._roots:
                return _descended(self._roots[at], parts[end:])
        raise KeyError(location)

    def discriminated(self, name: str) -> set[str]:
        """Return the locations that a value of a discriminator may mean, as a ``$ref`` has them."""
        references = (name, f"#/components/schemas/{quote(escaped(name))}")
        scope = _Scope(BASE, self._dialect)
        targets = (self._target(each, scope) for each in references)
        return {_written(self._moves.translated(target)) for target in targets if target is not None}

    def _add(self, source: str, scope: _Scope) -> None:
        """Translate the schema at a location of the source, unless that is done; raises KeyError."""
        if source not in self._seen:
            self._roots[source] = self._translated(self._found(source), source, source, scope)

    def _found(self, source: str) -> Json:
        uri, _, pointer = source.partition("#")
        return _descended(self._resources[uri], pointer_parts(pointer))

    def _translated(self, node: Json, source: str, at: str, scope: _Scope) -> Json:
        """Return a schema in 2020-12; `source` is where it stands, `at` where it will stand."""
        self._seen.add(source)
        if node is None:  # what YAML leaves empty
            return True
        if not isinstance(node, dict):
            if not isinstance(node, bool):
                self._break(source, "it is no schema: an object or a boolean is wanted")
                return True
            return node
        if isinstance(node.get("$schema"), str):
            scope = replace(scope, dialect=Dialect.of(node["$schema"], scope.dialect))
        scope, own_resource = self._named(node, source, scope)
        if own_resource is not None:
            self._moves.add(source, f"{own_resource}#")
            self._roots[f"{own_resource}#"] = self._keywords(node, source, f"{own_resource}#", scope)
            return {"$ref": own_resource}
        return self._keywords(node, source, at, scope)

    def _keywords(self, node: Mapping[str, Json], source: str, at: str, scope: _Scope) -> dict[str, Json]:
        shape = reshaped(node, scope.dialect, self._direction)
        inside = at
        if shape.admits_null_besides:
            inside = f"{at}/anyOf/1"
            self._moves.add(f"{source}/", f"{inside}/")
            self._moves.add_origin(inside, source)
        for keyword, origin in shape.origins.items():
            self._moves.add(f"{source}/{origin}", f"{inside}/{keyword}")
        schema = shape.keywords
        self.bounds_bytes |= "x-max-bytes" in schema
        optional = scope.optional | self._optional(schema, scope)
        if optional and isinstance(schema.get("required"), list):
            schema["required"] = [name for name in schema["required"] if name not in optional]
        below, beside = replace(scope, optional=frozenset()), replace(scope, optional=optional)
        for keyword, value in schema.items():
            from_, to = f"{source}/{shape.origins.get(keyword, keyword)}", f"{inside}/{keyword}"
            if keyword in ONE:
                schema[keyword] = self._translated(value, from_, to, below)
            elif keyword in MANY and isinstance(value, list):
                within = beside if keyword in _IN_ONE_PLACE else below
                schema[keyword] = [
                    self._translated(each, f"{from_}/{index}", f"{to}/{index}", within)
                    for index, each in enumerate(value)
                ]
            elif keyword in NAMED and isinstance(value, dict):
                schema[keyword] = {
                    name: self._translated(each, f"{from_}/{escaped(name)}", f"{to}/{escaped(name)}", below)
                    for name, each in value.items()
                }
        for keyword in ("$ref", "$dynamicRef"):
            if isinstance(schema.get(keyword), str):
                self._waiting.append(_Reference(schema, keyword, below, source))
        return {"anyOf": [{"type": "null"}, schema]} if shape.admits_null_besides else schema

    def _named(self, node: Mapping[str, Json], source: str, scope: _Scope) -> tuple[_Scope, str | None]:
        """Keep how a schema names itself; return its scope and, where it has one, an address of its own."""
        identifier = node.get("id" if scope.dialect is Dialect.DRAFT_4 else "$id")
        known = scope.dialect is not Dialect.OPENAPI_3_0
        if not known or (scope.dialect.ignores_siblings and "$ref" in node):
            return scope, None
        own: str | None = None
        if isinstance(identifier, str):
            uri, fragment = urldefrag(_joined(scope.base, identifier))
            if fragment:
                self._anchors[f"{uri}#{fragment}"] = source
            elif uri not in self._ids and uri not in self._resources:
                own, scope = uri, replace(scope, base=uri)
                self._ids[uri] = source
        for keyword in ("$anchor", "$dynamicAnchor"):
            if isinstance(node.get(keyword), str) and not scope.dialect.ignores_siblings:
                self._anchors[f"{scope.base}#{node[keyword]}"] = source
                if keyword == "$dynamicAnchor":
                    self._dynamic.add((scope.base, node[keyword]))
        return scope, own

    def _optional(self, schema: Json, scope: _Scope) -> frozenset[str]:
        """Return the properties of a schema, and of what it is made of, that only the other side sends."""
        wanted = self._direction.optional_keywords
        stated = schema.get("properties")
        own = (
            name
            for name, each in (stated.items() if isinstance(stated, dict) else ())
            if isinstance(each, dict) and any(each.get(keyword) is True for keyword in wanted)
        )
        return frozenset(own)

    def _link(self) -> None:
        """Follow the references that were met, and write them as the translation has them."""
        linked: list[tuple[_Reference, str]] = []
        while self._waiting:
            reference = self._waiting.pop()
            written = reference.holder[reference.keyword]
            target = self._target(written, reference.scope)
            if target is None:
                if written.startswith(_META_SCHEMAS):
                    continue
                self._break(f"{reference.source}/{reference.keyword}", f"{written} leads nowhere")
                del reference.holder[reference.keyword]
                continue
            base = target.partition("#")[0]
            scope = replace(reference.scope, base=base, optional=frozenset())
            self._add(target, scope)
            linked.append((reference, target))
        for reference, target in linked:
            written = reference.holder[reference.keyword]
            location = _written(self._moves.translated(target))
            if reference.keyword == "$dynamicRef":
                uri, anchor = urldefrag(_joined(reference.scope.base, written))
                if (uri, anchor) in self._dynamic:
                    location = f"{uri}#{anchor}"
            reference.holder[reference.keyword] = location

    def _target(self, reference: str, scope: _Scope) -> str | None:
        """Return the location in the source that a reference leads to; None where there is nothing."""
        uri, fragment = urldefrag(_joined(scope.base, reference))
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            return self._anchors.get(f"{uri}#{fragment}")
        start = self._ids.get(uri) or (f"{uri}#" if uri in self._resources else None)
        if start is None:
            return None
        try:
            self._found(start + fragment)
        except KeyError:
            return None
        return start + fragment

    def _registry(self) -> jsonschema_rs.Registry:
        resources: dict[str, Json] = {}
        for location in sorted(self._roots, key=len):
            uri, _, pointer = location.partition("#")
            resources[uri] = _with(resources.get(uri, {}), pointer_parts(pointer), self._roots[location])
        for uri, name in sorted(self._dynamic):
            target = _written(self._moves.translated(self._anchors[f"{uri}#{name}"]))
            named = {f"$dynamicAnchor {name}": {"$dynamicAnchor": name, "$ref": target}}
            resources[uri] = {**resources[uri], "$defs": {**resources[uri].get("$defs", {}), **named}}
        return jsonschema_rs.Registry([*resources.items()])

    def _break(self, source: str, message: str) -> None:
        pointer = source.removeprefix(f"{BASE}#")
        self.broken.append(BrokenSchema(pointer.removeprefix(BASE), message))


def _dialect(document: Document) -> Dialect:
    if str(document.data.get("openapi")).startswith("3.0"):
        return Dialect.OPENAPI_3_0
    return Dialect.of(str(document.data.get("jsonSchemaDialect")), Dialect.DRAFT_2020)


def _joined(base: str, reference: str) -> str:
    """Resolve a reference (RFC 3986 5); of a URN as well, of which `urljoin` knows nothing."""
    return base + reference if reference.startswith("#") else urljoin(base, reference)


def _written(location: str) -> str:
    """Return a location as a URI reference has it."""
    uri, _, pointer = location.partition("#")
    return f"{uri}#{quote(pointer, safe='/~!$&()*+,;=:@')}" if pointer else uri


def _descended(node: Json, parts: list[str]) -> Json:
    for part in parts:
        node = child(node, part)
    return node


def _with(tree: Json, parts: list[str], schema: Json) -> Json:
    """Return a tree with a schema put in its place; what is on the way is copied, never changed."""
    if not parts:
        return schema
    here, *rest = parts
    if isinstance(tree, list):
        index = int(here)
        return [*tree[:index], _with(tree[index], rest, schema), *tree[index + 1 :]]
    members = tree if isinstance(tree, dict) else {}
    return {**members, here: _with(members.get(here, {}), rest, schema)}
