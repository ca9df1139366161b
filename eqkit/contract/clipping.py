"""The parts of a value that a schema looks at: the rest is left out where it would keep others waiting."""

from eqkit.contract.document import Json

_CONTAINERS = {dict: "object", list: "array"}
_LOOKS_WITHIN = frozenset(("allOf", "anyOf", "oneOf", "enum", "const", "dependencies"))
"""Keywords that may look into a member that `properties` does not name."""


def clipped(value: Json, schema: dict[str, Json] | bool) -> Json:
    """Return a value without the items beyond a `maxItems`, nor those of members that no rule looks into.

    A million items take minutes to explain, and half a second to be handed to the validator, in which nobody
    else is answered. A container where another type is wanted, and one under a name that an open object does
    not know, break the same rules when they are empty.
    """
    if isinstance(schema, bool) or not isinstance(value, dict | list):
        return value
    is_open, wanted = _is_open(schema), schema.get("type")
    if is_open and isinstance(wanted, str) and wanted != _CONTAINERS[type(value)]:
        return type(value)()
    if isinstance(value, dict) and "properties" in schema:
        known, unknown = schema["properties"], {"type": "null"} if is_open else True
        return {name: clipped(member, known.get(name, unknown)) for name, member in value.items()}
    if isinstance(value, list) and "maxItems" in schema:
        return [clipped(item, schema.get("items", {})) for item in value[: schema["maxItems"] + 1]]
    return value


def _is_open(schema: dict[str, Json]) -> bool:
    """Tell a schema that looks into no member but by its `properties`."""
    denied = schema.get("not", {})
    return (
        _LOOKS_WITHIN.isdisjoint(schema)
        and isinstance(schema.get("additionalProperties", True), bool)
        and all(each in (True, {}) for each in schema.get("patternProperties", {}).values())
        and isinstance(denied, dict)
        and denied.keys() <= {"required"}
    )
