"""Our own keywords of schemas: ``x-max-bytes``, ``x-patternProperties`` and ``x-promised``.

A schema of an answer is open, so that no generated client refuses tomorrow's error code. ``x-promised`` holds
the keywords that bind the service alone; they replace those of the schema that it stands in.
``x-patternProperties`` is the `patternProperties` of JSON Schema, which OpenAPI 3.0 does not have; the
name is that of openapi-schema-to-json-schema and Redocly.
"""

from eqkit.contract.document import Json

PATTERNS = "x-patternProperties"


class MaxBytes:
    """The keyword ``x-max-bytes``: the longest UTF-8 form of a string (ruling B3)."""

    def __init__(self, parent_schema: dict[str, Json], value: int, schema_path: list[str | int]) -> None:
        self._limit = value

    def validate(self, instance: Json) -> None:
        """Raise ValueError for a string that is too long."""
        if isinstance(instance, str) and len(instance) * 4 > self._limit < len(instance.encode()):
            raise ValueError(f"longer than {self._limit} bytes")


def with_patterns(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a schema with its own patterns as JSON Schema writes them; those within it stay as they are."""
    return {**schema, "patternProperties": schema[PATTERNS]} if PATTERNS in schema else schema


def with_promise(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a schema with its own promise put in; those within it stay as they are."""
    promised = schema.get("x-promised")
    return {**schema, **promised} if isinstance(promised, dict) else schema
