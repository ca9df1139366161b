"""The JSON types that schemas admit together."""

from collections.abc import Sequence

from eqkit.answers.generating.origins import Origin
from eqkit.contract.document import Json

KINDS = ("object", "array", "string", "integer", "number", "boolean", "null")
CONTAINERS = ("object", "array")

_IMPLIED = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties",
               "maxProperties", "propertyNames", "dependentRequired", "unevaluatedProperties"),
    "array": ("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"),
    "string": ("pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip
"""The keywords of a schema without `type` that speak of one type."""

_NUMERIC_FORMATS = {
    "int32": "integer", "int64": "integer", "float": "number", "double": "number", "decimal": "number",
}  # fmt: skip


def kinds_of(conjuncts: Sequence[Origin]) -> tuple[str, ...]:
    """Return the types that all schemas admit, in the order in which they are to be tried.

    Where no schema states a type, those come first that its keywords speak of.
    """
    admitted = [*KINDS]
    is_stated = False
    for conjunct in conjuncts:
        if "type" in conjunct.schema:
            stated = _stated(conjunct.schema["type"])
            # The order of the list that admits the least is the author's.
            admitted = [
                each for each in (admitted if is_stated else stated) if each in admitted and each in stated
            ]
            is_stated = True
    if "number" in admitted and "integer" in admitted:
        admitted.remove("integer")
    if is_stated:
        return tuple(admitted)
    implied = [kind for conjunct in conjuncts for kind in _implied(conjunct.schema)]
    first = [*dict.fromkeys(each for each in implied if each in admitted)]
    return (*first, *(each for each in ("string", *admitted) if each not in first))


def _stated(types: Json) -> list[str]:
    stated = [each for each in (types if isinstance(types, list) else [types]) if isinstance(each, str)]
    return [*stated, "integer"] if "number" in stated and "integer" not in stated else stated


def _implied(schema: dict[str, Json]) -> list[str]:
    numeric = _NUMERIC_FORMATS.get(str(schema.get("format")))
    if numeric is not None:
        return [numeric]
    return [kind for kind, keywords in _IMPLIED.items() if any(each in schema for each in keywords)]
