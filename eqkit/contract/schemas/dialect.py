"""Schemas of every dialect as JSON Schema 2020-12, keyword by keyword, each where it stands in the source.

A translated keyword stands at the pointer of its source; where it can't, `Moves` keeps account of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from eqkit.contract.document import Json
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.formats import asserted

ONE = frozenset(
    (
        "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames",
        "then", "unevaluatedItems", "unevaluatedProperties",
    )
)  # fmt: skip
MANY = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
NAMED = frozenset(("$defs", "definitions", "dependentSchemas", "patternProperties", "properties"))
"""The keywords that hold one schema, a list of schemas, and schemas by name."""

_SINCE_DRAFT_6 = frozenset(
    (
        "$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "const", "contains", "contentSchema",
        "dependentRequired", "dependentSchemas", "else", "if", "maxContains", "minContains", "prefixItems",
        "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    )
)  # fmt: skip
"""Keywords that the draft which OpenAPI 3.0 is made of does not know, and so does not obey."""

_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


class Dialect(StrEnum):
    """The dialects of JSON Schema that documents are written in, as far as they differ in meaning."""

    OPENAPI_3_0 = "openapi-3.0"
    DRAFT_4 = "draft-04"
    DRAFT_7 = "draft-07"
    DRAFT_2019 = "2019-09"
    DRAFT_2020 = "2020-12"

    @property
    def ignores_siblings(self) -> bool:
        """Whether the dialect ignores keywords beside `$ref`."""
        return self in (Dialect.OPENAPI_3_0, Dialect.DRAFT_4, Dialect.DRAFT_7)

    @property
    def is_old(self) -> bool:
        """Whether the dialect is made of draft 4, with fewer keywords and boolean bounds."""
        return self in (Dialect.OPENAPI_3_0, Dialect.DRAFT_4)

    @classmethod
    def of(cls, identifier: str, otherwise: "Dialect") -> "Dialect":
        """Return the dialect that a `$schema` names; `otherwise` for an unknown one."""
        known = (
            ("draft-03", cls.DRAFT_4), ("draft-04", cls.DRAFT_4), ("draft-06", cls.DRAFT_7),
            ("draft-07", cls.DRAFT_7), ("2019-09", cls.DRAFT_2019), ("2020-12", cls.DRAFT_2020),
        )  # fmt: skip
        return next((dialect for name, dialect in known if name in identifier), otherwise)


@dataclass
class Moves:
    """Keywords that stand elsewhere in the translation than in the source, by location: ``URI#/pointer``.

    An entry speaks of a location and all below it; one that ends in a slash, of those below alone.
    """

    _forth: dict[str, str] = field(default_factory=dict)
    _back: dict[str, str] = field(default_factory=dict)

    def add(self, source: str, target: str) -> None:
        """Keep that a keyword at `source` stands at `target` in the translation."""
        self._forth[source] = target
        self._back[target] = source

    def add_origin(self, target: str, source: str) -> None:
        """Keep that `target` in the translation says the same as `source` in another way."""
        self._back[target] = source

    def translated(self, location: str) -> str:
        """Return the location in the translation of a location in the source."""
        return _replaced(location, self._forth)

    def source(self, location: str) -> str:
        """Return the location in the source of a location in the translation."""
        return _replaced(location, self._back)


def _replaced(location: str, moved: Mapping[str, str]) -> str:
    end = len(location) if moved else -1
    while end > 0:
        prefix = location[:end]
        if prefix in moved:
            return moved[prefix] + location[end:]
        if end < len(location) and f"{prefix}/" in moved:
            return moved[f"{prefix}/"] + location[end + 1 :]
        end = location.rfind("/", 0, end)
    return location


@dataclass
class Reshaped:
    """The keywords of one schema as 2020-12 has them, and which keyword of the source each stands for.

    The schemas within it are not translated yet.
    """

    keywords: dict[str, Json]
    origins: dict[str, str] = field(default_factory=dict)
    admits_null_besides: bool = False
    """Whether null is allowed beside all that the keywords allow."""


def reshaped(schema: Mapping[str, Json], dialect: Dialect, direction: Direction) -> Reshaped:
    """Return the keywords of a schema of a dialect for values of one direction.

    The service is held to its promises (``x-promised``), too.
    """
    if dialect.ignores_siblings and isinstance(schema.get("$ref"), str):
        return Reshaped({"$ref": schema["$ref"]})
    shape = Reshaped(dict(schema))
    found = shape.keywords
    found.pop("$schema", None)
    if dialect.is_old:
        for name in _SINCE_DRAFT_6 & found.keys():
            del found[name]
    if direction is Direction.RESPONSE and isinstance(schema.get("x-promised"), dict):
        found |= schema["x-promised"]
        shape.origins |= {name: f"x-promised/{name}" for name in schema["x-promised"]}
    if "x-patternProperties" in found and "patternProperties" not in found:
        _rename(shape, "x-patternProperties", "patternProperties")
    if dialect is not Dialect.DRAFT_2020:
        _reshape_old(shape)
    if dialect is Dialect.OPENAPI_3_0 and found.get("nullable") is True:
        _admit_null(shape)
    _assert_format(shape)
    return shape


def _rename(shape: Reshaped, old: str, new: str) -> None:
    shape.keywords[new] = shape.keywords.pop(old)
    shape.origins[new] = shape.origins.get(old, old)


def _reshape_old(shape: Reshaped) -> None:
    """Put keywords of earlier drafts as the ones that they became."""
    found = shape.keywords
    for exclusive, bound in _BOUNDS.items():
        if isinstance(found.get(exclusive), bool) and found.pop(exclusive) and bound in found:
            _rename(shape, bound, exclusive)
    dependencies = found.get("dependencies")
    if isinstance(dependencies, dict):
        lists = {name: each for name, each in dependencies.items() if isinstance(each, list)}
        schemas = {name: each for name, each in dependencies.items() if name not in lists}
        for keyword, named in (("dependentRequired", lists), ("dependentSchemas", schemas)):
            if named:
                found[keyword] = {**found.get(keyword, {}), **named}
                shape.origins[keyword] = "dependencies"
    beyond = found.pop("additionalItems", None)
    if isinstance(found.get("items"), list):
        _rename(shape, "items", "prefixItems")
        if not found["prefixItems"]:
            del found["prefixItems"]
        if beyond is not None:
            found["items"] = beyond
            shape.origins["items"] = "additionalItems"


def _admit_null(shape: Reshaped) -> None:
    """Admit null.

    Beside `allOf` alone `nullable` has no effect by the letter of OpenAPI 3.0.3, and is written to have one:
    there is no other way to say it of a reference.
    """
    found = shape.keywords
    if isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
        if isinstance(found.get("enum"), list) and None not in found["enum"]:
            found["enum"] = [*found["enum"], None]
    elif "allOf" in found:
        shape.admits_null_besides = True


def _assert_format(shape: Reshaped) -> None:
    checked = asserted(shape.keywords)
    if checked is not None:
        parts = shape.keywords.get("allOf", [])
        if isinstance(parts, list):
            shape.keywords["allOf"] = [*parts, checked]
            shape.origins[f"allOf/{len(parts)}"] = "format"
