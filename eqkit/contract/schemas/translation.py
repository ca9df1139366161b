"""One document's schemas in JSON Schema 2020-12: references followed, each schema once, none written out."""

import functools
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import quote, unquote

import jsonschema_rs

from eqkit.contract.document import Document, Json, escaped, pointer_of, pointer_parts
from eqkit.contract.references import BASE, References, descended, written
from eqkit.contract.schemas.broken_schemas import BrokenSchema
from eqkit.contract.schemas.dialect import Dialect
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.schema_positions import schema_positions
from eqkit.contract.schemas.translator import DRAFT_4, Scope, Translator, WaitingReference

_META_SCHEMA = "https://json-schema.org/draft/2020-12/"
"""Where the one meta-schema stands that jsonschema-rs has with it."""

_REGISTRIES = 8
"""The number of registries kept, each with a copy of its schemas; compiled schemas do without them."""


class Translation:
    """The schemas of one document for values of one direction.

    A location is ``URI#/pointer``, in the source or in the translation. A keyword by which nothing can
    be validated is left out, and kept in `broken`.

    Those of OpenAPI 3.0 are translated when they are first asked for, with the schemas that they refer to: a
    document of a thousand operations has to start soon. Since 3.1 a schema may have an address or an anchor,
    by which others know it; so all are translated when the translation is made.
    """

    def __init__(self, document: Document, direction: Direction) -> None:
        """Take the schemas of a document, and translate them unless that can wait."""
        self._scope = Scope(BASE, _dialect(document))
        self.references = References(document.data)
        self._refused = document.refused
        self._translator = Translator(self.references, direction)
        self._positions = dict.fromkeys(
            f"{BASE}#{pointer_of(path)}" for path in schema_positions(document.data)
        )
        self._met: list[tuple[str, WaitingReference]] = []
        """The references that are to be followed, each with the position that it was met in."""
        self._made: dict[str, list[str]] = {}
        """The roots of the translation that each position of the source became."""
        self._homes: dict[str, str] = {}
        """The position of the source that became each root of the translation."""
        self._leads: dict[str, set[str]] = {}
        """The positions that each position refers to."""
        self._registry_of = functools.lru_cache(maxsize=_REGISTRIES)(self._registry)
        self._is_lazy = self._scope.dialect is Dialect.OPENAPI_3_0
        if not self._is_lazy:
            self._translate_all()
        self._strict: tuple[int, jsonschema_rs.Registry] | None = None
        """The strict registry, and the number of schemas when it was made."""

    def _translate_all(self) -> None:
        for location in self._positions:
            self._add(location, self._scope)
        self._link()

    def registry_for(self, *locations: str) -> jsonschema_rs.Registry:
        """Return the schemas at locations in the translation, and all that they refer to."""
        if not self._is_lazy:
            return self._registry_of(frozenset(self._translator.roots))
        roots = [root for root, _ in map(self._root, locations) if root]
        waiting, found = [self._homes[root] for root in roots], set[str]()
        while waiting:
            position = waiting.pop()
            if position not in found:
                found.add(position)
                waiting += self._leads.get(position, ())
        return self._registry_of(frozenset(root for each in found for root in self._made.get(each, ())))

    @property
    def broken(self) -> list[BrokenSchema]:
        """The keywords that nothing can be validated by, and that were left out."""
        if self._is_lazy:
            self._translate_all()
        return self._translator.broken

    @property
    def bounds_bytes(self) -> bool:
        """Whether there is any `x-max-bytes`, which jsonschema-rs has to be given."""
        return self._translator.bounds_bytes

    def location(self, pointer: str) -> str:
        """Return the location in the translation of the schema at a pointer, as a ``$ref`` has it.

        Raises KeyError if there is nothing.
        """
        location = f"{BASE}#{pointer}"
        if location not in self._translator.seen:
            self._add(self._position(location), self._scope)
            self._add(location, self._scope)
            self._link()
        return written(self._translator.moves.translated(location))

    def _position(self, location: str) -> str:
        """Return the schema that stands within no other in which a location is; itself if there is none."""
        if location in self._positions:
            return location
        parts = pointer_parts(location.partition("#")[2])
        ends = (f"{BASE}#{pointer_of(parts[:end])}" for end in range(1, len(parts)))
        return next((each for each in ends if each in self._positions), location)

    def _add(self, location: str, scope: Scope) -> None:
        """Translate a schema, and keep what became of it and what it refers to; raises KeyError."""
        roots, position = len(self._translator.roots), self._position(location)
        self._translator.add(location, scope)
        made = [*self._translator.roots][roots:]
        self._made.setdefault(position, []).extend(made)
        self._homes.update(dict.fromkeys(made, position))
        self._met += [(position, reference) for reference in self._translator.waiting]
        self._translator.waiting.clear()

    def source(self, location: str) -> str:
        """Return the pointer in the source of a location in the translation."""
        return self._translator.moves.source(unquote(location)).removeprefix(f"{BASE}#")

    def schema(self, location: str) -> Json:
        """Return the translated schema at a location; {} for one of the meta-schema."""
        root, parts = self._root(location)
        return descended(self._translator.roots[root], parts) if root else {}

    def _root(self, location: str) -> tuple[str, list[str]]:
        """Return the root in which a location is, and the path from there; "" for the meta-schema."""
        uri, _, rest = location.partition("#")
        parts = pointer_parts(rest)
        ends = range(len(parts), -1, -1)
        at = ((f"{uri}#{pointer_of(parts[:end])}", parts[end:]) for end in ends)
        return next((each for each in at if each[0] in self._translator.roots), ("", []))

    def pattern(self, translated: str) -> str:
        """Return a translated pattern as the document has it."""
        return self._translator.patterns.get(translated, translated)

    def discriminated(self, name: str) -> set[str]:
        """Return the locations that a value of a discriminator may mean, as a ``$ref`` has them."""
        references = (name, f"#/components/schemas/{quote(escaped(name))}")
        targets = (self.references.target(each, BASE) for each in references)
        return {
            written(self._translator.moves.translated(target)) for target in targets if target is not None
        }

    def dynamic_anchors(self) -> dict[tuple[str, str], str]:
        """Return the locations in the translation of all dynamic anchors, by base and name."""
        return {
            (base, name): self._translator.moves.translated(location)
            for base, name, location in self.references.dynamic_anchors()
        }

    def strict_registry(self) -> jsonschema_rs.Registry | None:
        """Return the registry in which schemas admit nothing of which a keyword was left out.

        In the other one they admit everything. A value that breaks a rule in both breaks it for certain; of
        one that does so in one alone (by `oneOf` or `not`), nobody can tell. None if nothing was left out.
        """
        if not self._translator.doubtful:
            return None
        if self._strict is not None and self._strict[0] == len(self._translator.roots):
            return self._strict[1]
        before = [dict(schema) for schema in self._translator.doubtful]
        for schema in self._translator.doubtful:
            schema["allOf"] = [*schema.get("allOf", []), False]
        registry = self._registry(self._translator.roots)
        for schema, keywords in zip(self._translator.doubtful, before, strict=True):
            schema.clear()
            schema.update(keywords)
        self._strict = len(self._translator.roots), registry
        return registry

    def _link(self) -> None:
        """Follow the references that were met, and write them as the translation has them."""
        linked: list[tuple[WaitingReference, str]] = []
        while self._met:
            position, reference = self._met.pop()
            holder, keyword, base = reference.holder, reference.keyword, reference.scope.base
            target = self.references.target(holder[keyword], base)
            if target is not None:
                scope = replace(reference.scope, base=self.references.base(target), copied=frozenset())
                if self._is_lazy:
                    self._add(self._position(target), self._scope)
                self._add(target, scope)
                self._leads.setdefault(position, set()).add(self._position(target))
                linked.append((reference, target))
            elif not holder[keyword].startswith(_META_SCHEMA):
                reason = self._refused.get(unquote(holder[keyword].partition("#")[0]), "leads nowhere")
                message = f"{holder[keyword]} {reason}"
                self._translator.leave_out(holder, keyword, f"{reference.source}/{keyword}", message)
        for reference, target in linked:
            holder, keyword = reference.holder, reference.keyword
            dynamic = self.references.dynamic(holder[keyword], reference.scope.base)
            is_dynamic = keyword == "$dynamicRef" and dynamic is not None
            holder[keyword] = dynamic if is_dynamic else written(self._translator.moves.translated(target))

    def _registry(self, roots: Collection[str]) -> jsonschema_rs.Registry:
        """Put translated schemas in their places; the rest of the document is left out."""
        resources: dict[str, Json] = {}
        for location in sorted(roots, key=lambda each: (len(each), each)):
            uri, _, pointer = location.partition("#")
            self._put(resources, uri, f"{uri}#", pointer_parts(pointer), location, roots)
        for uri, name, location in self.references.dynamic_anchors():
            target = written(self._translator.moves.translated(location))
            named = {f"$dynamicAnchor {name}": {"$dynamicAnchor": name, "$ref": target}}
            resources[uri] = {**resources[uri], "$defs": {**resources[uri].get("$defs", {}), **named}}
        if DRAFT_4 in resources:
            resources[DRAFT_4]["$schema"] = "http://json-schema.org/draft-04/schema#"
        return jsonschema_rs.Registry([*resources.items()])

    def _put(
        self, node: dict[str, Json], key: str, at: str, rest: list[str], location: str, roots: Collection[str]
    ) -> None:
        """Put the translated schema of a location below a key of the tree, of which `at` is the location."""
        while rest and at not in roots:
            node = node.setdefault(key, {})
            key, *rest = rest
            at = f"{at}/{escaped(key)}"
        node[key] = _with(node.get(key, {}), rest, self._translator.roots[location])


def _dialect(document: Document) -> Dialect:
    if str(document.data.get("openapi")).startswith("3.0"):
        return Dialect.OPENAPI_3_0
    return Dialect.of(str(document.data.get("jsonSchemaDialect")), Dialect.DRAFT_2020)


def _with(tree: Json, parts: list[str], schema: Json) -> Json:
    """Return a tree with a schema put in its place; nodes on the way are copied, never changed."""
    if not parts:
        return schema
    here, *rest = parts
    if isinstance(tree, list):
        index = int(here)
        return [*tree[:index], _with(tree[index], rest, schema), *tree[index + 1 :]]
    return {**tree, here: _with(tree.get(here, {}), rest, schema)}
