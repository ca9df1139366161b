"""Our own keywords that stand for those of JSON Schema: ``x-patternProperties`` and ``x-promised``.

A schema of an answer is open, so that no generated client refuses tomorrow's error code. ``x-promised`` holds
the keywords that bind the service alone; they replace those of the schema that it stands in.
``x-patternProperties`` is the `patternProperties` of JSON Schema, which OpenAPI 3.0 does not have; the
name is that of openapi-schema-to-json-schema and Redocly.
"""

from eqkit.contract.document import Json

PATTERNS = "x-patternProperties"


def with_patterns(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a schema with its own patterns as JSON Schema writes them; those within it stay as they are."""
    return {**schema, "patternProperties": schema[PATTERNS]} if PATTERNS in schema else schema


def with_promise(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a schema with its own promise put in; those within it stay as they are."""
    promised = schema.get("x-promised")
    return {**schema, **promised} if isinstance(promised, dict) else schema
