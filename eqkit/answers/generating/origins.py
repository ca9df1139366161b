"""Schemas of a translated document, each with its place."""

from dataclasses import dataclass
from urllib.parse import unquote

from eqkit.contract.document import Json, escaped, pointer_parts
from eqkit.contract.schemas.translation import Translation


@dataclass(frozen=True, slots=True)
class Origin:
    """A schema, its location in the translation, and its dynamic scope.

    The scope has the addresses of the documents that references led through, outermost first (JSON Schema
    2020-12, core 7.1). It is empty in a document without a `$dynamicAnchor`.
    """

    schema: Json
    location: str
    scope: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[int, tuple[str, ...]]:
        """The identity of the schema and its scope, by which two origins are the same."""
        return id(self.schema), self.scope

    @property
    def component(self) -> str:
        """The name of the schema among those of the document; "" for one that has none."""
        *holder, name = pointer_parts(self.location.partition("#")[2]) or [""]
        return name if holder == ["components", "schemas"] else ""

    def child(self, *path: str | int) -> "Origin":
        """Return the schema at a path within this one."""
        schema, location = self.schema, self.location
        for part in path:
            schema = schema[part]
            location = f"{location}/{escaped(str(part))}"
        return Origin(schema, location, self.scope)

    def made(self, schema: Json, *path: str) -> "Origin":
        """Return a schema that is derived from the one at a path within this one."""
        return Origin(schema, "/".join([self.location, *map(escaped, path)]), self.scope)


class Origins:
    """The schemas of a translation, by pointer and by reference."""

    def __init__(self, translation: Translation) -> None:
        """Take the translation."""
        self._translation = translation
        self.negations: dict[tuple[int, tuple[str, ...]], tuple[Origin, ...]] = {}
        """The known negations of schemas, by their keys."""

    def root(self, pointer: str) -> Origin:
        """Return the schema at a JSON pointer of the document; raises KeyError if there is none."""
        return self.at(unquote(self._translation.location(pointer)))

    def source(self, location: str) -> str:
        """Return the pointer in the document of a location in the translation."""
        return self._translation.source(location)

    def followed(self, origin: Origin) -> Origin:
        """Return the schema that one leads to that is a reference and nothing else."""
        seen = set()
        while isinstance(origin.schema, dict) and origin.schema.keys() == {"$ref"} and origin.key not in seen:
            seen.add(origin.key)
            origin = self.referred(origin)[0]
        return origin

    def referred(self, origin: Origin) -> list[Origin]:
        """Return the schemas that a schema refers to: by `$ref`, and by `$dynamicRef`."""
        found = []
        if isinstance(reference := origin.schema.get("$ref"), str):
            found.append(self.at(unquote(reference), origin.scope))
        if isinstance(reference := origin.schema.get("$dynamicRef"), str):
            found.append(self.at(self._dynamic(unquote(reference), origin.scope), origin.scope))
        return found

    def _dynamic(self, reference: str, scope: tuple[str, ...]) -> str:
        """Return the location of the outermost schema that has the dynamic anchor of a reference."""
        base, _, name = reference.partition("#")
        anchors = self._translation.dynamic_anchors()
        if (base, name) not in anchors:
            return reference
        outermost = next((each for each in scope if (each, name) in anchors), base)
        return anchors[outermost, name]

    def discriminated(self, name: str) -> list[str]:
        """Return the locations that a value of a discriminator may mean."""
        return sorted(unquote(each) for each in self._translation.discriminated(name))

    def at(self, location: str, scope: tuple[str, ...] = ()) -> Origin:
        """Return the schema at a location, to which a reference led in a dynamic scope."""
        base = location.partition("#")[0]
        if self._translation.dynamic_anchors() and base not in scope:
            scope = (*scope, base)
        if "#" not in location:
            location = f"{location}#"
        return Origin(self._translation.schema(location), location, scope)
