"""The promises of a service: what its own answers keep to, beyond what a reader may insist on.

A schema of an answer is open, so that no generated client refuses tomorrow's error code. ``x-promised`` holds
the keywords that bind the sender alone; they replace those of the schema that it stands in.
"""

from eqkit.contract.document import Json

ONE = ("items", "not", "additionalProperties")
MANY = ("allOf", "anyOf", "oneOf")
"""Keywords that hold one schema, and those that hold several."""


def with_promise(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a schema with its own promise put in; those within it are left as they are."""
    promised = schema.get("x-promised")
    return {**schema, **promised} if isinstance(promised, dict) else schema


def as_promised(schema: Json) -> Json:
    """Return a schema without references as it binds the service: every promise within it put in."""
    if not isinstance(schema, dict):
        return schema
    copy = dict(with_promise(schema))
    if isinstance(copy.get("properties"), dict):
        copy["properties"] = {name: as_promised(each) for name, each in copy["properties"].items()}
    for keyword in ONE:
        if keyword in copy:
            copy[keyword] = as_promised(copy[keyword])
    for keyword in MANY:
        if isinstance(copy.get(keyword), list):
            copy[keyword] = [as_promised(each) for each in copy[keyword]]
    return copy
